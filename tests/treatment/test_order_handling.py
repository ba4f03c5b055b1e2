"""From the signature to the patient's door, and what stops it on the way (I2, I4, I9, policy sections 4, 8 and 10)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.audit.services import label_of
from harmoniously.core.notifications import dispatch, guards
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel, Notification, Urgency
from tests import cast
from tests.cast import PLAN
from tests.treatment.conftest import START, refused
from treatment import selectors, services
from treatment.models import CheckIn, DoseSession, Handover, Pause, Prescription, Shipment, SupplyFlag
from treatment.rules.adverse import Assessment
from treatment.selecting.stops import stops_of
from treatment.services import adverse

HOUR = timedelta(hours=1)


def history(row) -> list[str]:
    return list(StatusChange.objects.filter(subject=label_of(row)).values_list("after", flat=True))


def reminders(*, state="pending"):
    return Notification.objects.filter(template="session_reminder", state=state)


def reported(patient, term, now):
    told = adverse.Told(Assessment(term, now - HOUR), "It hurt.")
    return adverse.report_event(patient=patient, token=uuid4(), told=told, by=patient.user, now=now)


def read(event, by, now):
    """A prescriber's word about a report."""
    step = adverse.Step(event.assessment, "Called the patient.")
    return adverse.follow_up(event=event, version=event.version, step=step, by=by, now=now)


def test_an_order_goes_step_by_step_and_every_second_click_does_nothing(case, coordinator, therapist):
    order = case.signed()
    parcel = Shipment.objects.get()
    by, track = case.prescriber.user, {"shipment": parcel, "by": coordinator, "now": START}
    # Nothing is filled that was not handed over.
    assert refused(services.note_filled, **track) == "not_sent"
    token = uuid4()
    assert refused(case.handed, prescription=order, reference=" ") == "reference_missing"
    assert refused(case.handed, prescription=order, method="phone", reference="") == "to_whom_missing"
    for _click in range(2):
        case.handed(order, form_token=token)
    assert Handover.objects.count() == 1
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Handover.objects.update(method="phone")
    with pytest.raises(PermissionDenied):
        services.note_filled(shipment=parcel, by=therapist.user, now=START)
    services.note_filled(**track)
    services.note_filled(**track)
    assert refused(services.note_shipped, carrier=" ", tracking="", **track) == "carrier_missing"
    services.note_shipped(carrier="UPS", tracking="1Z9", **track)
    services.note_shipped(carrier="FedEx", tracking="other", **track)
    # What has left cannot be called back.
    assert refused(services.cancel_prescription, prescription=order, reason="mistake", by=by, now=START) == "moved"
    assert refused(case.handed, prescription=order) == "raced"
    services.note_delivered(received_by="Front desk", **track)
    services.note_delivered(received_by="Somebody else", **track)
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier, parcel.tracking, parcel.received_by) == (
        "delivered",
        "UPS",
        "1Z9",
        "Front desk",
    )
    assert history(order) == ["signed", "sent", "filled", "shipped", "delivered"]
    assert history(parcel) == ["filled", "shipped", "delivered"]


def test_a_pause_ends_sessions_and_reminders_at_once_and_nothing_ships(case, other_patient):
    order = case.planned()[0].prescription
    by, pause = case.prescriber.user, {"prescription": order, "reason": "side_effects", "now": START}
    assert refused(services.pause_prescription, note=" ", by=by, **pause) == "note_missing"
    with pytest.raises(PermissionDenied):
        services.pause_prescription(note="x", by=case.patient.user, **pause)
    for _click in range(2):
        services.pause_prescription(note="Dizzy for two days; blood test first.", by=by, **pause)
    assert Pause.objects.count() == 1
    assert {row.status for row in DoseSession.objects.all()} == {"cancelled"}
    assert not reminders().exists()
    ship = {"prescription": order, "units": 1, "by": by, "now": START}
    assert refused(services.order_shipment, **ship) == "paused"
    wishes = services.PlanWishes(hour=START.time().replace(hour=18))
    plan = {"prescription": order, "wishes": wishes, "by": case.patient.user}
    assert refused(services.plan_sessions, now=START, **plan) == "paused"
    resume = {"prescription": order, "by": by, "now": START + HOUR}
    assert refused(services.resume_prescription, reason="", **resume) == "reason_missing"
    alerts.open_case_hold(patient=case.patient, about="test", by=by, now=START)
    assert refused(services.resume_prescription, reason="Well again.", **resume) == "case_hold"
    alerts.end_case_hold(patient=case.patient, by=by, now=START)
    for _click in range(2):
        services.resume_prescription(reason="Blood test is normal.", **resume)
    assert history(order) == ["signed", "sent", "delivered", "paused", "delivered"]
    assert Pause.objects.get().resume_reason == "Blood test is normal."
    # Sessions can be planned anew.
    services.plan_sessions(now=START + HOUR, **plan)
    assert reminders().exists()


