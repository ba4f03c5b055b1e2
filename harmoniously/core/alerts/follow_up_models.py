"""The coordinators' worklist: what is to be done about whom, and everything that was done about it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel


class FollowUpKind(models.TextChoices):
    """Why a coordinator should reach out. Never a diagnosis, a score or an answer."""

    CHECK_IN_OVERDUE = "check_in_overdue", _("Did not answer the check-in")
    MESSAGE_NOT_DELIVERED = "message_not_delivered", _("A message did not arrive")
    MESSAGE_UNREAD = "message_unread", _("Has not read our message")
    TEXT_RECEIVED = "text_received", _("Answered one of our texts")
    VISIT_MISSED = "visit_missed", _("Missed a visit")
    VISIT_NEEDED = "visit_needed", _("Needs a new visit")
    VISIT_OVERDUE = "visit_overdue", _("Visit overdue: call and book")
    INTAKE_STOPPED = "intake_stopped", _("Stopped half way through the intake")
    INFORMATION_OVERDUE = "information_overdue", _("Has not sent what we asked for")
    PAYMENT_PROBLEM = "payment_problem", _("Problem with a payment")
    COMPANION_MISSING = "companion_missing", _("Nobody has confirmed to be with them tomorrow")
    PLACE_CHANGED = "place_changed", _("Will be in another state: call and find another day")
    CALL_BACK = "call_back", _("Asked to be called")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Took back an agreement: call, and call off shipments")
    PARCEL = "parcel", _("Call the pharmacy about a parcel: stop it, or ask where it is")
    LETTER = "letter", _("Allowed a letter to another clinician: have the prescriber make and send it")
    REFERRAL = "referral", _("Ask whether the visit elsewhere took place")
    MESSAGE_UNANSWERED = "message_unanswered", _("Waits for our answer to a message")
    IDENTITY_CHECK = "identity_check", _("Sent a photo ID: compare it")
    SHIPMENT_LATE = "shipment_late", _("A parcel is late: ask where it is")
    WAITING_LIST = "waiting_list", _("Waits for an earlier time: find one")
    IN_PERSON = "in_person", _("Needs a visit in person: call and arrange it")
    OTHER = "other", _("Something else")


class FollowUpState(models.TextChoices):
    OPEN = "open", _("Waiting")
    CLAIMED = "claimed", _("In hand")
    CLOSED = "closed", _("Done")


class FollowUp(BaseModel):
    """One thing a coordinator does: call, write, close with a note."""

    kind = models.CharField(max_length=32, choices=FollowUpKind.choices)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="follow_ups")
    about = models.CharField(max_length=80, db_index=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=FollowUpState.choices, default=FollowUpState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups_owned"
    )
    # Off the list until then; it comes back by itself, and has waited all the time.
    snoozed_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Empty when the matter solved itself: the patient answered, the visit was cancelled.
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups_closed"
    )
    note = EncryptedTextField(blank=True, default="")

    class Meta:
        verbose_name = "follow-up"
        ordering: ClassVar = ["due_at"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="followups_open", condition=~models.Q(state="closed")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="alerts_followup_claimed_has_owner",
                condition=~models.Q(state="claimed") | models.Q(owner__isnull=False),
            ),
            models.CheckConstraint(
                name="alerts_followup_closed_paired",
                condition=models.Q(state="closed", closed_at__isnull=False)
                | (~models.Q(state="closed") & models.Q(closed_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state != FollowUpState.CLOSED

    @property
    def title(self) -> str:
        """What is to be done, in a few words."""
        if self.kind == FollowUpKind.PARCEL and self.about.startswith("released:"):
            return str(_("Call the pharmacy: it was asked to keep a parcel that may go now"))
        return str(self.get_kind_display())


class StepKind(models.TextChoices):
    """What somebody did about a follow-up."""

    ASSIGNED = "assigned", _("Given to")
    RELEASED = "released", _("Given back to everybody")
    SNOOZED = "snoozed", _("Put off")
    WOKEN = "woken", _("Brought back")
    CONTACT = "contact", _("Tried to reach them")
    REMINDED = "reminded", _("Reminder sent")
    CLOSED = "closed", _("Closed")


class Way(models.TextChoices):
    """How somebody tried to reach whom a follow-up is about."""

    CALL = "call", _("Phone call")
    EMAIL = "email", _("E-mail")
    TEXT = "text", _("Text message")
    LETTER = "letter", _("Letter")


class FollowUpStep(BaseModel):
    """One thing that somebody did about a follow-up: its history, and the log of calls and their outcomes.

    `batch` is the key of the form: what was sent twice is one step, and what was done together is taken back together.
    `was` is how the follow-up stood before (codes and ids only).
    """

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="steps")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="follow_up_steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follow_up_steps")
    batch = models.UUIDField()
    was = models.JSONField(default=dict)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups_given"
    )
    until = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=8, choices=Way.choices, blank=True, default="")
    reached = models.BooleanField(null=True, blank=True)
    words = EncryptedTextField(blank=True, default="")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "created_at"]
        indexes: ClassVar = [
            models.Index(fields=["by", "-at"], name="followups_steps_by"),
            models.Index(fields=["patient", "kind", "at"], name="followups_steps_of"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "follow_up"], name="alerts_followupstep_once_per_form"),
            models.CheckConstraint(
                name="alerts_followupstep_contact_says_how",
                condition=(models.Q(kind="contact") & ~models.Q(how="") & models.Q(reached__isnull=False))
                | (~models.Q(kind="contact") & models.Q(how="", reached__isnull=True)),
            ),
            models.CheckConstraint(
                name="alerts_followupstep_snoozed_until",
                condition=~models.Q(kind="snoozed") | models.Q(until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M} UTC"
