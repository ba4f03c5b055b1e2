"""Questions about what patients said and what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.selectors import case_holds
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.questions import flow, reading
from harmoniously.core.questions.specs import Section
from intake.approvals import standing
from intake.drafts import answers_now
from intake.models import (
    Approval,
    CourseEnd,
    EligibilityDecision,
    Errand,
    Outcome,
    Refusal,
    Sheet,
    Submission,
    SubmissionStatus,
)
from intake.pages import INTAKE
from intake.requests.errands import restrict
from intake.safety import help_comes_first

FOR_REVIEW = (Outcome.ELIGIBLE_FOR_REVIEW, Outcome.NEEDS_INFORMATION)


def latest_decision(patient: Patient) -> EligibilityDecision | None:
    """The decision that counts for a patient, or None before the first."""
    rows = EligibilityDecision.objects.filter(patient=patient, is_current=True)
    return rows.select_related("patient__user", "submission", "refusal").first()


def approved(patient: Patient) -> bool:
    """Whether a prescriber approved treatment, none refused it since, and it has not ended."""
    return _approvals(patient).exists()


def _approvals(patient: Patient) -> QuerySet[Approval]:
    since = Refusal.objects.filter(patient=OuterRef("patient"), refused_at__gte=OuterRef("approved_at"))
    return standing().filter(patient=patient).exclude(Exists(since))


@dataclass(frozen=True, slots=True)
class Course:
    """What became of what was handed in: `approved`, as above; `stopped` by newer answers; `ended` since."""

    approved: bool
    stopped: bool
    ended: bool


def course_of(patient: Patient, submission: Submission) -> Course:
    """What became of these answers of a patient, in one query."""
    stopped = case_holds().filter(patient=patient)
    found = Patient.objects.filter(pk=patient.pk).values_list(
        Exists(_approvals(patient)), Exists(stopped), Exists(_ends_since(submission))
    )
    return Course(*found.get())


def applies_again(patient: Patient) -> bool:
    """Whether what a patient handed in last led to a treatment that has ended: a new application comes first."""
    rows = Submission.objects.filter(patient=patient, status=SubmissionStatus.SUBMITTED)
    last = rows.only("patient", "submitted_at", "saved_at").first()
    return last is not None and course_ended(last)


def course_ended(submission: Submission) -> bool:
    """Whether the treatment that these answers led to has ended since they were handed in."""
    return _ends_since(submission).exists()


def _ends_since(submission: Submission) -> QuerySet[CourseEnd]:
    handed_in = submission.submitted_at or submission.saved_at
    return CourseEnd.objects.filter(patient=submission.patient_id, ended_at__gte=handed_in)


def decisions_awaiting_review() -> QuerySet[EligibilityDecision]:
    """The decision that counts of every patient whom a prescriber may review, oldest first.

    Whatever its outcome that of a patient whose treatment is held by it: a prescriber has to decide how it goes on.
    """
    held = Q(patient__in=case_holds().values("patient"))
    found = EligibilityDecision.objects.filter(Q(outcome__in=FOR_REVIEW) | held, is_current=True)
    return found.select_related("patient__user", "submission").order_by("decided_at")


def stored_decisions(*, current: bool = False) -> Iterator[EligibilityDecision]:
    """Every decision, oldest first, some at a time: id, outcome, policy version and facts; `current`: those that count.

    Inside a transaction, so that PostgreSQL keeps the place and memory does not grow with their number.
    """
    return _decisions(current=current).order_by("decided_at", "pk").iterator(chunk_size=200)


def newest_decisions(number: int) -> list[EligibilityDecision]:
    """The newest so many of the decisions that count, with the same columns."""
    return list(_decisions(current=True).order_by("-decided_at", "pk")[:number])


def _decisions(*, current: bool) -> QuerySet[EligibilityDecision]:
    rows = EligibilityDecision.objects.only("outcome", "policy_version", "facts")
    return rows.filter(is_current=True) if current else rows


def current_submission(patient: Patient) -> Submission | None:
    """The draft a patient is working on, else what they handed in, else None."""
    rows = {row.status: row for row in standing_submissions(patient)}
    return rows.get(SubmissionStatus.DRAFT) or rows.get(SubmissionStatus.SUBMITTED)


def standing_submissions(patient: Patient) -> QuerySet[Submission]:
    """At most two: the draft a patient is working on, and what they handed in last."""
    rows = Submission.objects.select_related("patient__user").filter(patient=patient)
    return rows.exclude(status=SubmissionStatus.SUPERSEDED)


def draft_of(patient: Patient) -> Submission | None:
    """The draft a patient is working on."""
    drafts = Submission.objects.select_related("patient__user").filter(patient=patient)
    return drafts.filter(status=SubmissionStatus.DRAFT).first()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submission is: pages answered of those that these answers lead to."""

    done: int
    total: int
    route: flow.Route

    @property
    def complete(self) -> bool:
        """Whether only check-your-answers is left."""
        return self.route.open is None


def progress_of(submission: Submission) -> Progress:
    """How far a submission is, for the task list and the patient's home."""
    route = route_of(submission)
    done = sum(flow.is_done(page, route.used) for page in route.pages)
    return Progress(done, len(route.pages), route)


def route_of(submission: Sheet) -> flow.Route:
    """The pages and the answers that count now; of an errand only its own pages."""
    whole = flow.route(INTAKE, standing_answers(submission))
    return restrict(submission, whole) if isinstance(submission, Errand) else whole


def standing_answers(submission: Sheet) -> dict[str, Any]:
    """The answers that still stand (see drafts.answers_now)."""
    held = submission.crisis_at is not None and help_comes_first(submission.patient)
    return answers_now(submission, held=held)


def answers_in_words(submission: Sheet) -> list[tuple[Section, list[reading.Row]]]:
    """Everything that was answered and counts, section by section, for the case page and the check page."""
    return reading.sections(INTAKE, standing_answers(submission))


def signed_answers(submission: Submission) -> SignedDocument | None:
    """The signed copy of what was handed in."""
    found = SignedDocument.objects.filter(patient_id=submission.patient_id, kind="intake.answers")
    return next((row for row in found.order_by("-created_at") if row.content["submission"] == str(submission.pk)), None)