def test_a_paused_order_gives_way_to_a_new_one_and_a_stop_calls_the_parcel_off(case):
    order = case.signed()
    case.handed(order)
    by = case.prescriber.user
    services.pause_prescription(prescription=order, reason="other", note="Waiting for a letter.", by=by, now=START)
    track = {"shipment": Shipment.objects.get(), "by": by, "now": START}
    assert refused(services.note_filled, **track) == "paused"
    assert FollowUp.objects.filter(kind="parcel").count() == 1
    newer = case.signed(quantity_units=4)
    order.refresh_from_db()
    assert (order.status, Pause.objects.get().ended_by) == ("replaced", by)
    assert Shipment.objects.get(prescription=order).status == "cancelled"
    services.stop_prescription(prescription=newer, reason="safety", by=by, now=START)
    services.stop_prescription(prescription=newer, reason="safety", by=by, now=START)
    assert not Shipment.objects.exclude(status="cancelled").exists()
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.balances, ledger.total.shipped) == (True, 0)


def test_a_parcel_that_comes_after_the_end_is_in_the_ledger(case, coordinator):
    order = case.signed()
    case.handed(order)
    parcel, by = Shipment.objects.get(), case.prescriber.user
    services.note_shipped(shipment=parcel, carrier="UPS", tracking="", by=coordinator, now=START)
    services.stop_prescription(prescription=order, reason="safety", by=by, now=START)
    services.note_lost(shipment=parcel, by=coordinator, now=START)
    services.note_lost(shipment=parcel, by=coordinator, now=START)
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.total.unaccounted, ledger.balances) == (2, True)
    services.confirm_delivery(shipment=parcel, by=case.patient.user, now=START)
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.total.at_home, ledger.total.unaccounted, ledger.balances) == (2, 0, True)
    order.refresh_from_db()
    assert order.status == "stopped"


def test_a_parcel_that_had_left_before_it_was_called_off_is_recorded(case, coordinator):
    """I2: by the coordinator, who never reads what is in it; the ledger balances, the patient is to take nothing."""
    order, by, patient = case.signed(), case.prescriber.user, case.patient
    parcel = Shipment.objects.get()
    ship = {"shipment": parcel, "carrier": "UPS", "tracking": "", "by": coordinator, "now": START}
    case.handed(order)
    services.stop_prescription(prescription=order, reason="safety", by=by, now=START)
    assert refused(services.note_shipped, **ship) == "moved"
    assert refused(services.note_returned, shipment=parcel, by=coordinator, now=START) == "moved"
    # The patient can say that it came, before anybody has noted that it left.
    own, arrived = cast.signed_in(patient.user), reverse("treatment:arrived", args=[parcel.pk])
    assert "Did a parcel arrive all the same" in own.get(reverse("treatment:home")).content.decode()
    assert arrived in own.get(reverse("treatment:medicine")).content.decode()
    assert "Do not take it. Keep it locked away" in own.post(arrived, follow=True).content.decode()
    services.take_delivery_back(shipment=parcel, by=coordinator, now=START)
    told = Alert.objects.filter(kind="supply").count()
    client, page = cast.signed_in(coordinator), reverse("admin:parcel", args=[parcel.pk])
    for _click in range(2):
        shown = client.get(page).content.decode().partition("<main")[2]
        assert not [word for word in ("100 mg", "Lozenge", "2 unit") if word in shown]
        client.post(f"{page}shipped/", {"carrier": "UPS", "left_anyway": "True"})
    assert (told, Alert.objects.filter(kind="supply").count()) == (1, 2)
    assert not FollowUp.objects.filter(kind="parcel").exclude(state="closed").exists()

    def counts():
        ledger = selectors.ledger_of(patient)
        line = ledger.total
        assert ledger.balances
        return line.shipped, line.on_the_way, line.given_back, line.at_home

    assert counts() == (2, 2, 0, 0)
    said = own.get(reverse("treatment:home")).content.decode()
    assert "Do not take any of it" in said
    assert "This prescription has ended" in said
    for _click in range(2):
        client.post(f"{page}returned/")
    assert counts() == (2, 0, 2, 0)
    own.post(arrived)
    assert counts() == (2, 0, 0, 2)
    services.take_delivery_back(shipment=parcel, by=coordinator, now=START)
    assert counts() == (2, 0, 2, 0)

    second = case.signed()
    services.stop_prescription(prescription=second, reason="mistake", by=by, now=START)
    never = second.shipments.get()
    assert refused(services.note_shipped, **ship | {"shipment": never}, left_anyway=True) == "not_sent"
    assert refused(services.confirm_delivery, shipment=never, by=patient.user, now=START) == "not_sent"
    assert counts() == (2, 0, 2, 0)


