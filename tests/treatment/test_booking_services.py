"""Each session's day, hour and place: picked, moved, left out, missed, on a journey (I1, I4, policy 8 and 10)."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from harmoniously.core.accounts.models import Licence
from harmoniously.core.alerts import presenting, working
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common import clock
from harmoniously.core.notifications.addresses import destination_of
from harmoniously.core.notifications.models import Notification
from harmoniously.core.notifications.preparing import outgoing_for
from tests import cast
from tests.treatment.conftest import START, refused
from treatment import selectors, services
from treatment.models import DoseSession, SitterInvitation

FIRST = START.date() + timedelta(days=2)  # a Wednesday
NEVADA = {"street": "9 Sand Road", "city": "Elsewhere", "state": "NV", "zip": "89001"}
BOSTON = {"street": "3 Harbor Street", "city": "Elsewhere", "state": "NY", "zip": "10001"}


def delivered(case):
    case.handed(case.signed())
    case.arrived()


def pending(session):
    return Notification.objects.filter(about=f"session:{session.pk}", state="pending")


def open_asks(kind):
    return FollowUp.objects.filter(kind=kind).exclude(state="closed").count()


def test_each_day_is_picked_once_within_the_rules_and_what_is_at_home(case, patient_client):
    """I9 and I2: the second click and the second device book nothing more; two at home are two planned."""
    ask = {"patient": case.patient, "by": case.patient.user, "now": START}
    case.handed(case.signed())
    assert refused(services.book_session, **ask, day=FIRST, hour=time(18)) == "not_arrived"
    case.arrived()
    first = services.book_session(**ask, day=FIRST, hour=time(18))
    assert services.book_session(**ask, day=FIRST, hour=time(18)).pk == first.pk
    third = FIRST + timedelta(days=3)
    for day, hour, code in (
        (FIRST, 20, "session_too_close"),
        (third, 17, "session_too_close"),
        (START.date(), 8, "session_in_past"),
        (date(2027, 5, 3), 18, "after_prescription"),
    ):
        assert refused(services.book_session, **ask, day=day, hour=time(hour)) == code, (day, hour)
    with time_machine.travel(START, tick=False):
        page = patient_client.get(reverse("treatment:book")).content.decode()
        assert f"?day={third.isoformat()}" in page
        assert "Keep at least 72 hours between two sessions" in page
        address = {"day": third.isoformat()}
        assert patient_client.post(reverse("treatment:book"), address).status_code == 422
        assert patient_client.post(reverse("treatment:book"), {**address, "hour": "17:00"}).status_code == 422
        assert patient_client.post(reverse("treatment:book"), {**address, "hour": "18:00"}).status_code == 302
    later = FIRST + timedelta(days=7)
    assert refused(services.book_session, **ask, day=later, hour=time(18)) == "home_planned"
    assert DoseSession.objects.filter(patient=case.patient, status="scheduled").count() == 2
    assert {row.due_at for row in pending(first)} == {first.starts_at - timedelta(hours=hours) for hours in (24, 1)}


def test_two_devices_one_day_a_second_skip_and_a_move_after_a_cancel(case, patient_client):
    one, two = case.planned()[:2]
    ask = {"by": case.patient.user, "now": START}
    day = one.local_day - timedelta(days=1)
    services.move_session(session=one, day=day, hour=time(9), **ask)
    assert refused(services.move_session, session=two, day=day, hour=time(20), **ask) == "session_too_close"
    for words in ("My sister is ill.", "A second click.", "I want to die", "I want to die"):
        services.skip_session(session=two, reason="no_sitter", words=words, **ask)
    rung = Alert.objects.filter(kind="crisis_words")
    assert rung.count() == 1  # the page says that somebody was told (I3)
    two.refresh_from_db()
    assert (two.status, two.skip_reason, two.skip_words) == ("cancelled", "no_sitter", "My sister is ill.")
    assert StatusChange.objects.filter(subject__endswith=str(two.pk), after="cancelled").count() == 1
    assert not pending(two).exists()
    assert refused(services.move_session, session=two, day=day, hour=time(20), **ask) == "not_movable"
    with pytest.raises(ValueError, match="whatever"):
        services.skip_session(session=one, reason="whatever", **ask)
    words_that_cannot_be_kept_ring_too(one, rung, patient_client)


def words_that_cannot_be_kept_ring_too(session, rung, client):
    """I3: too long, without a reason, or in an old tab once it is over; the writer reads what became of it."""
    here, note = reverse("treatment:skip", args=[session.pk]), "I want to die"
    prepare = reverse("treatment:prepare", args=[session.pk])
    tried = [
        (here, {"words": note}, 422),
        (prepare, {"intention": note * 200}, 422),
        (reverse("treatment:medicine"), {"note": note}, 422),
        (reverse("treatment:letters"), {"purpose": note}, 422),
        (here, {"words": note, "reason": "other"}, 302),
        (prepare, {"intention": note}, 302),
    ]
    with time_machine.travel(START, tick=False):
        for address, given, status in tried:
            rung.update(status="acknowledged", acknowledged_at=START, acknowledged_by=session.patient.user)
            if status == 302:
                DoseSession.objects.filter(pk=session.pk).update(status="missed")
            before = rung.count()
            response = client.post(address, given)
            assert (response.status_code, rung.count()) == (status, before + 1), address
            assert "could not be saved" in (response if status == 422 else client.get(response.url)).content.decode()


def test_a_missed_session_is_told_once_explained_and_never_doubled(case, patient_client):
    one = case.planned()[0]
    late = one.starts_at + timedelta(hours=4, seconds=1)
    planned = DoseSession.objects.filter(patient=case.patient, status="scheduled").count()
    for moment in (late, late + timedelta(minutes=1)):
        services.tick(now=moment)
    told = Notification.objects.filter(dedupe_key=f"session:{one.pk}:missed")
    assert told.count() == 1
    assert DoseSession.objects.filter(patient=case.patient, status="scheduled").count() == planned - 1
    with time_machine.travel(late, tick=False):
        page = patient_client.get(reverse("treatment:session", args=[one.pk])).content.decode()
    assert "Never take two to catch up" in page
    # All that is at home is planned: no day can be chosen, so the page leads to the session that can be moved.
    assert reverse("treatment:book") not in page
    assert reverse("treatment:session", args=[selectors.next_session(case.patient).pk]) in page


def test_a_coordinator_asks_after_a_sitter_who_has_not_confirmed(case, coordinator, django_assert_max_num_queries):
    one = case.planned()[0]
    invitation, _token = case.invited(one)
    services.tick(now=one.starts_at - timedelta(hours=24, seconds=1))
    assert open_asks("companion_missing") == 0
    for minute in (0, 1):
        services.tick(now=one.starts_at - timedelta(hours=24) + timedelta(minutes=minute))
    assert open_asks("companion_missing") == 1
    # Put off for four hours on the day it would come back when nobody can be found any more.
    ask, zone = FollowUp.objects.get(kind="companion_missing"), case.patient.zone
    off = {"follow_up": ask, "words": "Asks her sister.", "zone": zone}
    for hours, wait in ((3, 4), (3, 2.1), (1, 0.5)):
        now = one.starts_at - timedelta(hours=hours)
        late = {"until": now + timedelta(hours=wait), "doer": working.Doer(coordinator, now, uuid4())}
        assert refused(working.snooze, **off, **late) == "too_long", (hours, wait)
    now = one.starts_at - timedelta(hours=3)
    working.snooze(until=now + timedelta(hours=2), doer=working.Doer(coordinator, now, uuid4()), **off)
    with time_machine.travel(one.starts_at - timedelta(minutes=30), tick=False):
        desk, page = cast.signed_in(coordinator), reverse("admin:follow_up_close", args=[ask.pk])
        with django_assert_max_num_queries(12):
            assert b"This one cannot wait any longer" in desk.get(page).content
    # Readings that grew old begin the gate anew; what was asked before that ends with the answer too.
    DoseSession.objects.filter(pk=one.pk).update(gate_attempt=2)
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=START)
    assert open_asks("companion_missing") == 0
    moved = services.move_session(
        session=one, day=one.local_day - timedelta(days=1), hour=time(9), by=case.patient.user, now=START
    )
    again = SitterInvitation.objects.get(session=moved, revoked_at=None)
    assert (again.name, again.confirmed_at) == (invitation.name, None)
    services.tick(now=moved.starts_at - timedelta(hours=23))
    assert open_asks("companion_missing") == 1
    # Somebody confirms, and on the day another one is asked in their place, who has not: nobody is there yet.
    evening = moved.starts_at - timedelta(hours=12)
    services.sitter_confirm(invitation=again, adult=True, stays=True, now=evening)
    services.tick(now=evening)
    assert open_asks("companion_missing") == 0
    asked = {"session": moved, "phone": "", "email": "later@example.com", "by": case.patient.user}
    again, _token = services.invite_sitter(name="Later", now=evening + timedelta(hours=1), **asked)
    for minute in (61, 62):
        services.tick(now=evening + timedelta(minutes=minute))
    assert open_asks("companion_missing") == 1
    services.sitter_decline(invitation=again, cannot=[moved.local_day + timedelta(days=1)], now=START)
    services.skip_session(session=moved, reason="no_sitter", by=case.patient.user, now=START)
    assert open_asks("companion_missing") == 0


def test_a_travelling_patient_keeps_the_local_hour_and_72_real_hours(case):
    """The session belongs to the day where the patient is; reminders and the sitter follow (policy 10)."""
    Licence.objects.create(clinician=case.prescriber, state="NY", number="NY-1", expires_on=date(2030, 1, 1))
    one, two = case.planned()[:2]
    invitation, _token = case.invited(one)
    go = {"zone": "America/New_York", "by": case.patient.user, "now": START}
    there = services.say_where(session=one, place=BOSTON, hour=time(18), **go)
    local = clock.local(there.starts_at, "America/New_York")
    assert (local.date(), local.time(), there.starts_at) == (
        one.local_day,
        time(18),
        one.starts_at - timedelta(hours=3),
    )
    assert {row.due_at for row in pending(there)} == {there.starts_at - timedelta(hours=h) for h in (24, 1)}
    # Told by the clock there, and at the hour of day there, whatever the one at home says.
    case.patient.phone, case.patient.sms_consent_at = "+12135550100", START
    reminder = pending(there).get(due_at=there.starts_at - timedelta(hours=1))
    reminder.channel, reminder.recipient = "sms", case.patient.user
    reminder.recipient.patient = case.patient
    place = destination_of(reminder)
    assert place.zones == ("America/New_York",)
    assert "6:00 pm Eastern" in outgoing_for(reminder, place, at=reminder.due_at).words.text
    invitation.refresh_from_db()
    assert invitation.revoked_at
    assert SitterInvitation.objects.get(session=one, revoked_at=None).confirmed_at is None
    # Back home for the first; the second three days later, flown east: 69 hours at the same hour on the wall.
    home = {**BOSTON, "state": "CA"}
    services.say_where(session=one, place=home, hour=time(18), **{**go, "zone": "America/Los_Angeles"})
    assert refused(services.say_where, session=two, place=BOSTON, hour=time(18), **go) == "session_too_close"
    services.say_where(session=two, place=BOSTON, hour=time(21), **go)
    two.refresh_from_db()
    one.refresh_from_db()
    assert two.starts_at - one.starts_at == timedelta(hours=72)


def test_where_the_prescriber_may_not_treat_the_session_waits_and_the_gate_stays_shut(case, patient_client):
    """Policy 10, licensed where the patient is: no reminder, no gate, a call; at home again it all comes back."""
    one = case.planned()[0]
    go = {"session": one, "hour": time(18), "by": case.patient.user, "now": START}
    for _click in range(2):
        services.say_where(place=NEVADA, zone="America/Los_Angeles", **go)
    assert open_asks("place_changed") == 1
    assert not pending(one).exists()
    services.move_session(session=one, day=one.local_day, hour=time(17), by=case.patient.user, now=START)
    assert open_asks("place_changed") == 1
    assert not pending(one).exists()
    with time_machine.travel(START, tick=False):
        assert "Your next session waits" in patient_client.get("/home/").content.decode()
    asked = {"session": one, "page": "sitter", "answers": {}, "by": case.patient.user, "now": one.starts_at}
    assert refused(services.answer_gate, **asked) == "not_licensed_there"
    services.say_where(place={**NEVADA, "state": "CA"}, zone="America/Los_Angeles", **go)
    assert open_asks("place_changed") == 0
    assert pending(one).count() == 2
    # Somebody who says only at the gate where they are is held there, and a clinician is told.
    one.refresh_from_db()
    there = {"address_confirmed": True, "address": NEVADA}
    services.answer_gate(session=one, page="place", answers=there, by=case.patient.user, now=one.starts_at)
    one.refresh_from_db()
    assert one.status == "held"
    assert Alert.objects.filter(kind="session_held").count() == 1


def test_what_is_prepared_is_remembered_and_belongs_to_its_day(case, patient_client):
    one = case.planned()[0]
    address = reverse("treatment:prepare", args=[one.pk])
    with time_machine.travel(one.starts_at - timedelta(hours=20), tick=False):
        assert patient_client.get("/ready/")["Location"] == address
        # I3: nobody reads it but the patient, and what may mean danger is told all the same, once.
        for minutes, there in enumerate((reverse("intake:crisis"), reverse("treatment:session", args=[one.pk]))):
            with time_machine.travel(one.starts_at - timedelta(hours=20, minutes=-minutes), tick=False):
                assert patient_client.post(address, {"intention": "I want to die"})["Location"] == there
        [alert] = Alert.objects.filter(kind="crisis_words")
        assert presenting.words_of(alert) == []
        patient_client.post(address, {"ticked": ["food", "cuff"], "intention": "To rest."})
        page = patient_client.get(address).content.decode()
        assert page.count("checked") == 2
        assert "To rest." in page
        assert patient_client.post(address, {"ticked": ["nothing"]}).status_code == 422
    ask = {"session": one, "by": case.patient.user, "now": START}
    services.move_session(day=one.local_day - timedelta(days=1), hour=time(9), **ask)
    one.refresh_from_db()
    assert (one.preparation.ticked, one.preparation.intention) == ([], "To rest.")
    services.skip_session(reason="other", **ask)
    assert refused(services.prepare_session, ticked=[], intention="", **ask) == "not_movable"


def test_a_night_of_the_clock_change_from_the_choice_to_the_gate(case):
    """A DST night: the local hour is kept, the gate opens with the local day, 71 hours on the wall's three days."""
    case.patient.zone = "America/New_York"
    case.patient.save()
    delivered(case)
    now = clock.local(START, "America/New_York").replace(year=2027, month=3, day=9)
    ask = {"patient": case.patient, "by": case.patient.user, "now": now}
    first = services.book_session(**ask, day=date(2027, 3, 12), hour=time(18))
    assert refused(services.book_session, **ask, day=date(2027, 3, 15), hour=time(18)) == "session_too_close"
    second = services.book_session(**ask, day=date(2027, 3, 15), hour=time(19))
    assert second.starts_at - first.starts_at == timedelta(hours=72)
    assert clock.local(second.starts_at, second.zone).hour == 19
    opens = selectors.gate_opens_at(second)
    assert (opens.date(), opens.hour) == (date(2027, 3, 15), 0)
