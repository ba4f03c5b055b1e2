"""The audit trail: who did or saw what, to whose record, when. Rows are only ever added (SEC-06, SEC-07)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.audit.review_models import AccessFinding as AccessFinding
from harmoniously.core.audit.review_models import AccessItem as AccessItem
from harmoniously.core.audit.review_models import AccessReview as AccessReview
from harmoniously.core.common.models import BaseModel


class AuditChain(models.Model):
    """The head of one chain: one for each patient, one for the practice. Shows when the newest rows were cut off."""

    key = models.CharField(max_length=40, primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.key} ({self.length})"


class AuditEvent(models.Model):
    """One event. No foreign keys: it must outlive what it tells of, and never carries clinical values.

    ``payload`` is the text that is hashed: the same facts as the columns, in canonical JSON. The database computes
    ``position``, ``previous`` and ``hash`` when the row is added, so no writer can leave a gap.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    patient = models.UUIDField(null=True)
    request_id = models.CharField(max_length=32, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    facts = models.JSONField(default=dict)
    payload = models.TextField()
    chain = models.CharField(max_length=40)
    position = models.BigIntegerField(default=0)
    previous = models.CharField(max_length=64, default="")
    hash = models.CharField(max_length=64, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="audit_event_one_per_position")]
        indexes = [
            models.Index(fields=["patient", "-at"]),
            models.Index(fields=["actor", "-at"]),
            models.Index(fields=["action", "-at"]),
            models.Index(fields=["subject"], name="audit_event_subject", condition=~Q(subject="")),
            models.Index(fields=["request_id"], name="audit_event_request", condition=~Q(request_id="")),
            models.Index(fields=["ip"], name="audit_event_ip", condition=~Q(ip="")),
            models.Index(fields=["id"], name="audit_event_emergency", condition=Q(facts__has_key="break_glass")),
            # Events are added in the order of their moments, so that a few words for each block find a span of days.
            BrinIndex(fields=["at"], name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class StatusChange(models.Model):
    """One move of one row along its table of legal moves, with its author. Added only."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=100, db_index=True)
    before = models.CharField(max_length=30)
    after = models.CharField(max_length=30)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason_code = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} to {self.after}"


class ChainCheck(BaseModel):
    """A check of the whole trail that somebody asked for: how far it came, and what it found. Never deleted.

    It goes on in pieces: `chain`, `position` and `hash` are the last event that was checked.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("Going on")
        WHOLE = "whole", _("Everything is as it was written")
        BROKEN = "broken", _("Something is not as it was written")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    chain = models.CharField(max_length=40, blank=True, default="")
    position = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")
    events = models.BigIntegerField(default=0)
    # How many things are wrong, and the first of them in words.
    wrong = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="audit_chaincheck_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | ~Q(status="running") & Q(finished_at__isnull=False),
                name="audit_chaincheck_finished_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="whole") | Q(wrong=0), name="audit_chaincheck_whole_without_a_fault"
            ),
        ]

    def __str__(self) -> str:
        return f"check of {self.asked_at:%Y-%m-%d}"
