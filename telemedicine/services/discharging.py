"""A discharge as a whole: the treatment ends, and with it the visits, the requests, the fee's use and others' care."""

from datetime import datetime

from django.db import transaction

from billing import services as billing
from billing.prices import Purpose
from harmoniously.core.accounts import services as accounts
from harmoniously.core.accounts.models import CareRelation, Clinician, Patient, User
from harmoniously.core.audit.services import record
from intake import approvals
from intake.requests import settling
from telemedicine.services import booking
from telemedicine.services.locks import lock_care
from treatment.models import Discharge
from treatment.selecting.discharge import discharge_of
from treatment.services import discharging as treatment
from treatment.services.discharging import REASON, Ending


def discharge(*, patient: Patient, ending: Ending, by: User, now: datetime) -> Discharge:
    """End the treatment and everything around it, all or nothing; a second click gives the same discharge back.

    Visits that nobody has begun are cancelled and the patient is told; nothing that was asked for is waited for; the
    approval counts no more, and the evaluation fee has served it: whoever applies again is evaluated anew. Raises as
    the treatment's own discharge does.
    """
    with transaction.atomic():
        lock_care(patient)
        standing = discharge_of(patient)
        if standing is not None:
            return standing
        row = treatment.discharge(patient=patient, ending=ending, by=by, now=now)
        booking.cancel_all(patient=patient, reason_code=REASON, by=by, now=now)
        settling.close_all(patient=patient, reason_code=REASON, by=by, now=now)
        approvals.end(patient=patient, by=by, now=now)
        billing.use_up(patient=patient, purpose=Purpose.EVALUATION, by=by, now=now)
        _hand_on_care(patient, row.clinician, by=by, now=now)
    return row


def _hand_on_care(patient: Patient, clinician: Clinician, *, by: User, now: datetime) -> None:
    """Who discharged goes on answering for the questions of the last dose, events, what is left and letters.

    Everybody else's care ends, and with it their sight of the record.
    """
    kept = accounts.care_relation_open(patient=patient, clinician=clinician, now=now)
    record(actor=by, action="carerelation.kept", now=now, subject=kept, clinician=str(clinician.pk), reason=REASON)
    others = CareRelation.objects.filter(patient=patient, until__isnull=True).exclude(pk=kept.pk)
    for relation in others.select_related("clinician"):
        accounts.care_relation_close(patient=patient, clinician=relation.clinician, now=now)
        record(actor=by, action="carerelation.closed", now=now, subject=relation, clinician=str(relation.clinician_id))
