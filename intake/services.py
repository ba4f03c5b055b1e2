"""Handing in: the one step that turns answers into facts, facts into a decision, and keeps all of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import cared_for, closed_states
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import services as documents
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.questions import flow, reading, wording
from harmoniously.core.questions.instruments import SuicideRisk
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.services import record_assessment
from intake import approvals, people, safety, transcripts
from intake.amending import amend, is_closed, old_answers, refuse, require_not_refused
from intake.case_reader import read_case
from intake.drafts import (
    HandedIn,
    Saved,
    StalePage,
    answers_now,
    carry_over,
    finish_list,
    let_go,
    lock_case,
    locked,
    remove_entry,
    said_here,
    save_entry,
    save_page,
    save_unfinished,
    save_unfinished_entry,
    start,
    was_removed,
)
from intake.eligibility import Decision, assess
from intake.facts import facts_from_answers
from intake.models import AmendReason, EligibilityDecision, Submission, SubmissionStatus
from intake.pages import INTAKE
from intake.pages.feelings import CSSRS_PAGES, cssrs_answers
from intake.policy import load_policy
from intake.requests import papers
from intake.requests.settling import settle
from intake.safety import ask_for_call
from intake.selectors import course_ended

__all__ = [
    "HandedIn",
    "Saved",
    "StalePage",
    "amend",
    "ask_for_call",
    "finish_list",
    "refuse",
    "remove_entry",
    "resubmit",
    "save_entry",
    "save_page",
    "save_unfinished",
    "save_unfinished_entry",
    "start",
    "submit",
    "was_removed",
]


def submit(*, submission: Submission, by: User, now: datetime, version: int | None = None) -> EligibilityDecision:
    """Hand in a draft: decide, and keep facts, findings, policy version, scores and the signed answers.

    Handing in twice gives the same decision. ``version`` is that of the answers which were looked through before.
    Raises RuleViolation while questions are open or help comes first, or "old" when some have to be asked anew because
    their answers count no more; StalePage when an answer was changed since.
    """
    with transaction.atomic():
        lock_case(submission.patient)
        row = locked(submission)
        found = EligibilityDecision.objects.filter(submission=row).first()
        if found is not None:
            return found
        if not let_go(row, by=by, now=now):
            return _submit(row, by=by, now=now, version=version)
    # After the commit: what was let go stays gone.
    raise RuleViolation(
        _("Some answers tell how you were a while ago. Please answer those questions as you are now."), "old"
    )


def _submit(row: Submission, *, by: User, now: datetime, version: int | None) -> EligibilityDecision:
    with transaction.atomic():
        if safety.help_comes_first(row.patient):
            raise RuleViolation(
                _("Please let us help first. You can go on once a clinician has spoken with you."), "crisis"
            )
        if version is not None and row.version != version:
            raise StalePage(_("An answer was changed somewhere else. Look once more before you hand in."), "stale")
        route = flow.route(INTAKE, answers_now(row, held=False))
        if route.open is not None:
            raise RuleViolation(_("Some questions are still open. Answer them, then hand in."), "open")
        consents.require(row.patient, Activity.HAND_IN, now)
        # A draft that was open when a prescriber refused is no way around the day that the refusal names.
        require_not_refused(row, now=now)
        facts, decision = _decide(row.patient, route, now)
        for key in people.FIELDS:
            people.fill(patient=row.patient, answers=row.answers, page=INTAKE.by_key[key], by=by, now=now)
        _replace_older(row, by=by, now=now)
        in_crisis = decision.suicide_risk is SuicideRisk.HIGH
        crisis_at = now if in_crisis else row.crisis_at
        # Whoever began under an earlier version looked through the answers as they are asked now.
        told: dict[str, Any] = {"submitted_at": now, "crisis_at": crisis_at, "form_version": INTAKE.version}
        advance(row, SubmissionStatus.SUBMITTED, by=by, now=now, **told)
        kept = _keep(row, facts, decision, by=by, now=now)
        _record_scores(row, route, by=by, now=now)
        _sign_answers(row, by=by, now=now)
        safety.act(
            patient=row.patient,
            risk=decision.suicide_risk,
            about=safety.about(row),
            by=by,
            now=now,
        )
        settle(decision=kept, by=by, now=now)
    return kept


def resubmit(*, patient: Patient, changes: Mapping[str, Any], by: User, now: datetime) -> EligibilityDecision | None:
    """Decide anew from what was handed in, with some pages replaced and with the documents of now: a new version.

    For information that was asked for later, and for a document that a prescriber looked at; nobody signs the other
    answers again. An open draft gets the changes too. None when nothing was handed in. Raises RuleViolation "open"
    when the changes open a question, "crisis" while help comes first, "refused" while a prescriber's refusal stands;
    None then for what staff do.
    """
    with transaction.atomic():
        lock_case(patient)
        standing = Submission.objects.select_related("patient__user")
        old = standing.filter(patient=patient, status=SubmissionStatus.SUBMITTED).first()
        if old is None:
            return None
        if changes and safety.help_comes_first(old.patient):
            raise RuleViolation(
                _("Please let us help first. You can go on once a clinician has spoken with you."), "crisis"
            )
        by_patient = by == old.patient.user
        if by_patient:
            consents.require(old.patient, Activity.HAND_IN, now)
        if (is_closed(old.patient, now) or course_ended(old)) and not by_patient:
            return None
        if course_ended(old):
            raise RuleViolation(_("Your treatment has ended. Apply again, and tell us then."), "ended")
        if is_closed(old.patient, now):
            raise RuleViolation(_("A prescriber decided on your case. The decision says when you can apply again."))
        answers = {**old_answers(old), **changes}
        route = flow.route(INTAKE, answers)
        # A questionnaire that grew since then is no reason to ask now: only what these changes open is.
        if route.open is not None and flow.route(INTAKE, old.answers).open is None:
            raise RuleViolation(_("Your answer opens another question. Answer it, then hand in."), "open")
        # What a clinician reads of a document says nothing of how the patient is by now: no answer ages by it.
        told = now if by_patient else old.submitted_at or now
        facts, decision = _decide(old.patient, route, now, told=told)
        _replace_older(old, by=by, now=now)
        row = Submission.objects.create(
            patient=old.patient,
            status=SubmissionStatus.SUBMITTED,
            form_version=old.form_version,
            answers=answers,
            page_versions=dict.fromkeys(changes, old.version + 1),
            version=old.version + 1,
            amends=old,
            amend_reason=AmendReason.ADDED if by_patient else AmendReason.CHANGED,
            saved_at=now,
            submitted_at=now,
            crisis_at=old.crisis_at,
            created_at=now,
        )
        pages = sorted(INTAKE.slug(INTAKE.by_key[key]) for key in changes)
        record(actor=by, action="submission.submitted", now=now, subject=row, pages=pages)
        carry_over(onto=row, before=old_answers(old), changes=changes, now=now)
        kept = _keep(row, facts, decision, by=by, now=now)
        _record_scores(row, route, by=by, now=now)
        grown_old = by_patient and decision.suicide_risk is SuicideRisk.INCOMPLETE
        if grown_old or any(key in changes for key in CSSRS_PAGES):
            safety.act(patient=old.patient, risk=decision.suicide_risk, about=safety.about(row), by=by, now=now)
        settle(decision=kept, by=by, now=now)
    return kept


def _decide(
    patient: Patient, route: flow.Route, now: datetime, *, told: datetime | None = None
) -> tuple[dict[str, Any], Decision]:
    """Facts and decision of now; the answers count as they did when the patient last told something (``told``)."""
    today, last = (clock.today(patient.zone, moment) for moment in (now, told or now))
    facts = facts_from_answers(route.used, as_of=today, told_on=last, documents=papers.on_file(patient))
    if facts.get("state") in closed_states() and not cared_for(patient, at=now):
        facts["state_closed"] = True
    return facts, assess(read_case(facts), load_policy())


def _replace_older(row: Submission, *, by: User, now: datetime) -> None:
    older = Submission.objects.filter(patient=row.patient, status=SubmissionStatus.SUBMITTED).first()
    if older is not None:
        advance(older, SubmissionStatus.SUPERSEDED, by=by, now=now)
    EligibilityDecision.objects.filter(patient=row.patient, is_current=True).update(is_current=False)


def _keep(
    row: Submission, facts: dict[str, Any], decision: Decision, *, by: User, now: datetime
) -> EligibilityDecision:
    said = decision.to_json()
    kept = EligibilityDecision.objects.create(
        patient=row.patient,
        submission=row,
        outcome=said["outcome"],
        suicide_risk=said["suicide_risk"],
        policy_version=said["policy_version"],
        facts=facts,
        findings=said["findings"],
        summary={"treatment_resistance": said["treatment_resistance"], "scores": said["scores"]},
        decided_at=now,
        created_at=now,
    )
    record(actor=by, action="eligibility.decided", now=now, subject=kept, policy=kept.policy_version)
    approvals.measure(decision=kept, by=by, now=now)
    return kept


def _record_scores(row: Submission, route: flow.Route, *, by: User, now: datetime) -> None:
    """What was answered in these answers, and not copied: a score belongs to the days on which it was given."""
    given: dict[str, Any] = {
        page.key: route.used[page.key]["items"]
        for page in route.pages
        if page.key in set(Assessment.Instrument.values)
        and page.fields[0].instrument is not None
        and said_here(row, page.key)
    }
    if any(key in route.used and said_here(row, key) for key in CSSRS_PAGES):
        given[Assessment.Instrument.CSSRS] = cssrs_answers(route.used)
    for instrument, answers in given.items():
        asked = CSSRS_PAGES if instrument == Assessment.Instrument.CSSRS else (instrument,)
        record_assessment(
            patient=row.patient,
            instrument=instrument,
            answers=answers,
            context="intake",
            language=wording.language_of(route.used, asked),
            by=by,
            now=now,
        )


def _sign_answers(row: Submission, *, by: User, now: datetime) -> None:
    """The signed copy of the answers, under the legal name that stands in them."""
    answers = [
        {"section": str(section.title), "rows": [[entry.label, list(entry.lines)] for entry in rows]}
        for section, rows in reading.sections(INTAKE, answers_now(row, held=False))
    ]
    documents.sign(
        patient=row.patient,
        kind="intake.answers",
        version=row.form_version,
        content={
            "submission": str(row.pk),
            "signature": row.patient.legal_name,
            "sections": answers,
            # Every question as it was worded, so that it can be read when the questionnaire is worded otherwise.
            "transcript": transcripts.in_todays_words(row).to_json(),
        },
        by=by,
        now=now,
    )
