"""A discharge as a whole: the treatment ends, and with it the visits, the requests, the fee's use and others' care."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing import services as billing
from billing.prices import Purpose
from harmoniously.core.accounts import services as accounts
from harmoniously.core.accounts.models import CareRelation, Clinician, Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from intake import approvals
from intake.requests import settling
from telemedicine.models import Appointment
from telemedicine.services import booking, waiting
from telemedicine.services.locks import lock_care
from treatment.models import Discharge
from treatment.selecting.discharge import discharge_of
from treatment.selectors import open_chart_of
from treatment.services import discharging as treatment
from treatment.services.discharging import REASON, Ending

# After its planned end a visit that nobody ended is taken for forgotten, not for going on.
FORGOTTEN_AFTER = timedelta(hours=1)


def discharge(*, patient: Patient, ending: Ending, by: User, now: datetime, chart_id: UUID | None = None) -> Discharge:
    """End the treatment and everything around it, all or nothing; a second click gives the same discharge back.

    Visits that nobody has begun are cancelled and the patient is told; nothing that was asked for is waited for; the
    approval counts no more, and the evaluation fee has served it: whoever applies again is evaluated anew.
    ``chart_id`` is the treatment that a page showed. Raises Conflict when another one has begun since, RuleViolation
    while somebody else's visit is going on, else as the treatment's own discharge does.
    """
    with transaction.atomic():
        lock_care(patient)
        standing = discharge_of(patient)
        if standing is not None:
            return standing
        _require_shown(patient, chart_id)
        _require_no_visit(patient, by, now)
        row = treatment.discharge(patient=patient, ending=ending, by=by, now=now)
        booking.cancel_all(patient=patient, reason_code=REASON, by=by, now=now)
        waiting.end_for(patient=patient, reason_code=REASON, by=by, now=now)
        settling.close_all(patient=patient, reason_code=REASON, by=by, now=now)
        approvals.end(patient=patient, by=by, now=now)
        billing.use_up(patient=patient, purpose=Purpose.EVALUATION, by=by, now=now)
        _hand_on_care(patient, row.clinician, by=by, now=now)
    return row


def _require_shown(patient: Patient, chart_id: UUID | None) -> None:
    """Raise Conflict when the open chart is not the one that the page showed."""
    chart = open_chart_of(patient)
    if chart_id is not None and (chart is None or chart.pk != chart_id):
        raise Conflict(
            _("A new treatment has begun since this page was opened. Nothing was ended. Look at it before you go on."),
            "other_chart",
        )


def _not_ended(patient: Patient) -> QuerySet[Appointment]:
    """Visits that began and that nobody has ended; only their clinician can."""
    return Appointment.objects.filter(patient=patient, status=Appointment.Status.BOOKED, started_at__isnull=False)


def _require_no_visit(patient: Patient, by: User, now: datetime) -> None:
    """Raise RuleViolation while another clinician's visit may be going on; one that was forgotten blocks nothing."""
    rows = _not_ended(patient).filter(ends_at__gt=now - FORGOTTEN_AFTER).exclude(clinician__user=by)
    running = rows.select_related("clinician").first()
    if running is not None:
        raise RuleViolation(
            _("A visit with %(who)s has begun and is not ended. Discharge when they have ended it.")
            % {"who": running.clinician},
            "visit_running",
        )


def _hand_on_care(patient: Patient, clinician: Clinician, *, by: User, now: datetime) -> None:
    """Who discharged goes on answering for the questions of the last dose, events, what is left and letters.

    Everybody else's care ends, and with it their sight of the record, but for whoever has a visit to end.
    """
    kept = accounts.care_relation_open(patient=patient, clinician=clinician, now=now)
    record(actor=by, action="carerelation.kept", now=now, subject=kept, clinician=str(clinician.pk), reason=REASON)
    others = CareRelation.objects.filter(patient=patient, until__isnull=True).exclude(pk=kept.pk)
    others = others.exclude(clinician__in=_not_ended(patient).values("clinician"))
    for relation in others.select_related("clinician"):
        accounts.care_relation_close(patient=patient, clinician=relation.clinician, now=now)
        record(actor=by, action="carerelation.closed", now=now, subject=relation, clinician=str(relation.clinician_id))
