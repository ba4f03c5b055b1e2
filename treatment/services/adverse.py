"""Verbs of adverse events: report, record, judge and follow, end, and note that a person sent the report to FDA."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.questions.instruments import SuicideRisk
from harmoniously.core.questions.services import record_assessment
from treatment import adverse_words as words
from treatment import policy as policies
from treatment.models import AdverseEvent, AdverseEventNote, CheckIn, DoseSession, EventStatus
from treatment.rules import adverse
from treatment.rules.adverse import Assessment, Outcome
from treatment.rules.reasons import Reason, Weight
from treatment.selecting import adverse as selectors
from treatment.services.safety import act_on_risk, risk_of, since_last


@dataclass(frozen=True)
class Told:
    """What somebody tells of an event: the judgement so far, their words, and the session that it came after."""

    assessment: Assessment
    own_words: str = ""
    session: DoseSession | None = None


def about_event(event: AdverseEvent) -> str:
    """What the alerts of an event are about."""
    return f"adverse_event:{event.pk}"


def report_event(*, patient: Patient, token: UUID, told: Told, by: User, now: datetime) -> AdverseEvent:
    """The patient tells of something; a clinician looks at it. The same page sent twice tells it once.

    The clinicians who care for the patient are told at once. Raises RuleViolation for what cannot be so.
    """
    event = _create(patient, token, told, EventStatus.REPORTED, by=by, now=now)
    if told.assessment.term not in adverse.SUICIDAL:  # those ring for what they are
        about, key = about_event(event), f"event:{event.pk}"
        surface(text=told.own_words, patient=patient, about=about, key=key, by=by, now=now)
    return event


def record_event(*, patient: Patient, token: UUID, told: Told, by: User, now: datetime) -> AdverseEvent:
    """A clinician records an event. The same form sent twice records it once."""
    require(by, Permission.VIEW_CLINICAL)
    return _create(patient, token, told, EventStatus.OPEN, by=by, now=now)


def record_flag(*, check_in: CheckIn, code: str, facts: Mapping[str, str], by: User, now: datetime) -> AdverseEvent:
    """Make an event of one finding of a check-in; the same finding again gives the same event."""
    require(by, Permission.VIEW_CLINICAL)
    term = adverse.term_of_flag(code, facts)
    session = check_in.session
    # Without a session before it, it began when it was told of at the latest.
    began = (session.started_at or session.starts_at) if session else (check_in.flagged_at or check_in.due_at)
    told = Told(
        Assessment(term, began, grade=adverse.grade_of_rating(facts.get("rating", ""))),
        own_words=_("From the check-in: %(finding)s") % {"finding": words.flag_text(code, facts)},
        session=session,
    )
    token = uuid5(check_in.pk, term)
    return _create(check_in.patient, token, told, EventStatus.OPEN, by=by, now=now, check_in=check_in)


def _create(
    patient: Patient,
    token: UUID,
    told: Told,
    status: EventStatus,
    *,
    by: User,
    now: datetime,
    check_in: CheckIn | None = None,
) -> AdverseEvent:
    _refuse(adverse.contradictions(told.assessment, now=now))
    policy, serious = policies.load(), told.assessment.serious
    known = AdverseEvent.objects.filter(patient=patient, token=token).first()
    if known is not None and (check_in is not None or _says_the_same(known, told, now=now)):
        return known
    if known is not None:
        # Back, changed and sent again: what was said second counts as well, as an event of its own (I9).
        second = uuid5(token, json.dumps([_kept(told.assessment), told.own_words.strip()]))
        return _create(patient, second, told, status, by=by, now=now)
    try:
        with transaction.atomic():
            event = AdverseEvent.objects.create(
                patient=patient,
                token=token,
                reporter=by,
                status=status,
                serious=serious,
                onset_at=told.assessment.onset_at,
                known_at=now,
                judgement=_kept(told.assessment),
                own_words=told.own_words.strip(),
                session=told.session,
                check_in=check_in,
                prescription=selectors.prescription_at(patient, told.session, told.assessment.onset_at),
                look_due_at=adverse.first_look(serious=serious, known_at=now, policy=policy),
                report_due_at=adverse.report_by(serious=serious, known_at=now, policy=policy),
                created_at=now,
            )
            # The hold's row before the trail, as whoever clears it does.
            _protect(event, by=by, now=now)
            _note(event, {}, told.own_words, by=by, now=now)
            record(actor=by, action=f"adverseevent.{status.value}", now=now, subject=event)
            if serious or status == EventStatus.REPORTED:
                _tell(event, "told", by=by, now=now)
    except IntegrityError:
        if not AdverseEvent.objects.filter(patient=patient, token=token).exists():
            raise
        # The same page sent twice at once, or two versions of it: the twin is there now.
        return _create(patient, token, told, status, by=by, now=now, check_in=check_in)
    return event


def _says_the_same(event: AdverseEvent, told: Told, *, now: datetime) -> bool:
    """Whether it was told in these words at first, whatever clinicians made of it since.

    An hour that was still to come counts as the moment of telling, which differs from click to click.
    """
    first = {**event.judgement, "onset_at": event.onset_at.isoformat()}
    for note in event.notes.order_by("-number"):
        first |= {name: before for name, (before, _after) in note.changes.items() if name in first}
    began = first.pop("onset_at")
    as_told = (began == event.known_at.isoformat(), told.assessment.onset_at == now)
    same_onset = began == told.assessment.onset_at.isoformat() or all(as_told)
    said = (_kept(told.assessment), told.own_words.strip(), told.session.pk if told.session else None)
    return same_onset and (first, event.own_words, event.session_id) == said


def _kept(assessment: Assessment) -> dict[str, Any]:
    return {
        "term": assessment.term,
        "criteria": sorted(code.value for code in assessment.criteria),
        "grade": assessment.grade,
        "causality": assessment.causality.value if assessment.causality else None,
        "action": assessment.action.value if assessment.action else None,
    }


def _refuse(reasons: tuple[Reason, ...]) -> None:
    heavy = [item for item in reasons if item.weight is Weight.REFUSE]
    if heavy:
        raise RuleViolation(words.refusal(heavy[0]), heavy[0].code)


def _note(event: AdverseEvent, changes: Mapping[str, Any], text: str, *, by: User, now: datetime) -> None:
    AdverseEventNote.objects.create(
        patient=event.patient,
        event=event,
        number=event.version,
        at=now,
        author=by,
        changes=dict(changes),
        words=text.strip(),
        created_at=now,
    )


def _protect(event: AdverseEvent, *, by: User, now: datetime) -> None:
    """Suicidal events hold at once (policy section 4): an attempt as HIGH, thoughts until the C-SSRS is answered."""
    term = event.assessment.term
    if term == "suicide_attempt":
        risk = SuicideRisk.HIGH
    elif term == "suicidal_thoughts" and event.status == EventStatus.REPORTED:
        risk = SuicideRisk.INCOMPLETE
    else:
        return
    act_on_risk(patient=event.patient, risk=risk, about=about_event(event), by=by, now=now)


def heed(*, patient: Patient, term: str, by: User, now: datetime) -> None:
    """Act on a suicidal report that could not be kept, because something else on its page was wrong (I3)."""
    risk = SuicideRisk.HIGH if term == "suicide_attempt" else SuicideRisk.INCOMPLETE
    with transaction.atomic():
        act_on_risk(patient=patient, risk=risk, about=f"patient:{patient.pk}", by=by, now=now)


def answer_safety(*, event: AdverseEvent, answers: Mapping[str, bool | None], by: User, now: datetime) -> SuicideRisk:
    """Keep the C-SSRS that a report led to and act on its level; returns the level."""
    risk = risk_of(answers)
    with transaction.atomic():
        act_on_risk(patient=event.patient, risk=risk, about=about_event(event), by=by, now=now)
        record_assessment(
            patient=event.patient,
            instrument="cssrs",
            answers=since_last(answers),
            context="report",
            by=by,
            now=now,
        )
    return risk


def _rings(event: AdverseEvent, by: Actor) -> bool:
    """What is serious, and thoughts of suicide, ring until a person took them, unless a prescriber has read it.

    An attempt rings already, as a high suicide risk.
    """
    read = event.status != EventStatus.REPORTED and not (isinstance(by, User) and not can(by, Permission.PRESCRIBE))
    term = event.assessment.term
    return not read and term != "suicide_attempt" and (event.serious or term in adverse.SUICIDAL)


def _tell(event: AdverseEvent, why: str, *, by: Actor, now: datetime) -> None:
    alerts.raise_alert(
        kind=AlertKind.SERIOUS_EVENT if _rings(event, by) else AlertKind.ADVERSE_EVENT,
        patient=event.patient,
        about=about_event(event),
        dedupe_key=f"{about_event(event)}:{why}",
        by=by,
        now=now,
    )


@dataclass(frozen=True)
class Step:
    """One step of the following, as a clinician writes it down; `outcome` ends it, `look_at` is when to look again."""

    assessment: Assessment
    words: str
    outcome: Outcome | None = None
    look_at: datetime | None = None


def follow_up(*, event: AdverseEvent, version: int, step: Step, by: User, now: datetime) -> AdverseEvent:
    """Judge the event anew, note what is known now, and end it or say when somebody looks again.

    ``version`` is the event's as the page showed it. Raises PermissionDenied, Conflict when a colleague wrote
    meanwhile, RuleViolation for contradictions, for ending what is not judged, and for an empty note.
    """
    require(by, Permission.VIEW_CLINICAL)
    if not step.words.strip():
        raise RuleViolation(_("Write what is known now, in a few words."), "words_missing")
    _refuse(adverse.contradictions(step.assessment, now=now))
    if step.outcome is not None:
        _refuse(adverse.closing(step.assessment, step.outcome))
    with transaction.atomic():
        row = _locked(event, version)
        policy, serious = policies.load(), step.assessment.serious
        changes = _changes(row, step)
        became_serious = serious and not row.serious
        row.judgement, row.serious = _kept(step.assessment), serious
        row.onset_at, row.version = step.assessment.onset_at, row.version + 1
        late = row.report_due_at or adverse.report_by(serious=serious, known_at=now, policy=policy)
        row.report_due_at = late if serious else None
        latest = adverse.next_look(serious=serious, at=now, policy=policy)
        due = min(step.look_at or latest, latest)
        row.look_due_at = due if row.status in AdverseEvent.LIVE else None
        row.save(update_fields=["judgement", "serious", "onset_at", "version", "report_due_at", "look_due_at"])
        if "term" in changes:
            _protect(row, by=by, now=now)
        _move(row, step.outcome, due, by=by, now=now)
        _note(row, changes, step.words, by=by, now=now)
        record(actor=by, action="adverseevent.followed", now=now, subject=row, fields=sorted(changes))
        if became_serious:
            _tell(row, "serious", by=by, now=now)
    return row


def _locked(event: AdverseEvent, version: int) -> AdverseEvent:
    row = AdverseEvent.objects.select_for_update(of=("self",)).select_related("patient").get(pk=event.pk)
    if row.version != version:
        raise Conflict(
            _("A colleague wrote about this event meanwhile. Nothing was saved; read theirs, then save yours."), "raced"
        )
    return row


def _changes(event: AdverseEvent, step: Step) -> dict[str, list[Any]]:
    before = {**event.judgement, "onset_at": event.onset_at.isoformat()}
    after = {**_kept(step.assessment), "onset_at": step.assessment.onset_at.isoformat()}
    changed = {name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]}
    if step.outcome is not None:
        changed["status"] = [event.status, step.outcome.value]
    return changed


def _move(event: AdverseEvent, outcome: Outcome | None, due: datetime, *, by: User, now: datetime) -> None:
    """Along the states: a report that is judged is open, an open one that is looked at again is followed."""
    if outcome is not None:
        if event.status == EventStatus.REPORTED:
            advance(event, EventStatus.OPEN, by=by, now=now)
        if event.status != outcome.value:
            advance(event, EventStatus(outcome.value), by=by, now=now, closed_at=now, look_due_at=None)
    elif event.status == EventStatus.REPORTED:
        advance(event, EventStatus.OPEN, by=by, now=now)
    elif event.status == EventStatus.DISMISSED:
        advance(event, EventStatus.OPEN, by=by, now=now, closed_at=None, look_due_at=due)
    elif event.status != EventStatus.FOLLOWING:
        advance(event, EventStatus.FOLLOWING, by=by, now=now, closed_at=None, look_due_at=due)


def dismiss(*, event: AdverseEvent, version: int, text: str, by: User, now: datetime) -> AdverseEvent:
    """It is no adverse event, and why. A second click does nothing; what was sent to FDA cannot be dismissed."""
    require(by, Permission.VIEW_CLINICAL)
    if not text.strip():
        raise RuleViolation(_("Write why this is no adverse event."), "words_missing")
    with transaction.atomic():
        if AdverseEvent.objects.filter(pk=event.pk, status=EventStatus.DISMISSED).exists():
            return event
        row = _locked(event, version)
        if row.submitted_on is not None:
            raise RuleViolation(_("A report of it was sent to FDA. Follow it to its end instead."), "submitted")
        row.version += 1
        row.save(update_fields=["version"])
        changes = {"status": [row.status, EventStatus.DISMISSED.value]}
        advance(row, EventStatus.DISMISSED, by=by, now=now, closed_at=now, look_due_at=None, report_due_at=None)
        _note(row, changes, text, by=by, now=now)
    return row


@dataclass(frozen=True)
class Submission:
    """That a person sent the report: on which day, how, and under which number FDA has it, where one was given."""

    on: date
    via: str
    reference: str = ""


def note_submitted(*, event: AdverseEvent, sent: Submission, by: User, now: datetime) -> AdverseEvent:
    """Keep that the report was sent to FDA, once. Raises RuleViolation for a day to come, or before the event."""
    require(by, Permission.VIEW_CLINICAL)
    with transaction.atomic():
        row = AdverseEvent.objects.select_for_update(of=("self",)).select_related("patient").get(pk=event.pk)
        if row.submitted_on is not None:
            return row
        today = clock.today(row.patient.zone, now)
        if not row.serious or row.status in (EventStatus.REPORTED, EventStatus.DISMISSED):
            raise RuleViolation(_("Only a serious event that a clinician has judged is sent as a report."), "not_due")
        if sent.on > today or sent.on < clock.today(row.patient.zone, row.onset_at):
            raise RuleViolation(_("Give the day on which it was sent: not before the event, not after today."), "day")
        row.submitted_on, row.submitted_via, row.submitted_by = sent.on, sent.via, by
        row.report_reference, row.version = sent.reference.strip(), row.version + 1
        row.save(update_fields=["submitted_on", "submitted_via", "submitted_by", "report_reference", "version"])
        _note(row, {"submitted_on": [None, sent.on.isoformat()]}, "", by=by, now=now)
        record(actor=by, action="adverseevent.submitted", now=now, subject=row, via=sent.via)
    return row


def chase(event: AdverseEvent, *, now: datetime) -> bool:
    """Tell the patient's clinicians once about each day to look that passed, and once about a report that is late."""
    if event.look_due_at is not None and event.look_due_at <= now and not _chased(event):
        _tell(event, f"look:{event.look_due_at.isoformat()}", by=SYSTEM, now=now)
        event.chased_at = now
    if event.report_due_at is not None and event.report_due_at <= now and event.submitted_on is None:
        _tell(event, "report", by=SYSTEM, now=now)
        event.report_chased_at = now
    event.save(update_fields=["chased_at", "report_chased_at"])
    return True


def _chased(event: AdverseEvent) -> bool:
    due = event.look_due_at
    return event.chased_at is not None and due is not None and event.chased_at >= due


def to_chase(now: datetime) -> Q:
    """Which events `chase` has something to say about."""
    late = Q(look_due_at__lte=now) & (Q(chased_at__isnull=True) | Q(chased_at__lt=F("look_due_at")))
    unsent = Q(report_due_at__lte=now, submitted_on__isnull=True, report_chased_at__isnull=True)
    return late | unsent
