"""Chasing what was not answered: one text after 24 h, one task for a coordinator after 48 h, however many are open."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import record
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment import policy as policies
from treatment.models import CheckIn
from treatment.rules.rhythm import reminder_covers
from treatment.services.check_in_opening import about_patient
from treatment.services.locks import lock_check_ins
from treatment.services.reminders import HOME

BATCH = 200
Rows = models.QuerySet[CheckIn]


def _each_patient(due: Rows, act: Callable[[Patient, list[CheckIn]], bool]) -> int:
    """The due check-ins of each patient together, in a transaction of their own; a patient that another process has
    in hand is left to it."""

    def one(pk: UUID) -> bool:
        with transaction.atomic():
            patients = Patient.objects.select_related("user").select_for_update(
                of=("self",), skip_locked=True, no_key=True
            )
            patient = patients.filter(pk=pk).first()
            rows = lock_check_ins(due.filter(patient=pk)) if patient else []
            rows.sort(key=lambda row: row.due_at)
            return bool(patient is not None and rows and act(patient, rows))

    return each(list(due.order_by().values_list("patient", flat=True).distinct()[:BATCH]), one)


def remind_check_ins(*, now: datetime) -> int:
    """Not answered 24 h after it was due: one text (an e-mail where there is no consent to texts) for all of them.

    Returns how many patients were reminded.
    """
    due = CheckIn.objects.filter(
        status=CheckIn.Status.OPEN, second_reminder_at__lte=now, second_reminder_done_at__isnull=True
    )

    def remind(patient: Patient, rows: list[CheckIn]) -> bool:
        told = CheckIn.objects.filter(patient=patient, second_reminder_done_at__isnull=False)
        last = told.aggregate(at=models.Max("second_reminder_done_at"))["at"]
        policy = policies.load()
        fresh = [row for row in rows if not reminder_covers(row.due_at, last, now, policy)]
        for row in rows:
            # When the text went that asks for it.
            row.second_reminder_done_at = now if fresh else last
            row.save(update_fields=["second_reminder_done_at"])
        if fresh:
            _text(patient, fresh[0], now=now)
        return bool(fresh)

    return _each_patient(due, remind)


def _text(patient: Patient, check_in: CheckIn, *, now: datetime) -> None:
    channel = Channel.SMS if patient.sms_consent_at and patient.phone else Channel.EMAIL
    notifications.schedule(
        template="check_in_second_reminder",
        recipient=patient.user,
        channel=channel,
        due_at=now,
        dedupe_key=f"check_in:{check_in.pk}:second",
        about=about_patient(check_in),
        variables={"link": HOME},
        now=now,
    )
    record(actor=SYSTEM, action="checkin.reminded", now=now, subject=check_in, channel=channel.value)


def follow_up_check_ins(*, now: datetime) -> int:
    """Not answered 48 h after it was due: one task on the coordinators' worklist for a patient, not one for each."""
    due = CheckIn.objects.filter(status=CheckIn.Status.OPEN, follow_up_at__lte=now, follow_up_opened_at__isnull=True)

    def follow_up(patient: Patient, rows: list[CheckIn]) -> bool:
        about = about_patient(rows[0])
        # That a text of ours did not arrive stands there as another kind: closing that asks after nobody.
        asked = FollowUp.objects.filter(about=about, kind=FollowUpKind.CHECK_IN_OVERDUE)
        waits = asked.exclude(state=FollowUpState.CLOSED).exists()
        if not waits:
            alerts.open_follow_up(
                kind=FollowUpKind.CHECK_IN_OVERDUE,
                patient=patient,
                about=about,
                dedupe_key=f"check_in:{rows[0].pk}:overdue",
                due_at=rows[0].follow_up_at,
                by=SYSTEM,
                now=now,
            )
        for row in rows:
            row.follow_up_opened_at = now
            row.save(update_fields=["follow_up_opened_at"])
        return not waits

    return _each_patient(due, follow_up)