def test_a_delivery_noted_by_mistake_is_taken_back(case, coordinator):
    """I2: until something of it was used; and nothing else is said to be noted meanwhile."""
    order = case.signed()
    parcel, patient = Shipment.objects.get(), case.patient.user
    arrive = {"shipment": parcel, "by": patient, "now": START}
    assert refused(services.confirm_delivery, **arrive) == "not_sent"
    case.handed(order)
    services.confirm_delivery(**arrive)
    track = {"shipment": parcel, "by": coordinator, "now": START}
    assert refused(services.note_filled, **track) == "moved"
    assert refused(services.note_shipped, carrier="UPS", tracking="", **track) == "moved"
    with pytest.raises(PermissionDenied):
        services.take_delivery_back(**arrive)
    for _click in range(2):
        services.take_delivery_back(**track)
    services.note_shipped(carrier="UPS", tracking="1Z9", **track)
    services.confirm_delivery(**arrive)
    assert history(order) == ["signed", "sent", "delivered", "sent", "filled", "shipped", "delivered"]
    assert history(parcel) == ["delivered", "ordered", "filled", "shipped", "delivered"]
    assert refused(services.note_lost, **track) == "moved"
    said = services.supply.Said("destroyed", 1)
    services.write_entry(prescription=order, said=said, form_token=uuid4(), by=patient, now=START)
    assert refused(services.take_delivery_back, **track) == "used"


def test_a_lost_parcel_counts_as_shipped(case, coordinator):
    """I2: a new one needs a new order."""
    order = case.signed(quantity_units=4, first_shipment_units=2)
    case.handed(order)
    parcel, by = Shipment.objects.get(), case.prescriber.user
    services.note_shipped(shipment=parcel, carrier="UPS", tracking="", by=coordinator, now=START)
    services.note_lost(shipment=parcel, by=coordinator, now=START)
    ship = {"prescription": order, "by": by, "now": START}
    assert refused(services.order_shipment, units=3, **ship) == "shipment_over_prescribed"
    services.order_shipment(units=2, **ship)


def test_no_reminder_goes_out_while_a_hold_is_open_and_none_after_a_stop(case, mailoutbox):
    """I4 with the dispatcher running: held reminders wait, those of a stopped treatment never go.

    Whatever stops the gate stops them (policy 9), a report and missing units as much as a hold.
    """
    session, patient = case.planned()[0], case.patient
    by = case.prescriber.user
    due = session.starts_at - timedelta(hours=24)

    def sent(now):
        dispatch.tick(now=now, channel="email")
        found = [mail for mail in mailoutbox if "what you planned" in mail.subject]
        mailoutbox.clear()
        return len(found)

    alerts.open_case_hold(patient=patient, about="test", by=by, now=START)
    assert sent(due + HOUR) == 0
    # Put off, and not asked about again with every tick.
    assert reminders().filter(about=f"session:{session.pk}", due_at=due, ready_at__gt=due + HOUR).exists()
    alerts.end_case_hold(patient=patient, by=by, now=START)
    hold = alerts.open_hold(patient=patient, level="moderate", about="test", by=by, now=START)
    assert sent(due + 2 * HOUR) == 0
    alerts.clear_hold(hold=hold, contact_note="Called.", safety_plan=PLAN, by=by, now=START)
    event = reported(patient, "chest_pain", due + 2 * HOUR)
    assert sent(due + 3 * HOUR) == 0
    lost = services.supply.Said("lost", 1)
    services.write_entry(
        prescription=session.prescription, said=lost, form_token=uuid4(), by=patient.user, now=due + 3 * HOUR
    )
    read(event, by, due + 3 * HOUR)
    assert sent(due + 4 * HOUR) == 0
    services.read_flag(flag=SupplyFlag.objects.get(), note="It fell into the sink.", by=by, now=due + 4 * HOUR)
    assert sent(due + 5 * HOUR) == 1
    services.stop_prescription(
        prescription=Prescription.objects.get(), reason="patient_wish", by=by, now=due + 5 * HOUR
    )
    assert sent(session.starts_at + timedelta(days=30)) == 0
    assert not reminders().exists()


