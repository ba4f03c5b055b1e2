"""Adverse events: told once, judged with an author, chased, and reported as they were recorded (I7, I9)."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from harmoniously.core.alerts.models import Alert, SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.alerts.services import acknowledge, clear_hold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.documents.pdf import render as render_pdf
from harmoniously.portal import watch
from tests import cast
from tests.cast import PLAN
from tests.pdf_text import words_of
from tests.treatment.conftest import START, refused
from treatment import policy as policies
from treatment import services
from treatment.medwatch import medwatch_data
from treatment.models import AdverseEvent, AdverseEventNote
from treatment.rules.adverse import Action, Assessment, Causality, Criterion, Outcome
from treatment.selecting.picture import picture_of
from treatment.selecting.refills import next_supply
from treatment.selecting.titration import titration_facts
from treatment.services import adverse, checkins
from treatment.services.adverse import Step, Submission, Told
from treatment.services.todays import facts_today

HOUR = timedelta(hours=1)


def judged(at, *criteria, grade=3, term="chest_pain"):
    return Assessment(term, at, frozenset(criteria), grade, Causality.POSSIBLE, Action.PAUSED)


def test_i9_a_patient_tells_once_and_strangers_find_nothing(case, other_client, coordinator, therapist, administrator):
    """BUG-01, SEC-06: from the page to the confirmation, a second click, and who may open it."""
    client = cast.signed_in(case.patient.user)
    today = clock.today(case.patient.zone, clock.now())
    form = {
        "term": "chest_pain", "own_words": "Qztold pressure in the chest", "token": uuid4(), "session": "", "hour": "",
        "began_on_0": today.month, "began_on_1": today.day, "began_on_2": today.year, "criteria": ["hospitalization"],
    }  # fmt: skip
    first, second = (client.post(reverse("treatment:tell"), form) for _ in range(2))
    assert first.status_code == second.status_code == 302, first.context["form"].errors if first.context else ""
    assert first.url == second.url
    [event] = AdverseEvent.objects.all()
    assert (event.status, event.serious, event.own_words) == ("reported", True, "Qztold pressure in the chest")
    assert event.look_due_at - event.known_at == timedelta(hours=24)
    [alert] = Alert.objects.filter(kind="serious_event")
    assert alert.rings
    assert "Your clinicians have been told" in client.get(first.url).content.decode()

    page = reverse("admin:adverse_event", args=[event.pk])
    clients = {user.role: cast.signed_in(user) for user in (coordinator, therapist.user, administrator)}
    assert other_client.get(first.url).status_code == 404
    for address in (page, reverse("admin:adverse_event_report", args=[event.pk])):
        answers = {role: one.get(address).status_code for role, one in clients.items()}
        assert answers == {"coordinator": 403, "therapist": 404, "administrator": 403}
    assert "chest" not in clients["coordinator"].get(reverse("admin:alert_detail", args=[alert.pk])).content.decode()
    own = cast.signed_in(case.prescriber.user)
    assert "Qztold" in own.get(page).content.decode()
    assert "Chest pain" in own.get(reverse("admin:adverse_events")).content.decode()
    assert (
        reverse("admin:adverse_event", args=[event.pk])
        in own.get(reverse("admin:alert_detail", args=[alert.pk])).content.decode()
    )
    acknowledge(alert=alert, by=therapist.user, now=clock.now(), note="Calling.")
    assert clients["therapist"].get(page).status_code == 200  # who takes the alert enters the care
    for row in AuditEvent.objects.all():
        assert "Qztold" not in row.payload
    # Back, changed, sent again, and clicked twice: the second answer is kept as well, once.
    worse = {**form, "own_words": "Much worse now", "criteria": ["life_threatening"]}
    again = [client.post(reverse("treatment:tell"), worse).url for _ in range(2)]
    assert again[0] == again[1] != first.url
    # Words that may mean danger: kept, told once, help first (I3).
    dark = {**form, "own_words": "I can’t go on like this", "token": uuid4()}
    assert [client.post(reverse("treatment:tell"), dark).url for _ in range(2)] == [reverse("intake:crisis")] * 2
    assert Alert.objects.filter(kind="crisis_words").count() == 1
    assert AdverseEvent.objects.count() == 3


def test_an_event_is_followed_to_its_end_and_every_change_has_its_author(case):
    told = Told(Assessment("chest_pain", START - 2 * HOUR), "It hurt.")
    said = {"patient": case.patient, "token": uuid4(), "told": told, "by": case.patient.user}
    event = adverse.report_event(now=START, **said)
    by = case.prescriber.user
    follow = {"event": event, "by": by}
    assert refused(adverse.follow_up, version=1, step=Step(judged(START), " "), now=START, **follow) == "words_missing"
    four = Step(judged(START, grade=4), "Worse")
    assert refused(adverse.follow_up, version=1, step=four, now=START, **follow) == "grade_4_not_serious"
    end = Step(judged(START, grade=None), "Over", Outcome.RESOLVED)
    assert refused(adverse.follow_up, version=1, step=end, now=START, **follow) == "not_judged"

    onset, later = START - HOUR, START + 2 * HOUR
    step = Step(judged(onset, Criterion.HOSPITALIZATION), "Admitted.", look_at=START + timedelta(days=3650))
    row = adverse.follow_up(version=1, step=step, now=later, **follow)
    assert (row.status, row.serious, row.version) == ("open", True, 2)
    assert row.look_due_at == later + timedelta(days=7)
    assert row.report_due_at == later + timedelta(days=7)
    assert Alert.objects.filter(kind="adverse_event").count() == 2  # told, and told that it is serious
    assert refused(adverse.follow_up, version=1, step=step, now=later, **follow) == "raced"

    # Nobody looks, nobody sends the report: both are said once.
    due = row.look_due_at
    # The web process chases as well: a dead worker keeps nobody from being told (I3).
    counts = [services.tick(now=due - HOUR)["chased"], watch.look(now=due), services.tick(now=due + HOUR)["chased"]]
    assert counts == [0, None, 0]
    assert Alert.objects.filter(kind="adverse_event").count() == 4
    sent = Submission(START.date() - timedelta(days=3), "online", "3500-1")
    assert refused(adverse.note_submitted, event=row, sent=sent, by=by, now=due) == "day"
    sent = Submission(due.date() - timedelta(days=1), "online", "3500-1")
    for _click in range(2):
        row = adverse.note_submitted(event=row, sent=sent, by=by, now=due)
    over = Step(judged(onset, Criterion.HOSPITALIZATION), "At home and well.", Outcome.RESOLVED)
    row = adverse.follow_up(event=row, version=row.version, step=over, by=by, now=due)
    assert (row.status, row.look_due_at, row.closed_at) == ("resolved", None, due)
    again = Step(judged(onset, Criterion.HOSPITALIZATION), "It came back.")
    row = adverse.follow_up(event=row, version=row.version, step=again, by=by, now=due + HOUR)
    assert (row.status, row.closed_at) == ("following", None)
    assert refused(adverse.dismiss, event=row, version=row.version, text="None", by=by, now=due) == "submitted"

    assert adverse.report_event(now=due, **said) == row  # a late second click, whatever it was judged since
    notes = list(row.notes.all())
    assert [note.number for note in notes] == [1, 2, 3, 4, 5]
    assert [note.author for note in notes] == [case.patient.user, *[by] * 4]
    assert notes[1].changes["criteria"] == [[], ["hospitalization"]]
    with pytest.raises(DatabaseError), transaction.atomic():
        AdverseEventNote.objects.filter(pk=notes[0].pk).update(number=9)


def test_a_flag_of_a_check_in_becomes_one_event_and_the_report_says_exactly_what_was_recorded(case, other_patient):
    session, end = case.completed()
    with time_machine.travel(end + 30 * HOUR, tick=False):
        _from_flag_to_report(case, session)


def _from_flag_to_report(case, session):
    row = session.check_in
    row.flags = [{"code": "side_effect_severe", "facts": {"effect": "headache", "rating": "3"}}]
    row.save(update_fields=["flags"])
    client = cast.signed_in(case.prescriber.user)
    from_flag = reverse("admin:adverse_event_from_flag", args=[row.pk])
    first, second = (client.post(from_flag, {"flag": "0"}) for _ in range(2))
    assert first.url == second.url
    assert client.post(from_flag, {"flag": "1"}).status_code == 404
    [event] = AdverseEvent.objects.all()
    assert (event.assessment.term, event.assessment.grade, event.session) == ("headache", 3, session)
    report = reverse("admin:adverse_event_report", args=[event.pk])
    assert client.get(report).status_code == 404  # not serious: there is nothing to send

    step = Step(judged(session.started_at, Criterion.HOSPITALIZATION, term="headache"), "CT without finding.")
    adverse.follow_up(event=event, version=1, step=step, by=case.prescriber.user, now=clock.now())
    event.refresh_from_db()
    never = {"term": "other", "onset": "9999-12-31T23:00", "own_words": "x", "token": uuid4()}
    assert client.post(reverse("admin:record_adverse_event", args=[case.patient.pk]), never).status_code == 422
    said = words_of(client.get(report).content)
    for words in (
        "A.Patientinformation", "B.Adverseevent", "C.Productavailability", "D.Suspectproducts", "G.Reporter",
        case.patient.mrn, "Female", "72kg", "Hospitalization(initialorprolonged)", "Headache", "3,severe", "Possible",
        "CTwithoutfinding.", "120/80", "KetamineHCllozenge,100mg", "100mginonesession", "NotsenttoFDAbythissoftware",
        "DrJordanSample",
    ):  # fmt: skip
        assert words in said, words
    for words in ("Robin", "Example", "1TestWay", "555", "Life-threatening", "Death", "Congenital", "Kim"):
        assert words not in said.replace("+15550100199", ""), words
    rows = medwatch_data(event, reporter=case.prescriber.user, now=clock.now())
    unknown = {row[0] for part in rows["sections"] for row in part["rows"] if not row[1]}
    assert {"A5. Ethnicity and race", "C1. Product available for evaluation"} <= unknown
    assert said.count("Notrecorded") == len(unknown)
    event.onset_at = session.started_at - 6 * HOUR  # noon, for somebody who forgot the hour
    guessed = medwatch_data(event, reporter=case.prescriber.user, now=clock.now())
    assert [row[1] for part in guessed["sections"] for row in part["rows"] if row[0].startswith("D4.")] != [""]
    assert b"/StructTreeRoot" in render_pdf("medwatch", rows)
    assert checkins.missing_page(row, clock.now()) is not None  # the check-in itself is as it was


def test_i3_what_a_patient_tells_of_stops_everything_until_a_prescriber_has_read_it(case, therapist):
    """Policy 9, stop and refer: between the gate and the start, a shipment, a refill, an order, the next dose."""
    session, _invitation, now = case.ready()
    by, patient = case.prescriber.user, case.patient
    told = Told(Assessment("psychosis", now - HOUR), "I heard voices.")
    event = adverse.report_event(patient=patient, token=uuid4(), told=told, by=patient.user, now=now)
    with time_machine.travel(now, tick=False):
        client = cast.signed_in(patient.user)
        for page in (reverse("treatment:session", args=[session.pk]), "/treatment/", reverse("portal:home")):
            words = client.get(page).content.decode()
            assert "Take no dose until then" in words, page
            assert "You can begin" not in words, page
    assert refused(services.start_session, session=session, by=patient.user, now=now) == "held"
    order = {"prescription": session.prescription, "units": 2, "by": by}

    def stopped(at):
        picture = picture_of(patient, at)
        proposal = titration_facts(picture, session.prescription).stops
        missing = {item.code for item in next_supply(patient, at).refill.missing}
        facts = {"visit_state": "CA", "prescriber": case.prescriber, "policy": policies.load()}
        today = facts_today(picture, product=session.prescription.product, **facts).sign_to_review
        return ("sign_to_review" in proposal, "refill_sign_unread" in missing, today)

    assert stopped(now) == (True, True, True)
    assert refused(services.order_shipment, now=now, **order) == "sign_to_review"
    # Neither a therapist's word nor their closing it is a prescriber's reading.
    cast.take_into_care(patient, therapist, START)
    over = Step(judged(now - HOUR, term="psychosis"), "They are gone.", Outcome.RESOLVED)
    event = adverse.follow_up(event=event, version=1, step=over, by=therapist.user, now=now + HOUR)
    assert stopped(now + HOUR) == (True, True, True)
    again = Step(judged(now - HOUR, term="psychosis"), "Called: they are back.")
    event = adverse.follow_up(event=event, version=2, step=again, by=by, now=now + 2 * HOUR)
    assert stopped(now + 2 * HOUR) == (True, True, True)  # read, and still there
    adverse.follow_up(event=event, version=3, step=over, by=by, now=now + 3 * HOUR)
    assert stopped(now + 3 * HOUR) == (False, False, False)
    services.order_shipment(now=now + 3 * HOUR, **order)


def test_i3_a_patient_who_tells_of_suicide_is_held_asked_and_led_to_help(case, other_client):
    """Policy 4: thoughts ask the C-SSRS at once, an attempt is HIGH, also on a page that could not be kept."""
    client = cast.signed_in(case.patient.user)
    form = {
        "term": "suicidal_thoughts", "own_words": "Qztold I do not want to live", "token": uuid4(), "session": "",
        "hour": "", "began_on_0": 11, "began_on_1": 1, "began_on_2": 2026, "criteria": [],
    }  # fmt: skip

    def cleared():
        hold = active_hold(case.patient)
        clear_hold(hold=hold, contact_note="Called.", safety_plan=PLAN, by=case.prescriber.user, now=START)

    with time_machine.travel(START, tick=False):
        asked = client.post(reverse("treatment:tell"), form)
        [event] = AdverseEvent.objects.all()
        assert asked.url == reverse("treatment:report_safety", args=[event.pk])
        assert (active_hold(case.patient).level, Alert.objects.get().kind) == ("incomplete", "serious_event")
        assert other_client.get(asked.url).status_code == 404
        assert "tel:988" in client.get(asked.url).content.decode().partition("<main")[2]
        # The questions are offered as long as they are open, also under a stronger hold.
        SafetyHold.objects.update(level="moderate")
        told = client.get(reverse("treatment:told", args=[event.pk])).content.decode().partition("<main")[2]
        assert ("tel:988" in told, asked.url in told) == (True, True)
        SafetyHold.objects.update(level="incomplete")
        assert client.post(asked.url, {}).status_code == 422
        calm = {"wish_dead": "no", "suicidal_thoughts": "no", "behavior": "no"}
        assert client.post(asked.url, calm).url == reverse("treatment:told", args=[event.pk])
        assert active_hold(case.patient) is None
        answers = {**calm, "suicidal_thoughts": "yes", "method": "yes", "intent": "yes", "plan": "no"}
        assert client.post(asked.url, answers).url == reverse("intake:crisis")
        assert active_hold(case.patient).level == "high"

        cleared()
        tried = {**form, "term": "suicide_attempt", "token": uuid4()}
        page = client.post(reverse("treatment:tell"), {**tried, "began_on_0": 13})
        assert (page.status_code, active_hold(case.patient).level) == (422, "high")
        never = {**form, "term": "headache", "began_on_0": 12, "began_on_1": 31, "began_on_2": 9999, "hour": "20:00"}
        assert client.post(reverse("treatment:tell"), never).status_code == 422
        assert Alert.objects.get(kind="crisis_words").newest_at == START  # its words, twice not kept
        assert AdverseEvent.objects.count() == 1
        cleared()
        assert client.post(reverse("treatment:tell"), tried).url == reverse("intake:crisis")
        assert active_hold(case.patient).level == "high"
        assert Alert.objects.filter(kind="suicide_risk_high").count() == 3
