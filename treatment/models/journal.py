"""The journal: what a patient writes for themselves, and what of it they share with a therapist."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.plan import DoseSession


class JournalEntry(BaseModel):
    """One entry. `text` is what was saved, `draft` what is newer than that and was only kept while it was written.

    `token` comes from the page of a new entry, so that a page sent twice makes one. `version` counts every writing;
    `writer` is the opened page that wrote last, with its `turn`, so that two devices never overwrite each other
    unseen. A deleted entry keeps its row without any word, so that a page sent again does not bring it back.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="journal")
    session = models.ForeignKey(DoseSession, null=True, blank=True, on_delete=models.PROTECT, related_name="journal")
    token = models.UUIDField()
    prompt = models.CharField(max_length=24, blank=True, default="")
    prompts_version = models.CharField(max_length=16, blank=True, default="")
    text = EncryptedTextField(default="", blank=True)
    draft = EncryptedTextField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    draft_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    writer = models.UUIDField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["patient", "-created_at"], condition=Q(deleted_at__isnull=True), name="treatment_journal_of"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "token"], name="treatment_journalentry_once"),
            models.CheckConstraint(
                condition=Q(draft__isnull=True, draft_at__isnull=True) | Q(draft__isnull=False, draft_at__isnull=False),
                name="treatment_journalentry_draft_when",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True)
                | Q(draft__isnull=True, session__isnull=True, prompt="", prompts_version=""),
                name="treatment_journalentry_deleted_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"journal entry {self.pk}"

    @property
    def newest(self) -> str:
        """What the patient wrote last, saved or not."""
        return str(self.text if self.draft is None else self.draft)


class JournalShare(BaseModel):
    """One therapist may read one entry, until the patient takes that back or this therapist's care ends."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="journal_shares")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="shares")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="journal_shares")
    shared_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-shared_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "clinician"],
                condition=Q(taken_back_at__isnull=True),
                name="treatment_journalshare_one",
            ),
        ]

    def __str__(self) -> str:
        return f"share of entry {self.entry_id}"
