"""What the patient said, what was decided from it, and what they consented to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from intake.referrals.models import Facility as Facility
from intake.requests.models import Errand as Errand
from intake.requests.models import InformationRequest as InformationRequest
from intake.requests.models import Paper as Paper


class SubmissionStatus(models.TextChoices):
    """Where a set of answers stands."""

    DRAFT = "draft", _("In progress")
    SUBMITTED = "submitted", _("Handed in")
    SUPERSEDED = "superseded", _("Replaced by newer answers")


class AmendReason(models.TextChoices):
    """Why answers that were handed in are given anew."""

    MISTAKE = "mistake", _("I answered something by mistake")
    CHANGED = "changed", _("Something has changed since then")
    ADDED = "added", _("I can add what you asked me for")


class Submission(BaseModel):
    """One set of answers. Once handed in it never changes; amended answers are a new submission."""

    MOVES: ClassVar[dict[str, set[str]]] = {
        SubmissionStatus.DRAFT: {SubmissionStatus.SUBMITTED},
        SubmissionStatus.SUBMITTED: {SubmissionStatus.SUPERSEDED},
        SubmissionStatus.SUPERSEDED: set(),
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(max_length=12, choices=SubmissionStatus.choices, default=SubmissionStatus.DRAFT)
    form_version = models.CharField(max_length=20)
    # page key -> field name -> value, everything ever entered; flow.route says what of it counts.
    answers = EncryptedJSONField(default=dict)
    # page key -> the version at which it was last saved: how two open tabs notice each other.
    page_versions = EncryptedJSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    amends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="amendments")
    amend_reason = models.CharField(max_length=10, choices=AmendReason.choices, blank=True, default="")
    amend_note = EncryptedTextField(null=True, blank=True)
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    # A high suicide risk was answered and the questions are to be asked again once a clinician cleared the hold.
    crisis_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(status="draft"), name="intake_submission_one_draft_per_patient"
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(status="submitted"), name="intake_submission_one_current_per_patient"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at__isnull=True)
                | (~Q(status="draft") & Q(submitted_at__isnull=False)),
                name="intake_submission_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(amends__isnull=True) | ~Q(amend_reason=""), name="intake_submission_amended_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.status == SubmissionStatus.DRAFT


# What is answered page by page.
Sheet = Submission | Errand


class Outcome(models.TextChoices):
    """The four outcomes of policy section 1. None of them is an approval: a prescriber decides."""

    CRISIS = "crisis", _("Help comes first")
    NOT_ELIGIBLE = "not_eligible", _("Not suitable at home")
    NEEDS_INFORMATION = "needs_information", _("We need to know more")
    ELIGIBLE_FOR_REVIEW = "eligible_for_review", _("Ready for a clinician")


class EligibilityDecision(BaseModel):
    """What the rules found, with the facts and policy version that reproduce it (I8). Never changed, only replaced."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="eligibility_decisions")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    suicide_risk = models.CharField(max_length=12)
    policy_version = models.CharField(max_length=20)
    facts = EncryptedJSONField()
    findings = EncryptedJSONField()
    # The rest of the decision in the output format: treatment_resistance and scores.
    summary = EncryptedJSONField()
    decided_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(is_current=True), name="intake_eligibilitydecision_one_current"
            ),
        ]
        indexes = [
            models.Index(
                fields=["outcome", "decided_at"], condition=Q(is_current=True), name="intake_decision_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"


class Refusal(BaseModel):
    """A prescriber's refusal of a decision, as far as it says when the patient may apply again. Never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="refusals")
    decision = models.OneToOneField(EligibilityDecision, on_delete=models.PROTECT, related_name="refusal")
    # False: the prescriber said that the reason does not pass.
    passes = models.BooleanField(default=True)
    # The first local day of a new application; null when it does not pass.
    again_on = models.DateField(null=True, blank=True)
    refused_at = models.DateTimeField()

    class Meta:
        ordering = ["-refused_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(passes=True, again_on__isnull=False) | Q(passes=False, again_on__isnull=True),
                name="intake_refusal_passes_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"refused {self.pk}"


class Approval(BaseModel):
    """A prescriber's approval of a decision: newer decisions are measured against it. Never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="approvals")
    decision = models.OneToOneField(EligibilityDecision, on_delete=models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["-approved_at"]

    def __str__(self) -> str:
        return f"approved {self.pk}"


class CourseEnd(BaseModel):
    """The treatment that an approval led to has ended: what is handed in later is a new application. Never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="course_ends")
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["-ended_at"]

    def __str__(self) -> str:
        return f"ended {self.pk}"
