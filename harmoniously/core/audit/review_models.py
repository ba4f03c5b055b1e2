"""Access reviews: somebody looks regularly at who opened what and who may open anything (45 CFR 164.308(a)(1)(ii)(D)).

What is looked at is kept as it was found on that day, and each word about it is only ever added.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import EmergencyAccess, Patient, User
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel


class AccessReview(BaseModel):
    """One review of a span of time. Open until somebody says that it is done, and when the next one is due."""

    since = models.DateTimeField()
    until = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="audit_accessreview_one_open",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="audit_accessreview_ends_after_start"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, finished_by__isnull=True, next_due_at__isnull=True)
                | Q(finished_at__isnull=False, finished_by__isnull=False, next_due_at__isnull=False),
                name="audit_accessreview_finished_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"review until {self.until:%Y-%m-%d}"


class ItemKind(models.TextChoices):
    """What is looked at."""

    OPENING = "opening", _("Records opened without anything done near it")
    EMERGENCY = "emergency", _("Records opened in an emergency")
    ACCOUNT = "account", _("Accounts of the staff")


class AccessItem(BaseModel):
    """One thing to look at, as it was when the review was opened: added with the review and never changed."""

    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # As it was: a role may change afterwards.
    role = models.CharField(max_length=20)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    emergency = models.ForeignKey(EmergencyAccess, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    readings = models.PositiveIntegerField(default=0)
    # Codes of what is noticeable, such as "dormant".
    marks = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["-readings", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "kind", "person", "patient", "emergency"],
                nulls_distinct=False,
                name="audit_accessitem_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Verdict(models.TextChoices):
    """What somebody found."""

    RIGHT = "right", _("In order")
    FOLLOW_UP = "follow_up", _("To be followed up")
    NOT_ALLOWED = "not_allowed", _("Was not allowed")


class AccessFinding(BaseModel):
    """What somebody found about one thing, with words. Added only: the newest counts, and the earlier ones stay."""

    item = models.ForeignKey(AccessItem, on_delete=models.PROTECT, related_name="findings")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    words = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-created_at"]

    def __str__(self) -> str:
        return f"{self.verdict} {self.at:%Y-%m-%d}"
