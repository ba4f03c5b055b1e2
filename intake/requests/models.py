"""Documents that a patient sent, and what the practice still waits for."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.documents.upload_models import Upload


class PaperKind(models.TextChoices):
    """What a document shows. The letters and records are those of the case format, under the same names."""

    IDENTITY = "identity", _("Photo of your ID")
    CARDIOLOGY_LETTER = "cardiology_letter", _("Letter from your heart doctor")
    TREATING_CLINICIAN_LETTER = "treating_clinician_letter", _("Letter from the clinician who treats you")
    PAIN_RECORDS = "pain_records", _("Records about your pain")
    BLOOD_PRESSURE_CUFF = "blood_pressure_cuff", _("Picture of your blood-pressure cuff")


# These have a date that counts, may come as PDF, and are among the facts of a decision.
DATED = (PaperKind.CARDIOLOGY_LETTER, PaperKind.TREATING_CLINICIAN_LETTER, PaperKind.PAIN_RECORDS)


class PaperStatus(models.TextChoices):
    """Where a document stands. It is on file from the moment it was sent; a prescriber may find that it does not do."""

    ON_FILE = "on_file", _("On file")
    NOT_ACCEPTED = "not_accepted", _("Does not do")
    REPLACED = "replaced", _("Replaced by a newer one")
    REMOVED = "removed", _("Taken back")


class Paper(BaseModel):
    """One document of a patient. What was handed in with answers stays; before that the patient may take it back."""

    MOVES: ClassVar[dict[str, set[str]]] = {
        PaperStatus.ON_FILE: {PaperStatus.NOT_ACCEPTED, PaperStatus.REPLACED, PaperStatus.REMOVED},
        PaperStatus.NOT_ACCEPTED: {PaperStatus.ON_FILE, PaperStatus.REPLACED},
        PaperStatus.REPLACED: set(),
        PaperStatus.REMOVED: set(),
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="papers")
    # What it shows says what a patient has; a PaperKind.
    kind_sealed = EncryptedTextField()
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="paper")
    # The day that stands on it, as an ISO date; None for a photo.
    dated_sealed = EncryptedJSONField(null=True)
    status = models.CharField(max_length=16, choices=PaperStatus.choices, default=PaperStatus.ON_FILE)
    # When it first went to the practice with answers; from then on it is part of the record.
    handed_in_at = models.DateTimeField(null=True, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    # Why it does not do, in the practice's words to the patient.
    words = EncryptedTextField(blank=True, default="")
    # A photo ID: when a coordinator found that it shows the patient's name and birth date.
    compared_at = models.DateTimeField(null=True, blank=True)
    compared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["patient", "-created_at"], name="intake_papers_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(compared_at__isnull=True, compared_by__isnull=True)
                | Q(compared_at__isnull=False, compared_by__isnull=False),
                name="intake_paper_compared_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"

    @property
    def kind(self) -> PaperKind:
        """What it shows."""
        return PaperKind(self.kind_sealed)

    def get_kind_display(self) -> str:
        """What it shows, in the patient's words."""
        return str(self.kind.label)

    @property
    def dated(self) -> date | None:
        """The day that stands on it."""
        return date.fromisoformat(self.dated_sealed) if self.dated_sealed else None

    @property
    def judged(self) -> bool:
        """Whether somebody may say that it does, or does not do."""
        return self.status in (PaperStatus.ON_FILE, PaperStatus.NOT_ACCEPTED)

    @property
    def about(self) -> str:
        """How the follow-up that asks a coordinator to compare it names it."""
        return f"identity:{self.pk}"

    @property
    def removable(self) -> bool:
        """Whether the patient may still take it back."""
        return self.status == PaperStatus.ON_FILE and self.handed_in_at is None


class RequestStatus(models.TextChoices):
    """Where a request stands; whether it is overdue follows from its date."""

    OPEN = "open", _("Waiting for you")
    ANSWERED = "answered", _("Handed in")
    WITHDRAWN = "withdrawn", _("Not needed any more")


def mark_of(patient_id: object, item: str) -> str:
    """A mark that is the same for the same thing asked of the same patient, and tells nobody which it is."""
    return salted_hmac("intake.informationrequest.item", f"{patient_id}:{item}", algorithm="sha256").hexdigest()


class InformationRequest(BaseModel):
    """One thing that a decision waits for, with the day by which it is asked for."""

    MOVES: ClassVar[dict[str, set[str]]] = {
        RequestStatus.OPEN: {RequestStatus.ANSWERED, RequestStatus.WITHDRAWN},
        RequestStatus.ANSWERED: set(),
        RequestStatus.WITHDRAWN: set(),
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="information_requests")
    # The decision that first asked for it.
    decision = models.ForeignKey(
        "intake.EligibilityDecision", on_delete=models.PROTECT, related_name="information_requests"
    )
    # "reading", "pregnancy_test", "letter:<kind>", "answer:<page key>" (rules.Asked.item)
    item_sealed = EncryptedTextField()
    # Tells two requests of a patient apart without saying what they ask.
    item_mark = models.CharField(max_length=64)
    # The plain sentences of the findings that ask for it, as the newest decision says them.
    texts_sealed = EncryptedJSONField(default=list)
    status = models.CharField(max_length=12, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "item_mark"],
                condition=Q(status="open"),
                name="intake_informationrequest_one_open",
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | (~Q(status="answered") & Q(answered_at__isnull=True)),
                name="intake_informationrequest_answered_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"

    @property
    def item(self) -> str:
        """What is asked."""
        asked: str = self.item_sealed
        return asked

    @property
    def texts(self) -> list[str]:
        """Why it is asked, in plain words."""
        found: Any = self.texts_sealed
        return list(found)

    @property
    def about(self) -> str:
        """How follow-ups name it."""
        return f"request:{self.pk}"

    @property
    def page_key(self) -> str:
        """The page of the questionnaire that is asked; empty for everything else."""
        kind, _colon, key = self.item.partition(":")
        return key if kind == "answer" else ""


class Errand(BaseModel):
    """The answers to a request that asks for pages of the questionnaire, until they are handed in with it.

    It is answered like a draft (intake.drafts), only that nothing but these pages is asked. ``answers`` starts as what
    was handed in (``base``); what ``page_versions`` names was answered here.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="errands")
    request = models.OneToOneField(InformationRequest, on_delete=models.PROTECT, related_name="errand")
    base = models.ForeignKey("intake.Submission", on_delete=models.PROTECT, related_name="errands")
    answers = EncryptedJSONField(default=dict)
    page_versions = EncryptedJSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, blank=True)
    # As that of a draft: the questions about suicide are to be asked again.
    crisis_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"errand {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.handed_in_at is None and self.request.status == RequestStatus.OPEN
