"""The audit trail: who did or saw what, to whose record, when. Rows are only ever added (SEC-06, SEC-07)."""

from typing import ClassVar

from django.db import models


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
