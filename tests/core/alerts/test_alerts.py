"""Alerts ring until a person acknowledges them; nothing else ends them."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from harmoniously.core.accounts.models import CareRelation, User
from harmoniously.core.alerts import duty, rules, selectors, services
from harmoniously.core.alerts.contacts import SentBefore
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus
from harmoniously.core.alerts.selectors import silent
from harmoniously.core.alerts.services import acknowledge, escalate_due, raise_alert, resolve
from harmoniously.core.alerts.sweeping import sweep
from harmoniously.core.alerts.times import times
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.rounds import RowsFailed
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.models import Notification, Urgency
from tests import cast
from tests.core.alerts.conftest import NOW

pytestmark = pytest.mark.django_db


def ring(patient, kind=AlertKind.SUICIDE_RISK_HIGH, key="k", now=NOW) -> Alert:
    return raise_alert(kind=kind, patient=patient, about="submission:1", dedupe_key=key, by=SYSTEM, now=now)


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(template="staff_alert").order_by("created_at", "recipient__email", "channel")
    return [(row.recipient.email, row.channel) for row in rows]


def later(minutes: float):
    return NOW + timedelta(minutes=minutes)


def test_the_first_person_on_call_is_told_at_once_on_both_channels(patient, on_call) -> None:
    ring(patient)
    assert told() == [("prescriber@example.com", "email"), ("prescriber@example.com", "sms")]
    assert set(Notification.objects.values_list("urgency", flat=True)) == {Urgency.SAFETY}


def test_the_same_key_is_one_alert(patient, on_call) -> None:
    assert ring(patient).pk == ring(patient).pk
    assert len(told()) == 2


def test_it_rings_again_every_five_minutes(patient, on_call) -> None:
    ring(patient)
    assert escalate_due(now=later(4.9)) == 0
    assert escalate_due(now=later(5)) == 1
    assert escalate_due(now=later(5)) == 0
    assert len(told()) == 4


def test_an_alert_that_cannot_be_told_keeps_no_other_silent(patient, other_patient, on_call, monkeypatch) -> None:
    """I3: it stays the longest due, and stands before the others at every round."""
    broken, other = ring(patient), ring(other_patient, key="other")
    tell = services._tell

    def fails(alert, *, now):
        if alert.pk == broken.pk:
            raise ValueError("Robin wants to die")
        tell(alert, now=now)

    monkeypatch.setattr(services, "_tell", fails)
    with pytest.raises(RowsFailed) as failed:
        escalate_due(now=later(5))
    assert "Robin" not in str(failed.value)
    other.refresh_from_db()
    assert other.tellings == 2


def test_after_fifteen_minutes_the_next_person_too(patient, on_call) -> None:
    ring(patient)
    escalate_due(now=later(15))
    both = ("other-prescriber@example.com", "prescriber@example.com")
    assert told()[2:] == [(email, channel) for email in both for channel in ("email", "sms")]


def test_when_nobody_answers_everybody_is_told_and_the_contact_is_shown(patient, on_call, administrator) -> None:
    alert = ring(patient)
    for minutes in range(5, 31, 5):
        escalate_due(now=later(minutes))
    alert.refresh_from_db()
    assert alert.list_exhausted_at == later(30)
    assert {email for email, _channel in told()[-6:]} == {
        "prescriber@example.com", "other-prescriber@example.com", administrator.email
    }  # fmt: skip


def test_a_clock_that_jumps_a_day_leaves_nobody_untold_and_keeps_ringing(patient, on_call) -> None:
    alert = ring(patient)
    assert escalate_due(now=NOW + timedelta(days=1)) == 1
    assert len(told()) == 6
    assert escalate_due(now=NOW + timedelta(days=1, minutes=5)) == 1
    alert.refresh_from_db()
    assert alert.status == AlertStatus.OPEN


def test_without_an_on_call_list_every_prescriber_is_told(patient, prescriber, other_prescriber, administrator) -> None:
    ring(patient)
    escalate_due(now=later(15))
    assert {email for email, _channel in told()} == {"prescriber@example.com", "other-prescriber@example.com"}
    # Nor does a rota without a list leave anybody out.
    at = {"zone": "America/Los_Angeles", "by": administrator, "now": NOW}
    duty.enter_week(clinician=other_prescriber, weekdays=range(7), starts=time(0), ends=time(0), **at)
    assert duty.rota(NOW).order == ((other_prescriber,), (prescriber,))


def test_i3_the_next_shift_is_told_from_its_first_minute_and_the_last_until_somebody_accepts(
    patient, on_call, prescriber, other_prescriber, administrator
) -> None:
    """The hand-over: NOON is a Wednesday, 9 in the morning in Los Angeles."""
    at = {"zone": "America/Los_Angeles", "by": administrator, "now": NOW}
    duty.enter_week(clinician=prescriber, weekdays=[2], starts=time(0), ends=time(9), **at)
    duty.enter_week(clinician=other_prescriber, weekdays=[2], starts=time(9), ends=time(21), **at)
    duty.accept_duty(by=prescriber.user, now=later(-60))
    both = {"prescriber@example.com", "other-prescriber@example.com"}
    alert = ring(patient)
    assert {email for email, _channel in told()} == both
    sweep(now=NOW)
    sweep(now=later(1))
    asked = Notification.objects.filter(template="action_needed")
    assert list(asked.values_list("recipient__email", flat=True)) == ["other-prescriber@example.com"] * 2
    # Whoever accepts hears of what rings at once, and the other is free.
    assert [duty.accept_duty(by=other_prescriber.user, now=later(2)) for _ in range(2)] == [True, False]
    assert escalate_due(now=later(2)) == 1
    assert {email for email, _channel in told()[4:]} == {"other-prescriber@example.com"}
    assert set(asked.values_list("state", flat=True)) == {"cancelled"}
    # Nobody is named at night: the list, and whoever held it last; an exception takes the place of the rota.
    assert duty.rota(later(12 * 60)).duty.gap
    assert duty.rota(later(12 * 60)).order == ((prescriber, other_prescriber),)
    twice = {"clinician": prescriber, "starts_at": later(-5), "ends_at": later(60), "by": administrator, "now": NOW}
    assert duty.enter_exception(**twice) == duty.enter_exception(**twice)
    assert duty.rota(later(3)).order[0] == (prescriber, other_prescriber)
    # Whoever may not sign in any more, or took up another role, would be told and could not take it.
    for change in ({"is_active": False}, {"is_active": True, "role": "administrator"}):
        User.objects.filter(pk=other_prescriber.user_id).update(**change)
        assert duty.rota(later(3)).order == ((prescriber,),), change
    with pytest.raises(PermissionDenied):
        duty.enter_week(
            clinician=prescriber, weekdays=[1], starts=time(0), ends=time(9), **at | {"by": prescriber.user}
        )
    assert Alert.objects.get() == alert


def test_with_nobody_at_all_it_stays_open_and_exhausted(patient) -> None:
    alert = ring(patient)
    assert alert.list_exhausted_at == NOW and alert.tell_next_at == later(5)


def test_a_held_session_is_told_once_to_those_who_care_for_the_patient(patient, on_call, other_prescriber) -> None:
    cast.take_into_care(patient, other_prescriber)
    ring(patient, kind=AlertKind.SESSION_HELD)
    assert {email for email, _channel in told()} == {"other-prescriber@example.com"}
    assert escalate_due(now=NOW + timedelta(days=2)) == 0


def test_a_held_session_of_a_patient_without_a_clinician_goes_to_the_person_on_call(patient, on_call) -> None:
    ring(patient, kind=AlertKind.SESSION_HELD)
    assert {email for email, _channel in told()} == {"prescriber@example.com"}


def contact(alert, by, minutes: float, how="call", reached=False, words="", key=None, **shown):
    said = {"how": how, "reached": reached, "words": words, "key": key or uuid4(), **shown}
    return services.record_contact(alert=alert, by=by.user, now=later(minutes), **said)


def test_i3_whoever_takes_it_and_does_nothing_is_told_again_until_the_patient_is_reached(
    patient, on_call, prescriber, other_prescriber
) -> None:
    alert = ring(patient)
    with pytest.raises(RuleViolation):  # first somebody must have it
        contact(alert, prescriber, 0.5)
    acknowledge(alert=alert, by=prescriber.user, now=later(1), note="Calling now.")
    assert (escalate_due(now=later(15.9)), set(Notification.objects.values_list("state", flat=True))) == (
        0,
        {"cancelled"},
    )
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledgement_note) == (AlertStatus.ACKNOWLEDGED, "Calling now.")
    # Policy 4: fifteen minutes to the first contact. Whoever has it is told, and the next person.
    assert (escalate_due(now=later(16)), len(told())) == (1, 6)
    assert (list(silent(later(15.9))), list(silent(later(16)))) == ([], [alert])
    with pytest.raises(RuleViolation):
        resolve(alert=alert, by=prescriber.user, now=later(17), note="Nothing to do.")
    # A call that nobody answers gives time for the next step, and no more; the same click twice is one call.
    key = uuid4()
    assert contact(alert, prescriber, 18, key=key).pk == contact(alert, prescriber, 18, key=key).pk
    for other in ({"words": "Voicemail."}, {"how": "text"}, {"by": other_prescriber}):
        with pytest.raises(SentBefore):
            contact(alert, **{"by": prescriber, "minutes": 18, "key": key} | other)
    assert (escalate_due(now=later(32.9)), escalate_due(now=later(33))) == (0, 1)
    assert (list(silent(later(32.9))), list(silent(later(33)))) == ([], [alert])
    services.take_over(alert=alert, by=other_prescriber.user, now=later(34))
    assert not silent(later(48.9)).exists()
    contact(alert, other_prescriber, 35, how="emergency_contact", reached=True, words="The sister drives there.")
    assert escalate_due(now=later(50)) == 1
    with pytest.raises(RuleViolation):  # no welfare check without its number
        contact(alert, other_prescriber, 51, how="emergency_services", reached=True, words=" ")
    contact(alert, other_prescriber, 52, how="emergency_services", reached=True, words="Incident 17, officer Doe.")
    assert escalate_due(now=later(600)) == 0
    alert = Alert.objects.get()
    assert (alert.acknowledged_by, alert.in_charge) == (prescriber.user, other_prescriber.user)
    # What administrators read of it; another kind still waits, and counts with what has passed.
    ring(patient, kind="check_in_flag", key="flag", now=later(590))
    assert [
        (line.count, *(step and step.worst // timedelta(minutes=1) for step in (line.acknowledged, line.contacted)))
        for line in times(later(600))
    ] == [(1, 10, None), (1, 1, 52)]
    resolve(alert=alert, by=other_prescriber.user, now=later(601), note="Taken to hospital, safe.")
    with pytest.raises(RuleViolation):
        contact(alert, prescriber, 602)


def test_i3_the_contact_that_ends_a_hold_ends_the_telling_too(patient, on_call, prescriber) -> None:
    alert, by = ring(patient), prescriber.user
    acknowledge(alert=alert, by=by, now=later(1), note="Calling.")
    hold = services.open_hold(patient=patient, level="high", about="submission:1", by=SYSTEM, now=NOW)
    cleared = {"hold": hold, "contact_note": "Spoke.", "safety_plan": cast.PLAN, "by": by}
    # What is said after the call, while the page is still open, is not settled by either record.
    newer = ring(patient, key="newer", now=later(5))
    acknowledge(alert=newer, by=by, now=later(5), note="Calling.")
    contact(alert, prescriber, 6, reached=True, words="Safe.", shown_at=later(4))
    services.clear_hold(**cleared, shown_at=later(4), now=later(9))
    assert (services.contact_missing(newer), services.contact_missing(alert)) == (True, False)
    assert escalate_due(now=later(20)) == 1
    contact(newer, prescriber, 21, reached=True, words="Safe.", shown_at=later(500))
    assert not services.contact_missing(newer)
    assert escalate_due(now=later(60)) == 0
    assert services.contact_missing(ring(patient, key="newest", now=later(60)))
    resolve(alert=Alert.objects.get(dedupe_key="k"), by=by, now=later(61), note="Safe, with the brother.")


def test_i3_an_attempt_counts_for_every_alert_that_it_knew_of_and_for_none_that_came_later(
    patient, other_patient, on_call, prescriber
) -> None:
    first, second, other = ring(patient), ring(patient, key="b", now=later(1)), ring(other_patient, key="other")
    for alert in (first, second, other):
        acknowledge(alert=alert, by=prescriber.user, now=later(2), note="Calling.")
    contact(first, prescriber, 10)  # nobody answers: time for both, and not for the other patient
    assert (set(silent(later(17))), escalate_due(now=later(17))) == ({other}, 1)
    assert (set(silent(later(25))), escalate_due(now=later(25))) == ({first, second, other}, 3)
    # Reached while another alert rings that nobody took yet: whoever takes it is not told of what is done.
    known = ring(patient, key="known", now=later(26))
    contact(first, prescriber, 28, reached=True, words="Safe.")
    acknowledge(alert=known, by=prescriber.user, now=later(29), note="Spoke with them.")
    assert Alert.objects.get(pk=known.pk).tell_next_at is None
    # What was said after the page was opened is settled by nothing that is written there.
    newer = ring(patient, key="newer", now=later(30))
    contact(first, prescriber, 31, reached=True, words="Safe, as before.", shown_at=later(29))
    acknowledge(alert=newer, by=prescriber.user, now=later(31), note="Calling.")
    contact(first, prescriber, 40, shown_at=later(29))
    assert set(silent(later(46))) == {newer, other}
    # The times: a contact ends the wait of what it knew of; who took one before a message was out had been told then.
    Notification.objects.filter(about=first.messages, channel="sms").update(sent_at=later(0.5))
    found = times(later(46))[0]
    minute = timedelta(minutes=1)
    assert (found.notified, found.contacted) == (
        rules.spread([wait * minute for wait in (0.5, 1, 2, 3, 1)]),
        rules.spread([wait * minute for wait in (28, 27, 46, 2, 16)]),
    )
    assert not selectors.contacts_of(newer).exists()


def test_i3_what_is_said_after_somebody_took_the_last_alert_rings_anew(patient, on_call, prescriber) -> None:
    said = {"kind": "help_pressed", "patient": patient, "about": "x:1", "group": "x", "by": SYSTEM}
    first = services.raise_anew(**said, now=NOW)
    assert services.raise_anew(**said, now=later(1)).pk == first.pk
    for minutes in (2, 3):
        acknowledge(alert=Alert.objects.get(status="open"), by=prescriber.user, now=later(minutes), note="Calling.")
        services.raise_anew(**said, now=later(minutes))
    assert sorted(Alert.objects.values_list("dedupe_key", flat=True)) == ["x", "x:2", "x:3"]
    # Nor did a contact under another alert, whether it is written down before it is said again or after.
    other, waiting = ring(patient, key="other", now=later(4)), Alert.objects.get(status="open", dedupe_key="x:3")
    acknowledge(alert=other, by=prescriber.user, now=later(4), note="Calling.")
    contact(other, prescriber, 5, reached=True, words="Safe.")
    assert not services.contact_missing(Alert.objects.get(pk=waiting.pk))
    assert services.raise_anew(**said, now=later(6)).pk == waiting.pk
    contact(other, prescriber, 7, reached=True, words="Safe, as before.", shown_at=later(5))
    acknowledge(alert=waiting, by=prescriber.user, now=later(8), note="Calling.")
    assert (waiting.tell_next_at, services.contact_missing(waiting)) == (later(23), True)
    assert (list(silent(later(23))), selectors.contacts_of(waiting).count()) == ([waiting], 0)
    contact(waiting, prescriber, 24, reached=True, words="Safe.", shown_at=later(0))
    assert not services.contact_missing(waiting)


def test_a_clinician_who_takes_it_enters_the_patients_care(patient, on_call, prescriber) -> None:
    acknowledge(alert=ring(patient), by=prescriber.user, now=later(1), note="Calling now.")
    assert CareRelation.objects.filter(patient=patient, clinician=prescriber, until__isnull=True).exists()


def test_two_people_cannot_both_take_it(patient, on_call, prescriber, other_prescriber) -> None:
    first, second = ring(patient), Alert.objects.get()
    acknowledge(alert=first, by=prescriber.user, now=later(1), note="Mine.")
    with pytest.raises(RuleViolation):
        acknowledge(alert=second, by=other_prescriber.user, now=later(1), note="Mine too.")


def test_an_acknowledgement_says_what_happens(patient, on_call, prescriber) -> None:
    with pytest.raises(RuleViolation):
        acknowledge(alert=ring(patient), by=prescriber.user, now=later(1), note="  ")
    assert Alert.objects.get().status == AlertStatus.OPEN


def test_an_administrator_or_patient_cannot_take_it(patient, on_call, administrator) -> None:
    alert = ring(patient)
    for user in (administrator, patient.user):
        with pytest.raises(PermissionDenied):
            acknowledge(alert=alert, by=user, now=later(1), note="x")


def test_it_cannot_be_resolved_before_a_person_acknowledged_it(patient, on_call, prescriber) -> None:
    alert = ring(patient)
    with pytest.raises(RuleViolation):
        resolve(alert=alert, by=prescriber.user, now=later(1), note="done")
    acknowledge(alert=alert, by=prescriber.user, now=later(1), note="Calling.")
    contact(alert, prescriber, 2, reached=True, words="Is safe, sister is there.")
    resolve(alert=alert, by=prescriber.user, now=later(2), note="Reached, safe.")
    assert Alert.objects.get().resolution_note == "Reached, safe."


def test_the_database_refuses_an_end_without_a_person(patient, on_call) -> None:
    alert = ring(patient)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(status="acknowledged")
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(status="resolved", tell_next_at=None)


def test_every_step_is_in_the_audit_trail(patient, on_call, prescriber) -> None:
    alert = ring(patient)
    acknowledge(alert=alert, by=prescriber.user, now=later(1), note="Calling.")
    actions = set(AuditEvent.objects.filter(patient=patient.pk).values_list("action", flat=True))
    assert {"alert.raised", "alert.told", "alert.acknowledged", "care_relation.opened"} <= actions
    assert "Calling" not in str(list(AuditEvent.objects.values_list("payload", flat=True)))


def test_the_messages_say_nothing_but_that_there_is_one(patient, on_call) -> None:
    alert = ring(patient)
    tick(now=NOW, channel="sms")
    from harmoniously.nonprod.models import MailboxMessage

    text = MailboxMessage.objects.get(channel="sms")
    assert f"/admin/alerts/{alert.pk}/" in text.body
    assert "Robin" not in text.body
    assert text.address == "+15550100180"
