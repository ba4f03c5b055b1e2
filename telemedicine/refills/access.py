"""The door to the next supply of a patient: who cares for them, or may answer a request that waits."""

from datetime import datetime
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.audit.services import record
from telemedicine.refills import selectors
from treatment.models import RefillRequest


def patient_to_supply(user: User, patient_id: UUID, now: datetime) -> Patient:
    """The patient, for a prescriber of their care team, or one licensed where they are while a request waits."""
    waits = selectors.queue(user, now).filter(patient=patient_id).exists()
    if waits or selectors.renewals(user, now).filter(patient=patient_id).exists():
        patient = Patient.objects.select_related("user").get(pk=patient_id)
        record(actor=user, action="refill.viewed", now=now, patient=patient)
        return patient
    return patient_for(user, patient_id)


def request_of(patient: Patient, pk: UUID | None) -> RefillRequest | None:
    """The request that a form was about; Http404 for somebody else's."""
    if pk is None:
        return None
    row = RefillRequest.objects.select_related("patient__user", "decided_by").filter(pk=pk, patient=patient).first()
    if row is None:
        raise Http404
    return row
