"""The door to the next supply of a patient: who cares for them, or may answer a request that waits."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.audit.doors import through
from harmoniously.core.audit.services import record
from telemedicine.refills import renewal, selectors
from treatment.models import RefillRequest
from treatment.selecting import picture


def patient_to_supply(user: User, patient_id: UUID, now: datetime) -> Patient:
    """The patient, for a prescriber of their care team, or one licensed where they are while a request waits.

    `evaluated` on it says whether a new evaluation waits for a prescriber's word; with what an order for them rests on,
    as far as one row holds it (treatment/selecting/picture.py).
    """
    own = {"patient": OuterRef("pk")}
    rows = picture.marked(Patient.objects.select_related("user"), now).annotate(
        waits=Exists(selectors.queue(user, now).filter(**own)) | Exists(selectors.renewals(user, now).filter(**own)),
        evaluated=Exists(renewal.evaluated().filter(**own)),
        cared_for=Exists(care_relations(user, at=now).filter(**own)),
    )
    patient = rows.filter(pk=patient_id).first()
    if patient is None:
        raise Http404
    if patient.waits:
        record(actor=user, action="refill.viewed", now=now, patient=patient)
        return patient
    return through(user, patient, cares=patient.cared_for)


def request_of(patient: Patient, pk: UUID | None) -> RefillRequest | None:
    """The request that a form was about; Http404 for somebody else's."""
    if pk is None:
        return None
    row = RefillRequest.objects.select_related("patient__user", "decided_by").filter(pk=pk, patient=patient).first()
    if row is None:
        raise Http404
    return row
