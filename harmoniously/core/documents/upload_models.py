"""Uploads: files that somebody sent."""

from typing import ClassVar

from django.db import models

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.models import BaseModel


class Upload(BaseModel):
    """A file that somebody sent, written anew by us and sealed (docs/adr/0015). What it shows, the apps above know.

    The row stays when its content is erased: that somebody sent something and took it back is part of the trail.
    """

    MEDIA_TYPES: ClassVar[dict[str, str]] = {"image/jpeg": "jpg", "application/pdf": "pdf"}

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="uploads")
    media_type = models.CharField(max_length=20, choices=[("image/jpeg", "jpg"), ("application/pdf", "pdf")])
    # Bytes and pages of what is kept, not of what came in.
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=1)
    # Of the content: shows that it still is what was stored.
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["patient", "-created_at"], name="documents_uploads_of_patient")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.pk}"

    @property
    def file_name(self) -> str:
        """What it is called when it is saved: nothing of the name it came with, nothing of what it shows."""
        return f"harmoniously-{self.pk.hex[:12]}.{self.MEDIA_TYPES[self.media_type]}"
