"""A way back into an account whose owner lost both the mailbox and the password (docs/accounts.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel

if TYPE_CHECKING:
    from harmoniously.core.accounts.models import Patient, User


class Proof(models.TextChoices):
    """How a colleague made sure who is calling. Knowing a name, a birth date or an address proves nothing."""

    CALLED_BACK = "called_back", _("I called back the number on the record and spoke with the patient")
    SEEN = "seen", _("I saw the patient by video with an identity card that matches the record")


class AccountRecovery(BaseModel):
    """What one colleague asked for and another one agreed to: after days of waiting a private link opens the account.

    The link goes to `email`, and asks for the birth date. Meanwhile the address and the number on the record can stop
    it with a link of their own. Of both links only the digest is kept (BUG-27).
    """

    class End(models.TextChoices):
        """Why it is over without having been used."""

        CALLED_OFF = "called_off", _("Called off by a colleague")
        STOPPED = "stopped", _("Stopped with the link that went to the address or number on the record")
        SIGNED_IN = "signed_in", _("Ended: somebody signed in to the account meanwhile")
        LOCKED = "locked", _("Ended: the birth date was wrong five times")
        LAPSED = "lapsed", _("Its time ran out")

    patient: models.ForeignKey[Patient, Patient] = models.ForeignKey(
        "accounts.Patient", on_delete=models.PROTECT, related_name="recoveries"
    )
    email = EncryptedTextField()
    reason = EncryptedTextField()
    asked_by: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    asked_proof = models.CharField(max_length=12, choices=Proof.choices)
    agreed_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_proof = models.CharField(max_length=12, choices=Proof.choices, blank=True, default="")
    opens_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    stop_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=10, choices=End.choices, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(used_at__isnull=True, ended_as=""),
                name="accounts_recovery_one_open",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("asked_by")), name="accounts_recovery_two_people"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True, opens_at__isnull=True, digest__isnull=True)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False, opens_at__gt=F("agreed_at")),
                name="accounts_recovery_waits",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__gte=F("opens_at")), name="accounts_recovery_used_late"
            ),
        ]

    def __str__(self) -> str:
        return f"recovery asked for on {self.asked_at:%Y-%m-%d}"
