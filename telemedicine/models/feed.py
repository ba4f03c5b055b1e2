"""The private address from which a clinician's own calendar program reads their visits."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common.models import BaseModel


class CalendarFeed(BaseModel):
    """An address that opens without signing in (BUG-27): only a digest of its secret is kept, and it can be ended."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinician"], condition=Q(ended_at__isnull=True), name="%(app_label)s_%(class)s_one_each"
            ),
        ]

    def __str__(self) -> str:
        return f"calendar feed since {self.made_at:%Y-%m-%d}"
