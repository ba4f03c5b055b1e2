"""Calls to the pharmacy about a parcel that must not go out, and what arrives all the same (I3, policy 4 and 9)."""

from dataclasses import replace
from datetime import timedelta

from django.urls import reverse

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, FollowUp
from tests import cast
from tests.treatment.conftest import START, refused
from tests.treatment.test_order_handling import HOUR, read, reported
from treatment import services
from treatment.models import CheckIn, Shipment
from treatment.rules.adverse import Action, Causality, Outcome
from treatment.selecting.parcels import underway
from treatment.services import adverse, ticks

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def test_a_hold_calls_the_pharmacy_about_what_is_there_and_what_left_is_recorded(case, coordinator):
    """I3, policy 4 and 9: once for each hold and parcel; a parcel that left all the same is not lost sight of."""
    order, by = case.signed(), case.prescriber.user
    calls = FollowUp.objects.filter(kind="parcel")
    alerts.open_case_hold(patient=case.patient, about="test", by=by, now=START)
    services.tick(now=START)
    assert not calls.exists()  # no pharmacy has it
    alerts.end_case_hold(patient=case.patient, by=by, now=START)
    case.handed(order)
    services.tick(now=START)
    assert not calls.exists()
    alerts.open_case_hold(patient=case.patient, about="test", by=by, now=START + HOUR)
    for minutes in (60, 61):
        services.tick(now=START + timedelta(minutes=minutes))
    assert calls.get().about == f"shipment:{Shipment.objects.get().pk}"
    alerts.open_hold(patient=case.patient, level="high", about="test", by=by, now=START + 2 * HOUR)
    services.tick(now=START + 2 * HOUR)
    assert calls.count() == 2
    [(row, stopped)] = underway(coordinator, START + 2 * HOUR)
    assert stopped
    ship = {"shipment": row, "carrier": "UPS", "tracking": "", "by": coordinator, "now": START + 3 * HOUR}
    assert refused(services.note_shipped, **ship) == "safety_hold"
    assert services.note_shipped(**ship, left_anyway=True).status == "shipped"
    assert Alert.objects.filter(kind="supply", patient=case.patient).count() == 1
    services.tick(now=START + 4 * HOUR)
    assert calls.count() == 2


def test_a_wrong_click_loses_no_call_and_each_arrival_of_what_is_stopped_is_told(case, coordinator):
    """I3, policy 4: medicine at home of somebody whose treatment stands still; and the pharmacy goes on being asked."""
    order, by = case.signed(), case.prescriber.user
    case.handed(order)
    alerts.open_hold(patient=case.patient, level="high", about="test", by=by, now=START)
    services.tick(now=START)
    parcel, own = Shipment.objects.get(), cast.signed_in(case.patient.user)

    def stands():
        calls = FollowUp.objects.filter(kind="parcel").exclude(state="closed")
        return Shipment.objects.get().status, calls.exists(), Alert.objects.filter(kind="supply").count()

    def arrive_and_take_back(hours):
        now = START + hours * HOUR
        services.confirm_delivery(shipment=parcel, by=case.patient.user, now=now)
        arrived = stands()
        for _click in range(2):
            services.take_delivery_back(shipment=parcel, by=coordinator, now=now + HOUR / 2)
        return arrived, stands()

    assert stands() == ("ordered", True, 0)
    assert arrive_and_take_back(1) == (("delivered", False, 1), ("ordered", True, 1))
    assert arrive_and_take_back(2) == (("delivered", False, 2), ("ordered", True, 2))
    said = own.post(reverse("treatment:arrived", args=[parcel.pk]), follow=True).content.decode()
    assert "Do not take it. Keep it locked away" in said
    services.take_delivery_back(shipment=parcel, by=coordinator, now=START + 3 * HOUR)
    services.stop_prescription(prescription=order, reason="safety", by=by, now=START + 3 * HOUR)
    assert arrive_and_take_back(4) == (("delivered", False, 4), ("cancelled", True, 4))


def test_the_pharmacy_is_told_when_what_it_was_asked_to_keep_may_go(case, coordinator):
    """Nobody is asked to keep what may go; who called, or may have called, calls again when the stop has ended."""
    order, by, patient = case.signed(), case.prescriber.user, case.patient
    case.handed(order)
    parcel = Shipment.objects.get()

    def calls(hours):
        for minutes in (0, 1):
            ticks.stop_parcels(now=START + hours * HOUR + timedelta(minutes=minutes))
        return sorted(row.about.split(":")[0] for row in FollowUp.objects.exclude(state="closed"))

    def hold(hours):
        alerts.open_case_hold(patient=patient, about="test", by=by, now=START + hours * HOUR)
        return calls(hours)

    def end_hold(hours):
        alerts.end_case_hold(patient=patient, by=by, now=START + hours * HOUR)
        return calls(hours)

    assert (hold(1), end_hold(2)) == (["shipment"], [])  # nobody called yet
    assert hold(3) == ["shipment"]
    called = FollowUp.objects.exclude(state="closed").get()
    alerts.close_follow_up(follow_up=called, by=coordinator, now=START + 3 * HOUR, note="They keep it.")
    assert (calls(4), end_hold(5)) == ([], ["released"])
    client, task = cast.signed_in(coordinator), FollowUp.objects.exclude(state="closed").get()
    assert b"a parcel that may go now" in client.get(reverse("admin:worklist")).content
    page = reverse("admin:parcel", args=[parcel.pk])
    assert page in client.get(reverse("admin:follow_up_close", args=[task.pk])).content.decode()
    assert b"say that it may go" in client.get(page).content
    assert hold(6) == ["shipment"]
    alerts.claim_follow_up(follow_up=FollowUp.objects.exclude(state="closed").get(), by=coordinator, now=START)
    assert end_hold(7) == ["released"]
    services.stop_prescription(prescription=order, reason="safety", by=by, now=START + 8 * HOUR)
    assert b"say that it may go" not in client.get(page).content
    assert calls(8) == ["shipment"]
    services.note_shipped(
        shipment=parcel, carrier="UPS", tracking="", by=coordinator, now=START + 9 * HOUR, left_anyway=True
    )
    assert calls(9) == []


