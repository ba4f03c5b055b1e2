"""What patients agreed to: every act on every text, and what they answered about it. Rows are only ever added."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.models import BaseModel


class ConsentKind(models.TextChoices):
    """What is agreed to; the texts are dated files in consents/texts."""

    TREATMENT = "treatment", _("The treatment and its risks")
    TELEHEALTH = "telehealth", _("Care by video and in writing")
    PRIVACY = "privacy", _("Your information")
    PAYMENT = "payment", _("Prices and refunds")


class ConsentAct(models.TextChoices):
    """What somebody did with a text."""

    READ = "read", _("Read")
    SIGNED = "signed", _("Signed")
    WITHDRAWN = "withdrawn", _("Taken back")


class ConsentEvent(BaseModel):
    """One act of one patient on one text: read, signed, taken back (SEC-15). Rows are only ever added.

    What stands now is what these come to (consents.rules.reading). ``sequence`` counts the acts on one kind, so that
    two clicks at once are one act. ``ip`` is the address it came from, as evidence (SEC-29), and ``document`` what was
    signed; reading alone signs nothing.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consent_events")
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    act = models.CharField(max_length=12, choices=ConsentAct.choices)
    sequence = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="en")
    at = models.DateTimeField()
    zone = models.CharField(max_length=40)
    ip = models.GenericIPAddressField(null=True, blank=True)
    document = models.OneToOneField(
        "documents.SignedDocument", null=True, blank=True, on_delete=models.PROTECT, related_name="consent_event"
    )

    class Meta:
        ordering = ["kind", "sequence"]
        indexes = [
            # Few take anything back: the queue leaves them out without looking through what everybody signed.
            models.Index(
                fields=["patient", "kind"], condition=models.Q(act="withdrawn"), name="documents_consent_taken_back"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["patient", "kind", "sequence"], name="documents_consentevent_in_order"),
            models.CheckConstraint(
                condition=models.Q(act="read", document__isnull=True)
                | (~models.Q(act="read") & models.Q(document__isnull=False)),
                name="documents_consentevent_signed_has_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} {self.act}"


class ComprehensionAnswer(BaseModel):
    """One attempt at one question about what was read, right or wrong. Rows are only ever added."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="comprehension_answers")
    version = models.CharField(max_length=20)
    question = models.CharField(max_length=40)
    attempt = models.PositiveIntegerField()
    # The number of the option, from 1.
    choice = models.PositiveSmallIntegerField()
    correct = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["version", "question", "attempt"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "version", "question", "attempt"], name="documents_comprehensionanswer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.attempt}"