def test_a_sign_that_does_not_open_stops_its_patient_and_nobody_elses_alert(case, mailoutbox, monkeypatch):
    """I3, I4: what cannot be read counts as a stop; the clinicians' safety messages of the same round go out."""
    session, patient = case.planned()[0], case.patient
    by, due = case.prescriber.user, session.starts_at - timedelta(hours=23)
    services.order_shipment(prescription=session.prescription, units=1, by=by, now=START)
    row = CheckIn.objects.create(
        patient=patient, kind="scores", day=START.date(), due_at=START, second_reminder_at=START + HOUR,
        follow_up_at=START + 2 * HOUR, policy_version="2026.1", flagged=True, flagged_at=START,
    )  # fmt: skip
    event = reported(patient, "headache", START)

    def spoil(unread, column):
        with connection.cursor() as cursor:
            table = unread._meta.db_table
            cursor.execute(f"UPDATE {table} SET {column} = 'v1:gone:AAAA' WHERE id = %s", [unread.pk])
        return "sign_to_review" in stops_of(patient, now=START)

    def sent(key):
        notifications.schedule(
            template="staff_alert", recipient=by, channel=Channel.EMAIL, due_at=due, dedupe_key=key, about=key,
            variables={"link": "/admin/", "when": due}, urgency=Urgency.SAFETY, now=due,
        )  # fmt: skip
        dispatch.tick(now=due, channel="email")
        Notification.objects.filter(template="session_reminder").update(ready_at=due)
        return Notification.objects.get(dedupe_key=key).state, reminders(state="sent").count()

    assert stops_of(patient, now=START) == frozenset()
    assert spoil(row, "flags")
    assert sent("alert:1") == ("sent", 0)
    services.tick(now=due)
    assert FollowUp.objects.filter(kind="parcel").count() == 1
    CheckIn.objects.filter(pk=row.pk).update(reviewed_at=due)
    assert stops_of(patient, now=START) == frozenset()
    assert spoil(event, "judgement")
    assert sent("alert:2") == ("sent", 0)
    monkeypatch.setitem(guards._GUARDS, "session", lambda _keys, _at: 1 / 0)  # whatever else may break
    assert sent("alert:3") == ("sent", 0)


def test_a_hold_that_comes_while_the_dispatcher_prepares_still_stops_the_reminder(case, mailoutbox, monkeypatch):
    """Between the first look and the call: the second look, in the transaction that writes the intent."""
    session = case.planned()[0]
    prepare = dispatch.prepare

    def prepare_then_hold(rows, *, at):
        found = prepare(rows, at=at)
        if any(row.about == f"session:{session.pk}" for row in rows):
            alerts.open_case_hold(patient=case.patient, about="test", by=case.prescriber.user, now=START)
        return found

    monkeypatch.setattr(dispatch, "prepare", prepare_then_hold)
    dispatch.tick(now=session.starts_at - timedelta(hours=23), channel="email")
    assert not [mail for mail in mailoutbox if "what you planned" in mail.subject]


def test_a_stop_that_dies_half_way_leaves_everything_as_it_was(case, monkeypatch):
    order = case.planned()[0].prescription
    monkeypatch.setattr("treatment.services.ending.parcels.call_off", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.stop_prescription(prescription=order, reason="safety", by=case.prescriber.user, now=START)
    order.refresh_from_db()
    assert order.status == "delivered"
    assert reminders().exists()
    assert {row.status for row in DoseSession.objects.all()} == {"scheduled"}
