"""Signed documents: words that somebody put their name under, kept as they were."""

from django.conf import settings
from django.db import models

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.documents.consent_models import ComprehensionAnswer, ConsentAct, ConsentEvent, ConsentKind
from harmoniously.core.documents.upload_models import Upload

__all__ = ["ComprehensionAnswer", "ConsentAct", "ConsentEvent", "ConsentKind", "SignedDocument", "Upload"]


class SignedDocument(BaseModel):
    """One signed document. ``content`` is what was signed, as JSON; ``sha256`` is of its canonical form.

    Rows are never changed (a trigger refuses it, SEC-07); an amendment is a new row that names the one it replaces.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="signed_documents")
    # "consent.treatment", "intake.answers", "prescription", …
    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    content = EncryptedJSONField()
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signed_documents")
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")

    class Meta:
        ordering = ["-signed_at"]
        indexes = [models.Index(fields=["patient", "kind", "-signed_at"], name="documents_of_patient")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} {self.pk}"
