"""What a suicide risk leads to, at the moment it is answered (policy section 4)."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts import services as alerting
from harmoniously.core.alerts.models import AlertKind, AlertStatus, FollowUpKind, HoldLevel, SafetyHold
from harmoniously.core.alerts.surfacing import surface_any
from harmoniously.core.audit.services import record
from harmoniously.core.questions import flow, wording
from harmoniously.core.questions.instruments import SuicideRisk, suicide_risk
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.services import record_assessment
from harmoniously.core.questions.specs import Kind, Page
from intake.models import Errand, Sheet, Submission, SubmissionStatus
from intake.pages import INTAKE
from intake.pages.feelings import CSSRS_PAGES, cssrs_answers

LEVELS = {
    SuicideRisk.HIGH: HoldLevel.HIGH,
    SuicideRisk.MODERATE: HoldLevel.MODERATE,
    SuicideRisk.INCOMPLETE: HoldLevel.INCOMPLETE,
}
ALERTS = {
    SuicideRisk.HIGH: AlertKind.SUICIDE_RISK_HIGH,
    SuicideRisk.MODERATE: AlertKind.SUICIDE_RISK_MODERATE,
}


def help_comes_first(patient: Patient) -> bool:
    """Whether the crisis page stands in for everything else: until a clinician cleared a high hold."""
    hold = alerts.active_hold(patient)
    return hold is not None and hold.level == HoldLevel.HIGH


def told_at(patient: Patient) -> datetime | None:
    """When the clinician on call was told of the danger that stands now."""
    hold = alerts.active_hold(patient)
    return hold.opened_at if hold is not None and hold.level == HoldLevel.HIGH else None


def watch(*, submission: Sheet, page: Page, by: User, now: datetime) -> bool:
    """Act on the C-SSRS when one of its pages was saved; True when help comes first now.

    HIGH is acted upon at once, whatever is still open. The other levels wait until its pages are answered.
    """
    if page.key not in CSSRS_PAGES:
        return False
    route = flow.route(INTAKE, submission.answers)
    answers = cssrs_answers(route.used)
    risk = suicide_risk(answers)
    asked = [shown for shown in route.pages if shown.key in CSSRS_PAGES]
    if any(astuple(answers)):
        _ask_again(submission.patient, now, but=submission)
    if risk is not SuicideRisk.HIGH and not all(flow.is_done(shown, route.used) for shown in asked):
        # Somebody who said yes and stops here is protected as policy section 4 asks for what is incomplete.
        if any(astuple(answers)):
            act(patient=submission.patient, risk=SuicideRisk.INCOMPLETE, about=about(submission), by=by, now=now)
        return False
    act(patient=submission.patient, risk=risk, about=about(submission), by=by, now=now)
    if risk is not SuicideRisk.HIGH:
        return False
    record_assessment(
        patient=submission.patient,
        instrument=Assessment.Instrument.CSSRS,
        answers=answers,
        context="intake",
        language=wording.language_of(route.used, CSSRS_PAGES),
        by=by,
        now=now,
    )
    submission.crisis_at = now
    submission.save(update_fields=["crisis_at"])
    _ask_again(submission.patient, now)
    return True


def is_danger(page: Page, given: Mapping[str, Any]) -> bool:
    """Whether the answers of one page alone are a HIGH risk."""
    return page.key in CSSRS_PAGES and suicide_risk(cssrs_answers({page.key: given})) is SuicideRisk.HIGH


def heed(*, patient: Patient, by: User, now: datetime) -> None:
    """Act on a HIGH answer that cannot be saved, because its page was overtaken.

    What somebody says about killing themselves counts however old the page is on which they say it (policy section 4):
    once a clinician cleared the hold, a draft that says otherwise is asked again.
    """
    with transaction.atomic():
        act(patient=patient, risk=SuicideRisk.HIGH, about=f"patient:{patient.pk}", by=by, now=now)
        _ask_again(patient, now)


def _ask_again(patient: Patient, now: datetime, but: Sheet | None = None) -> None:
    """Whatever is being answered beside it: its questions about suicide are asked anew after the crisis."""
    drafts = Submission.objects.filter(patient=patient, status=SubmissionStatus.DRAFT)
    errands = Errand.objects.filter(patient=patient, handed_in_at__isnull=True)
    for rows in (drafts, errands):
        (rows.exclude(pk=but.pk) if but else rows).update(crisis_at=now)


def own_words(page: Page, given: Mapping[str, Any]) -> list[str]:
    """What somebody typed freely on a page, or in the entries of a list."""
    names = [field.name for field in page.fields if field.kind in (Kind.TEXT, Kind.LONG_TEXT)]
    entries: list[Mapping[str, Any]] = given.get("items", []) if page.repeat is not None else [given]
    return [entry[name] for entry in entries for name in names if isinstance(entry.get(name), str)]


def heed_words(
    *, submission: Sheet, page: Page, before: Mapping[str, Any], given: Mapping[str, Any], by: User, now: datetime
) -> bool:
    """Whether what was newly typed on a page may mean danger: a clinician is told as soon as it is saved."""
    known = set(own_words(page, before))
    return surface_any(
        texts=[text for text in own_words(page, given) if text not in known],
        patient=submission.patient,
        about=about(submission),
        key=f"{about(submission)}:{page.key}:{submission.version}",
        by=by,
        now=now,
    )


def words_in(key: UUID) -> list[str]:
    """Everything that was typed freely in some answers, and the note with which they were given anew."""
    found: Submission | None = Submission.objects.filter(pk=key).first()
    sheet = found or Errand.objects.filter(pk=key).first()
    if sheet is None:
        return []
    typed = [text for page in INTAKE.pages for text in own_words(page, sheet.answers.get(page.key, {}))]
    return [*typed, *([found.amend_note] if found is not None and found.amend_note else [])]


def about(submission: Sheet) -> str:
    """How alerts and holds name the answers that led to them."""
    return f"intake:{submission.pk}"


def act(*, patient: Patient, risk: SuicideRisk, about: str, by: User, now: datetime) -> SafetyHold | None:
    """Open the hold and the alert that a level asks for.

    However often it is saved while nobody took the alert, it is one; what is said after that rings anew.
    """
    level = LEVELS.get(risk)
    if level is None:
        alerting.lift_incomplete_hold(patient=patient, by=by, now=now)
        return None
    hold = alerting.open_hold(patient=patient, level=level, about=about, by=by, now=now)
    kind = ALERTS.get(risk)
    if kind is not None:
        alerting.raise_anew(kind=kind, patient=patient, about=about, group=f"{kind}:{hold.pk}", by=by, now=now)
    return hold


def _call_mark(patient: Patient) -> str:
    hold = alerts.active_hold(patient)
    return f"call_me:{hold.pk if hold else patient.pk}"


def call_asked_at(patient: Patient) -> datetime | None:
    """When the patient asked to be called, for as long as nobody took the alert that tells of it."""
    asked = alerts.alerts_of(patient).filter(about=_call_mark(patient), kind=AlertKind.HELP_PRESSED)
    found = asked.exclude(status=AlertStatus.RESOLVED).first()
    return found.opened_at if found else None


def ask_for_call(*, patient: Patient, by: User, now: datetime) -> None:
    """ "I am safe now, call me": tells the on-call person and puts the call on the worklist.

    Asked again after somebody took the last one, it rings anew.
    """
    mark = _call_mark(patient)
    with transaction.atomic():
        record(actor=by, action="crisis.call_requested", now=now, patient=patient)
        alert = alerting.raise_anew(
            kind=AlertKind.HELP_PRESSED, patient=patient, about=mark, group=mark, by=by, now=now
        )
        alerting.open_follow_up(
            kind=FollowUpKind.CALL_BACK,
            patient=patient,
            about=mark,
            dedupe_key=alert.dedupe_key,
            due_at=now,
            by=by,
            now=now,
        )
