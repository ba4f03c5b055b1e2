"""A visit that is due in treatment: opened by the calendar of the policy, closed by the visit."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.models import BaseModel
from treatment.models.prescription import Chart
from treatment.rules.visits import DueKind


class DueVisitStatus(models.TextChoices):
    """From the day on which it is due to the day on which it takes place, or the treatment ends."""

    DUE = "due", _("Due")
    OFFERED = "offered", _("Due, the patient is told")
    BOOKED = "booked", _("Booked")
    OVERDUE = "overdue", _("Overdue")
    DONE = "done", _("Took place")
    ENDED = "ended", _("Not needed any more")


class DueVisit(BaseModel):
    """A video check-in after a session, or a new evaluation after a long pause. The appointment is known by its key."""

    Status = DueVisitStatus
    WAITING = (DueVisitStatus.DUE, DueVisitStatus.OFFERED, DueVisitStatus.BOOKED, DueVisitStatus.OVERDUE)
    MOVES: ClassVar[dict[str, set[str]]] = {
        DueVisitStatus.DUE: {
            DueVisitStatus.OFFERED,
            DueVisitStatus.BOOKED,
            DueVisitStatus.OVERDUE,
            DueVisitStatus.DONE,
            DueVisitStatus.ENDED,
        },
        DueVisitStatus.OFFERED: {
            DueVisitStatus.BOOKED,
            DueVisitStatus.OVERDUE,
            DueVisitStatus.DONE,
            DueVisitStatus.ENDED,
        },
        DueVisitStatus.BOOKED: {
            # The booking was taken back within seconds, of a visit that the patient has not been told to book.
            DueVisitStatus.DUE,
            DueVisitStatus.OFFERED,
            DueVisitStatus.OVERDUE,
            DueVisitStatus.DONE,
            DueVisitStatus.ENDED,
        },
        DueVisitStatus.OVERDUE: {DueVisitStatus.BOOKED, DueVisitStatus.DONE, DueVisitStatus.ENDED},
        # Due again after all: no visit took place since.
        DueVisitStatus.DONE: {DueVisitStatus.DUE},
        DueVisitStatus.ENDED: {DueVisitStatus.DUE},
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="due_visits")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="due_visits")
    kind = models.CharField(
        max_length=12,
        choices=[(DueKind.CHECK_IN.value, _("Video check-in")), (DueKind.EVALUATION.value, _("New evaluation"))],
    )
    # The completed session that makes it due, counted from 1; 0 for a new evaluation.
    after_session = models.PositiveSmallIntegerField(default=0)
    due_since = models.DateTimeField()
    overdue_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=DueVisitStatus.choices, default=DueVisitStatus.DUE)
    appointment = models.UUIDField(null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    policy_version = models.CharField(max_length=16)

    class Meta:
        ordering: ClassVar = ["-due_since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chart", "kind", "due_since"], name="treatment_duevisit_once"),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(status__in=["due", "offered", "booked", "overdue"]),
                name="treatment_duevisit_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False) | ~Q(status="done") & Q(done_at__isnull=True),
                name="treatment_duevisit_done_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="booked") | Q(appointment__isnull=False), name="treatment_duevisit_booked_which"
            ),
            models.CheckConstraint(
                condition=Q(overdue_at__gte=F("due_since")), name="treatment_duevisit_overdue_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_status_display()}"
