"""Adverse events: what happened to a patient, how it is judged, and every change of that judgement with its author."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.checkin import CheckIn
from treatment.models.plan import DoseSession
from treatment.models.prescription import Prescription
from treatment.rules.adverse import Action, Assessment, Causality, Criterion


class EventStatus(models.TextChoices):
    """Reported until a clinician has looked, then followed until it is over."""

    REPORTED = "reported", _("Reported by the patient")
    OPEN = "open", _("Open")
    FOLLOWING = "following", _("Being followed")
    RESOLVED = "resolved", _("Resolved")
    RESOLVED_SEQUELAE = "resolved_sequelae", _("Resolved, something stayed")
    NOT_RESOLVED = "not_resolved", _("Not resolved, no longer followed")
    FATAL = "fatal", _("Fatal")
    DISMISSED = "dismissed", _("No adverse event")


ENDINGS = (EventStatus.RESOLVED, EventStatus.RESOLVED_SEQUELAE, EventStatus.NOT_RESOLVED, EventStatus.FATAL)


class SubmittedVia(models.TextChoices):
    """How the report reached FDA."""

    ONLINE = "online", _("Online, Safety Reporting Portal")
    FAX = "fax", _("By fax")
    MAIL = "mail", _("By mail")
    PHONE = "phone", _("By phone")


class AdverseEvent(BaseModel):
    """One event. `judgement` holds term, criteria, grade, causality and action; only `serious` stands in the clear.

    `look_due_at` is by when somebody looks at it next, and empty once it is over. The columns of the report say when a
    person sent it to FDA: the software sends nothing.
    """

    Status = EventStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        EventStatus.REPORTED: {EventStatus.OPEN, EventStatus.DISMISSED},
        EventStatus.OPEN: {EventStatus.FOLLOWING, EventStatus.DISMISSED, *ENDINGS},
        EventStatus.FOLLOWING: {*ENDINGS},
        EventStatus.DISMISSED: {EventStatus.OPEN},
        # It came back, or was closed too early.
        **{ending: {EventStatus.FOLLOWING} for ending in ENDINGS if ending != EventStatus.FATAL},
    }
    LIVE = (EventStatus.REPORTED, EventStatus.OPEN, EventStatus.FOLLOWING)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="adverse_events")
    session = models.ForeignKey(
        DoseSession, null=True, blank=True, on_delete=models.PROTECT, related_name="adverse_events"
    )
    check_in = models.ForeignKey(
        CheckIn, null=True, blank=True, on_delete=models.PROTECT, related_name="adverse_events"
    )
    # What was taken or in force when it began.
    prescription = models.ForeignKey(
        Prescription, null=True, blank=True, on_delete=models.PROTECT, related_name="adverse_events"
    )
    token = models.UUIDField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=18, choices=EventStatus.choices, default=EventStatus.OPEN)
    serious = models.BooleanField(default=False)
    onset_at = models.DateTimeField()
    known_at = models.DateTimeField()
    judgement = EncryptedJSONField(default=dict)
    own_words = EncryptedTextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    look_due_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    report_due_at = models.DateTimeField(null=True, blank=True)
    report_chased_at = models.DateTimeField(null=True, blank=True)
    submitted_on = models.DateField(null=True, blank=True)
    submitted_via = models.CharField(max_length=8, choices=SubmittedVia.choices, blank=True, default="")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    report_reference = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-onset_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["look_due_at"], condition=Q(look_due_at__isnull=False), name="treatment_adverse_to_look"
            ),
            models.Index(
                fields=["report_due_at"],
                condition=Q(report_due_at__isnull=False, submitted_on__isnull=True),
                name="treatment_adverse_to_report",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "token"], name="treatment_adverseevent_once"),
            models.CheckConstraint(condition=Q(onset_at__lte=F("known_at")), name="treatment_adverseevent_onset"),
            models.CheckConstraint(
                condition=Q(status__in=["reported", "open", "following"], look_due_at__isnull=False)
                | ~Q(status__in=["reported", "open", "following"]) & Q(look_due_at__isnull=True),
                name="treatment_adverseevent_live_is_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(serious=False, report_due_at__isnull=True)
                | Q(serious=True, report_due_at__isnull=False)
                | Q(status="dismissed"),
                name="treatment_adverseevent_serious_is_reported",
            ),
            models.CheckConstraint(
                condition=Q(submitted_on__isnull=True, submitted_by__isnull=True, submitted_via="")
                | Q(submitted_on__isnull=False, submitted_by__isnull=False) & ~Q(submitted_via=""),
                name="treatment_adverseevent_submitted_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.get_status_display()}"

    @property
    def assessment(self) -> Assessment:
        """The judgement as the rules read it."""
        kept: dict[str, Any] = self.judgement
        return Assessment(
            term=kept["term"],
            onset_at=self.onset_at,
            criteria=frozenset(Criterion(code) for code in kept.get("criteria", ())),
            grade=kept.get("grade"),
            causality=Causality(kept["causality"]) if kept.get("causality") else None,
            action=Action(kept["action"]) if kept.get("action") else None,
        )


class AdverseEventNote(BaseModel):
    """One step of the following: who wrote what when, and which parts of the judgement changed. Added only."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="notes")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # {"grade": [2, 3]}: before and after.
    changes = EncryptedJSONField(default=dict)
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "number"], name="treatment_adverseeventnote_numbered"),
        ]

    def __str__(self) -> str:
        return f"note {self.number}"
