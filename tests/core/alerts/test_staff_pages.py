"""The pages of alerts, holds and the worklist: who may open them, what they show, what their forms do."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from harmoniously.core.alerts import staff_views
from harmoniously.core.alerts.duty_models import DutyException
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus, FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.alerts.plans import write_plan
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.alerts.services import (
    acknowledge,
    escalate_due,
    lift_incomplete_hold,
    open_follow_up,
    open_hold,
    raise_alert,
)
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from tests import cast
from tests.cast import PLAN
from tests.core.alerts.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(patient) -> Alert:
    return raise_alert(
        kind=AlertKind.SUICIDE_RISK_HIGH, patient=patient, about="submission:1", dedupe_key="a", by=SYSTEM, now=NOW
    )


@pytest.fixture
def hold(patient):
    return open_hold(patient=patient, level="moderate", about="submission:1", by=SYSTEM, now=NOW)


@pytest.fixture
def follow_up(patient) -> FollowUp:
    return open_follow_up(
        kind=FollowUpKind.CHECK_IN_OVERDUE, patient=patient, about="checkin:1", dedupe_key="f", due_at=NOW, by=SYSTEM,
        now=NOW,
    )  # fmt: skip


def page(client, name: str, *args) -> str:
    response = client.get(reverse(f"admin:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_names_some_of_the_patients_on_a_hold_those_at_high_risk_first(
    hold, other_patient, prescriber, monkeypatch
):
    """In a large practice there are thousands: each stands on one page, and only who is shown stands in the trail."""
    monkeypatch.setattr(staff_views, "PAGE_SIZE", 1)
    newer = open_hold(patient=other_patient, level="high", about="x", by=SYSTEM, now=NOW + timedelta(days=1))
    client, found = cast.signed_in(prescriber.user), []
    for number in (1, 2):
        body = client.get(reverse("admin:alerts"), {"holds": number}).content.decode()
        found.append(re.findall(r"/admin/holds/([-0-9a-f]{36})/", body))
        shown = AuditEvent.objects.filter(action="alerts.listed").latest("id").facts["patients"]
        assert len(shown) == 1
    assert found == [[str(newer.pk)], [str(hold.pk)]]


def test_the_link_in_the_message_is_the_page(alert) -> None:
    assert reverse("admin:alert_detail", args=[alert.pk]) == f"/admin/alerts/{alert.pk}/"


def test_a_clinician_sees_what_it_is(alert, prescriber_client) -> None:
    # UX-13: it stands on every page until somebody takes it.
    anywhere = page(prescriber_client, "schedule")
    assert all(words in anywhere for words in ("1 alert waits", f"/admin/alerts/{alert.pk}/"))
    assert "High suicide risk" in page(prescriber_client, "alerts")
    assert "High suicide risk" in page(prescriber_client, "alert_detail", alert.pk)


def test_a_coordinator_sees_that_help_is_needed_and_not_why(alert, coordinator_client) -> None:
    anywhere = page(coordinator_client, "schedule")
    assert "1 alert waits" in anywhere and "Robin" not in anywhere and "uicid" not in anywhere
    for text in (page(coordinator_client, "alerts"), page(coordinator_client, "alert_detail", alert.pk)):
        assert "Robin" in text and "(555) 010-0123" in text
        assert "uicid" not in text.replace("Suicide &amp; Crisis", "").replace("Suicide and Crisis", "")


def test_the_emergency_contact_is_shown_only_when_nobody_on_call_answers(alert, on_call, prescriber_client) -> None:
    Alert.objects.update(list_exhausted_at=None)
    assert "Sam Example" not in page(prescriber_client, "alert_detail", alert.pk)
    escalate_due(now=clock.now())
    assert "Sam Example" in page(prescriber_client, "alert_detail", alert.pk)


def test_acknowledge_and_resolve(alert, prescriber, prescriber_client, coordinator_client, administrator) -> None:
    taken = prescriber_client.post(reverse("admin:acknowledge_alert", args=[alert.pk]), {"note": "Calling now."})
    assert taken.status_code == 302
    assert "Calling now." in page(prescriber_client, "alert_detail", alert.pk)
    assert "waits for a person" not in page(prescriber_client, "schedule")
    # Taken and left silent, it stands on every page again, on the list and for the administrators, with who has it.
    Alert.objects.update(acknowledged_at=clock.now() - timedelta(minutes=16))
    for client, name in ((coordinator_client, "schedule"), (prescriber_client, "index")):
        text = page(client, name)
        assert "1 alert was taken" in text and f"/admin/alerts/{alert.pk}/" in text
    assert "Not reached" in page(prescriber_client, "alerts")
    duty = page(cast.signed_in(administrator), "on_call")
    telephone = page(cast.signed_in(administrator), "index")  # who takes none is led to whom to telephone
    assert "1 alert was taken" in telephone and f"/admin/alerts/{alert.pk}/" not in telephone
    assert (
        prescriber.display_name in duty.split("nobody has reached the patient")[1].split("</ul>")[0]
        and "Robin" not in duty
    )
    # Policy 4: somebody in danger must have been reached; the page leads there step by step.
    refused = prescriber_client.post(reverse("admin:resolve_alert", args=[alert.pk]), {"note": "Reached."})
    assert refused.status_code == 422 and "Record a contact first" in refused.content.decode()
    assert 'name="shown_at" value="20' in page(prescriber_client, "alert_detail", alert.pk)
    address = reverse("admin:alert_contact", args=[alert.pk])
    known = {"how": "call", "reached": "yes", "words": "", "key": "00000000-0000-4000-8000-000000000001"}
    assert prescriber_client.post(address, known).status_code == 422
    prescriber_client.post(address, known | {"words": "Is safe with a friend."})
    # Another text on the page that was sent already is no second click: it is kept, for an attempt of its own.
    again = prescriber_client.post(address, known | {"words": "Called once more."})
    assert again.status_code == 409 and "Called once more." in again.content.decode()
    assert known["key"] not in again.content.decode() and "Is safe with a friend." in again.content.decode()
    assert "Is safe with a friend." in page(prescriber_client, "alert_detail", alert.pk)
    assert "Is safe with a friend." not in page(coordinator_client, "alert_detail", alert.pk)
    prescriber_client.post(reverse("admin:resolve_alert", args=[alert.pk]), {"note": "Reached."})
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RESOLVED
    late = known | {"words": "Rang once more.", "key": "00000000-0000-4000-8000-000000000002"}
    too_late = prescriber_client.post(address, late)  # nothing that was typed is lost
    assert too_late.status_code == 409 and "Rang once more." in too_late.content.decode()
    assert "Reached." in page(prescriber_client, "alert_detail", alert.pk)


def test_without_a_note_nothing_happens_and_the_page_says_so(alert, prescriber_client) -> None:
    response = prescriber_client.post(reverse("admin:acknowledge_alert", args=[alert.pk]), {"note": ""})
    assert response.status_code == 422
    assert Alert.objects.get().status == AlertStatus.OPEN


def test_taking_what_a_colleague_took_is_refused_in_words(alert, prescriber_client, coordinator_client) -> None:
    address = reverse("admin:acknowledge_alert", args=[alert.pk])
    coordinator_client.post(address, {"note": "Mine."})
    answer = prescriber_client.post(address, {"note": "Mine too."}, follow=True)
    assert answer.status_code == 409
    assert all(words in answer.content.decode() for words in ("Reload the page", "Mine too."))
    assert Alert.objects.get().acknowledgement_note == "Mine."


def page_of(client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_hold_is_cleared_with_both_records(
    hold, patient, prescriber, prescriber_client, patient_client, other_client
) -> None:
    opened = page(prescriber_client, "safety_hold", hold.pk)
    assert "Moderate suicide risk" in opened and 'name="shown_at" value="20' in opened
    address = reverse("admin:safety_hold", args=[hold.pk])
    half = prescriber_client.post(address, {"contact_note": "Spoke at noon.", **PLAN, "helpers": "", "plan_seen": 0})
    assert half.status_code == 422 and "Spoke at noon." in half.content.decode()
    assert active_hold(patient) is not None
    # A page that does not know of tonight's answer ends nothing, and loses nothing that was written.
    told = {"contact_note": "Spoke at noon.", **PLAN, "environment": "Sister stays.", "plan_seen": 0}
    open_hold(patient=patient, level="high", about="submission:2", by=SYSTEM, now=NOW)
    stale = prescriber_client.post(address, {**told, "seen": "moderate -"})
    assert (stale.status_code, active_hold(patient) is None) == (409, False)
    assert "Sister stays." in stale.content.decode()
    found = re.search(r'name="seen" value="([^"]*)"', stale.content.decode())
    # Safety questions left open since then are named, and hold on by themselves until they are answered.
    open_hold(patient=patient, level="incomplete", about="submission:3", by=SYSTEM, now=clock.now())
    stale = prescriber_client.post(address, {**told, "seen": found[1]})
    assert (stale.status_code, "Left unanswered" in stale.content.decode()) == (409, True)
    found = re.search(r'name="seen" value="([^"]*)"', stale.content.decode())
    there = prescriber_client.post(address, {**told, "seen": found[1]})["Location"]
    left = active_hold(patient)
    assert (left.level, there) == ("incomplete", reverse("admin:safety_hold", args=[left.pk]))
    # The words of a plan open to whoever cares for the patient, here as on the plan's own page, and that is recorded.
    for one in (hold, left):
        assert "Sister stays." not in page(prescriber_client, "safety_hold", one.pk)
    assert prescriber_client.post(reverse("admin:safety_hold", args=[left.pk]), told).status_code == 403
    cast.take_into_care(patient, prescriber)
    assert "Sister stays." in page(prescriber_client, "safety_hold", left.pk)
    assert AuditEvent.objects.filter(action="safety_plan.viewed", patient=patient.pk).exists()
    lift_incomplete_hold(patient=patient, by=patient.user, now=NOW)
    assert active_hold(patient) is None
    assert "Sister stays." in page(prescriber_client, "safety_hold", hold.pk)
    # The patient has it at once, with the numbers above it; nobody else does.
    own = patient_client.get("/safety-plan/").content.decode()
    assert own.index("tel:988") < own.index("Sister stays.") and "/safety-plan/" in page_of(patient_client, "/crisis/")
    assert "Sister stays." not in page_of(other_client, "/safety-plan/")
    # A new version begins with the words of the last one.
    assert "Sister stays." in page(prescriber_client, "safety_plan", patient.pk)
    plan = PLAN | {"environment": "Brother stays.", "plan_seen": 1}
    there = reverse("admin:safety_plan", args=[patient.pk])
    assert [prescriber_client.post(there, plan | {"coping": word}).status_code for word in ("", "Walk.")] == [422, 302]
    assert prescriber_client.post(there, plan).status_code == 409
    assert "Brother stays." in page_of(patient_client, "/safety-plan/")


def test_who_is_outside_the_care_gets_to_a_hold_with_a_plan_and_loses_no_word(
    hold, patient, prescriber, prescriber_client, coordinator_client
) -> None:
    write_plan(patient=patient, words=PLAN, by=prescriber.user, now=NOW)
    told = {"contact_note": "Spoke at noon.", **PLAN, "environment": "Sister stays.", "plan_seen": 0}
    there = reverse("admin:safety_hold", args=[hold.pk])
    assert "Take this patient into care" in page(prescriber_client, "safety_hold", hold.pk)
    ringing = raise_alert(kind="help_pressed", patient=patient, about="x:1", dedupe_key="x", by=SYSTEM, now=NOW)
    for words in (told, told | {"take": "1"}):
        refused = prescriber_client.post(there, words)
        text = refused.content.decode()
        assert refused.status_code == 403 and "Take the alert first" in text and "Spoke at noon." in text
        assert f"/admin/alerts/{ringing.pk}/" in text and PLAN["coping"] in text and "The plan as it" not in text
    # Once nothing rings, they take the patient on here; what was written stays, and is sent beside the plan.
    ended = {"acknowledged_at": NOW, "acknowledged_by": prescriber.user, "resolved_at": NOW, "status": "resolved"}
    Alert.objects.update(tell_next_at=None, resolved_by=prescriber.user, **ended)
    assert "Take this patient into care and go on" in prescriber_client.post(there, told).content.decode()
    assert coordinator_client.post(there, {"take": "1"}).status_code == 403
    taken = prescriber_client.post(there, told | {"take": "1", "contact_note": "Spoke again."})
    text = taken.content.decode()
    assert taken.status_code == 200 and "Spoke again." in text and "The plan as it stands" in text
    assert active_hold(patient) == hold and 'name="plan_seen" value="1"' in text
    assert prescriber_client.post(there, {"take": "1"}).status_code == 302
    opened = AuditEvent.objects.filter(action="care_relation.opened", patient=patient.pk)
    assert {event.facts["why"] for event in opened} == {"safety_hold"}
    seen = re.search(r'name="seen" value="([^"]*)"', page(prescriber_client, "safety_hold", hold.pk))
    assert prescriber_client.post(there, told | {"seen": seen[1], "plan_seen": 1}).status_code == 302
    assert active_hold(patient) is None
    assert prescriber_client.post(there, {"take": "1"}).status_code == 403


def test_a_coordinator_opens_no_hold(hold, coordinator_client) -> None:
    assert coordinator_client.get(reverse("admin:safety_hold", args=[hold.pk])).status_code in (403, 404)
    assert "safety plan" not in page(coordinator_client, "alerts")


def test_the_worklist_says_whom_to_reach(follow_up, coordinator_client) -> None:
    text = page(coordinator_client, "worklist")
    for word in ("Robin", follow_up.patient.mrn, "(555) 010-0123", "Did not answer the check-in"):
        assert word in text


def test_take_and_close(follow_up, coordinator, coordinator_client) -> None:
    coordinator_client.post(reverse("admin:follow_up_claim", args=[follow_up.pk]))
    assert "Casey Placeholder" in page(coordinator_client, "worklist")
    address = reverse("admin:follow_up_close", args=[follow_up.pk])
    assert coordinator_client.post(address, {"note": ""}).status_code == 422
    assert coordinator_client.post(address, {"note": "Called."}).status_code == 302
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.closed_by, follow_up.note) == (FollowUpState.CLOSED, coordinator, "Called.")
    assert "Robin" not in page(coordinator_client, "worklist").replace("Robin is off the list", "")
    assert "Called." in page(coordinator_client, "follow_up_close", follow_up.pk)


def test_reading_is_recorded(alert, follow_up, prescriber_client, coordinator_client) -> None:
    page(prescriber_client, "alert_detail", alert.pk)
    page(coordinator_client, "follow_up_close", follow_up.pk)
    page(coordinator_client, "worklist")
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"alert.viewed", "followup.viewed", "worklist.viewed"} <= actions


def test_i3_administrators_enter_the_rota_a_clinician_accepts(alert, on_call, prescriber_client, administrator) -> None:
    """Issue of the alarm: who is on call when, seen by everybody, with the alert that waits and without the patient."""
    admin = cast.signed_in(administrator)
    text = page(admin, "on_call")
    assert "1 alert waits" in text and "Robin" not in text and "uicid" not in text.replace("Suicide &amp; Crisis", "")
    days = [str(day) for day in range(7)]
    week = {"clinician": on_call[1].pk, "zone": "America/Denver", "weekdays": days, "starts": "00:00", "ends": "00:00"}
    # A page that was opened before a clinician took up another role enters nobody who may not take an alert.
    other = on_call[1].user
    for role, status in (("administrator", 422), (other.role, 302)):
        type(other).objects.filter(pk=other.pk).update(role=role)
        assert admin.post(reverse("admin:enter_duty_week"), week | {"ends": "12:00"}).status_code == status
    for end, status in (("x", 422), ("00:00", 302)):
        assert admin.post(reverse("admin:enter_duty_week"), week | {"ends": end}).status_code == status
    special = {
        "special-clinician": on_call[0].pk,
        "special-zone": "America/Denver",
        "special-starts_at": "2031-01-01T08:00",
    }
    for end, status in (("2031-01-01T07:00", 422), ("2031-01-02T08:00", 302)):
        answer = admin.post(reverse("admin:enter_duty_exception"), special | {"special-ends_at": end})
        assert answer.status_code == status
    assert "is not accepted yet" in page(prescriber_client, "on_call")
    prescriber_client.post(reverse("admin:accept_duty"))
    assert "You hold the duty" in page(prescriber_client, "on_call")
    entry = DutyException.objects.get()
    assert entry.starts_at.isoformat() == "2031-01-01T15:00:00+00:00"
    admin.post(reverse("admin:remove_duty", args=[entry.pk]))
    assert not DutyException.objects.exists()


def test_other_roles_are_kept_out(alert, follow_up, prescriber_client, administrator) -> None:
    admin_client = cast.signed_in(administrator)
    assert admin_client.get(reverse("admin:alert_detail", args=[alert.pk])).status_code == 403
    assert prescriber_client.get(reverse("admin:follow_up_close", args=[follow_up.pk])).status_code == 403


def test_no_page_of_the_alarm_takes_more_than_twelve_queries(
    alert, hold, on_call, patient, prescriber, prescriber_client, administrator, django_assert_max_num_queries
) -> None:
    for number in range(30):
        raise_alert(
            kind=AlertKind.CHECK_IN_FLAG, patient=patient, about="x:1", dedupe_key=f"q{number}", by=SYSTEM, now=NOW
        )
    acknowledge(alert=alert, by=prescriber.user, now=NOW, note="Calling.")
    desk, taken = cast.signed_in(administrator), alert.pk
    waits = Alert.objects.filter(status="open").first().pk
    for client, name, *args in (
        (prescriber_client, "alerts"),
        (prescriber_client, "alert_detail", waits),
        (prescriber_client, "alert_detail", taken),
        (prescriber_client, "safety_hold", hold.pk),
        (desk, "on_call"),
        (desk, "alert_times"),
        (desk, "index"),
    ):
        page(client, name, *args)
        with django_assert_max_num_queries(12):
            page(client, name, *args)
