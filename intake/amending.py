"""Giving answers anew: a correction, news, or a new application after a refusal. The old answers stay as they were."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from intake import ages, drafts, safety
from intake.again import Again, Reapplication, load_waits, reapplication
from intake.models import AmendReason, EligibilityDecision, Outcome, Refusal, Submission, SubmissionStatus

NEVER, TOO_EARLY, NO_NOTE = "never", "too_early", "no_note"
PRESCRIBER = "prescriber"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a patient is refused now, by whom, and when they may apply again."""

    again: Reapplication
    by_prescriber: bool
    today: date

    @property
    def open(self) -> bool:
        """Whether a new application may be made today."""
        return self.again.open(self.today)


def standing(patient: Patient, now: datetime) -> Standing | None:
    """What a refusal that counts says about applying again; None when the patient is not refused."""
    found = EligibilityDecision.objects.filter(patient=patient, is_current=True).select_related("refusal").first()
    return None if found is None else standing_on(found, patient, now)


def standing_on(found: EligibilityDecision, patient: Patient, now: datetime) -> Standing | None:
    """The same of the decision that counts."""
    today = clock.today(patient.zone, now)
    refusal: Refusal | None = getattr(found, "refusal", None)
    if refusal is not None:
        said = Again(PRESCRIBER, prescriber_said_so(), refusal.again_on)
        return Standing(Reapplication((said,)), by_prescriber=True, today=today)
    if found.outcome != Outcome.NOT_ELIGIBLE:
        return None
    decided_on = clock.today(patient.zone, found.decided_at)
    waits = load_waits(found.policy_version)
    again = reapplication(found.findings, found.facts, decided_on=decided_on, waits=waits)
    return Standing(again, by_prescriber=False, today=today)


def prescriber_said_so() -> str:
    """Why a new application waits, where it is not for the rules to say."""
    return _("The prescriber who looked at your case said so.")


def amend(*, patient: Patient, reason: str, note: str = "", by: User, now: datetime) -> Submission:
    """Open what was handed in as a new draft that starts from its answers, for a reason (an AmendReason).

    What counts no more is asked anew, and the C-SSRS always.
    After a refusal a mistake may be corrected with a note that says which, unless a prescriber refused; anything else
    is a new application. Raises RuleViolation "too_early", "never" or "no_note".
    """
    draft = Submission.objects.filter(patient=patient, status=SubmissionStatus.DRAFT).first()
    if draft is not None:
        return draft
    old = Submission.objects.filter(patient=patient, status=SubmissionStatus.SUBMITTED).first()
    if old is None:
        return drafts.start(patient=patient, by=by, now=now)
    refused = standing(patient, now)
    if refused is not None:
        _require(refused, AmendReason(reason), note.strip())
    kept = {"amend_reason": AmendReason(reason), "amend_note": note.strip() or None}
    answers = ages.given_anew(old_answers(old), clock.today(patient.zone, now))
    with transaction.atomic():
        drafts.lock_case(patient)
        made = drafts.create(patient, by, now, answers=answers, amends=old, **kept)
        about = safety.about(made)
        surface(text=note, patient=patient, about=about, key=f"{about}:note", by=by, now=now)
    return made


def old_answers(old: Submission) -> dict[str, Any]:
    """What was handed in, each answer of which the age counts with its day; unless kept, that of handing in."""
    return ages.dated(old.answers, clock.today(old.patient.zone, old.submitted_at or old.saved_at))


def _require(refused: Standing, reason: AmendReason, note: str) -> None:
    if reason is AmendReason.MISTAKE and not refused.by_prescriber:
        if not note:
            raise RuleViolation(_("Tell us which answer was wrong, and why. A clinician reads it."), NO_NOTE)
        return
    if refused.again.never:
        raise RuleViolation(_("We cannot take a new application for this, because the reason does not pass."), NEVER)
    if not refused.open:
        raise RuleViolation(_("It is too early for a new application. The day is given above."), TOO_EARLY)


def require_not_refused(draft: Submission, *, now: datetime) -> None:
    """Raise RuleViolation "never" or "too_early" for a draft whose case a prescriber refused meanwhile."""
    refused = standing(draft.patient, now)
    if refused is not None and refused.by_prescriber:
        _require(refused, AmendReason.CHANGED, "")


def is_closed(patient: Patient, now: datetime) -> bool:
    """Whether a prescriber's refusal stands: until its day nothing that arrives later opens the case again."""
    refused = standing(patient, now)
    return refused is not None and refused.by_prescriber and not refused.open


def refuse(*, decision: EligibilityDecision, wait_days: int | None, by: User, now: datetime) -> Refusal:
    """Keep what a prescriber's refusal says about applying again: after how many days, or None for never.

    Saying it again keeps what was said first.
    """
    today = clock.today(decision.patient.zone, now)
    with transaction.atomic():
        row, made = Refusal.objects.get_or_create(
            decision=decision,
            defaults={
                "patient": decision.patient,
                "passes": wait_days is not None,
                "again_on": None if wait_days is None else today + timedelta(days=wait_days),
                "refused_at": now,
                "created_at": now,
            },
        )
        if made:
            record(actor=by, action="eligibility.refused", now=now, subject=row, wait_days=wait_days)
    return row