def test_whatever_stops_the_gate_calls_the_pharmacy_once(case, coordinator):
    """Policy 9, stop and refer: a report, and a check-in that nobody has read, stop what the pharmacy has."""
    order, by, patient = case.signed(), case.prescriber.user, case.patient
    case.handed(order)
    calls = FollowUp.objects.filter(kind="parcel")

    def called(hours):
        for minutes in (0, 1):
            services.tick(now=START + hours * HOUR + timedelta(minutes=minutes))
        [(_parcel, stopped)] = underway(coordinator, START + hours * HOUR)
        return calls.count(), stopped

    reported(patient, "headache", START)
    assert called(1) == (0, False)
    event = reported(patient, "psychosis", START + 2 * HOUR)
    assert called(2) == (1, True)
    event = read(event, by, START + 3 * HOUR)
    assert called(3) == (1, True), "a prescriber knows, and it goes on: the pharmacy was called already"
    over = adverse.Step(event.assessment, "Gone.", Outcome.RESOLVED)
    judged = replace(event.assessment, grade=2, causality=Causality.POSSIBLE, action=Action.UNCHANGED)
    event = adverse.follow_up(
        event=event, version=event.version, step=replace(over, assessment=judged), by=by, now=START + 4 * HOUR
    )
    assert called(4) == (1, False)
    read(event, by, START + 5 * HOUR)
    assert called(5) == (2, True), "it came back"
    adverse.dismiss(event=reported(patient, "fainting", START), version=1, text="None.", by=by, now=START + 6 * HOUR)
    CheckIn.objects.create(
        patient=patient, kind="scores", day=START.date(), due_at=START, second_reminder_at=START + HOUR,
        follow_up_at=START + 2 * HOUR, policy_version="2026.1", flagged=True, flagged_at=START + 6 * HOUR,
        flags=[{"code": "mania_signs", "facts": {}}],
    )  # fmt: skip
    assert called(7)[0] == 3


def test_a_parcel_that_does_not_leave_or_arrive_is_asked_about_once_for_each(case, coordinator):
    order = case.signed()
    services.tick(now=START + 9 * DAY)
    late = FollowUp.objects.filter(kind="shipment_late")
    assert not late.exists()  # no pharmacy has it
    case.handed(order)
    parcel = Shipment.objects.get()
    given = order.handovers.get().at
    for moment, count in ((given + 3 * DAY - SECOND, 0), (given + 3 * DAY, 1), (given + 4 * DAY, 1)):
        services.tick(now=moment)
        assert late.count() == count, moment
    assert late.get().due_at == given + 3 * DAY
    left = given + 4 * DAY
    services.note_shipped(shipment=parcel, carrier="UPS", tracking="", by=coordinator, now=left)
    assert late.get().state == "closed"
    for moment, count in ((left + 5 * DAY - SECOND, 1), (left + 5 * DAY, 2), (left + 6 * DAY, 2)):
        services.tick(now=moment)
        assert late.count() == count, moment
    page = cast.signed_in(coordinator).get(reverse("admin:worklist")).content.decode()
    assert reverse("admin:parcel", args=[parcel.pk]) in page
    services.confirm_delivery(shipment=parcel, by=case.patient.user, now=left + 6 * DAY)
    assert not late.exclude(state="closed").exists()


def test_nobody_hurries_on_what_has_to_stay_at_the_pharmacy(case):
    order, by = case.signed(), case.prescriber.user
    case.handed(order)
    alerts.open_case_hold(patient=case.patient, about="test", by=by, now=START + HOUR)
    services.tick(now=START + 4 * DAY)
    assert set(FollowUp.objects.values_list("kind", flat=True)) == {"parcel"}
    alerts.end_case_hold(patient=case.patient, by=by, now=START + 4 * DAY)
    services.tick(now=START + 4 * DAY + HOUR)
    late = FollowUp.objects.get(kind="shipment_late")
    alerts.open_case_hold(patient=case.patient, about="test", by=by, now=START + 4 * DAY + 2 * HOUR)
    services.tick(now=START + 4 * DAY + 3 * HOUR)
    late.refresh_from_db()
    assert late.state == "closed"
