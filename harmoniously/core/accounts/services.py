"""Verbs about people: becoming a patient, entering and leaving a clinician's care."""

from datetime import datetime

from django.db import IntegrityError, transaction

from harmoniously.core.accounts.models import CareRelation, Clinician, Patient, User
from harmoniously.core.common import clock


def ensure_patient(*, user: User) -> Patient:
    """The patient record of an account, made the first time it is needed; safe when two requests ask at once."""
    found: Patient | None = getattr(user, "patient", None)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Patient.objects.create(user=user, created_at=clock.now())
    except IntegrityError:
        return Patient.objects.select_related("user").get(user=user)


def care_relation_open(*, patient: Patient, clinician: Clinician, now: datetime) -> CareRelation:
    """Bring a patient into a clinician's care; does nothing when that is so already.

    The caller's service writes the audit event: accounts stands below the audit trail.
    """
    open_relations = CareRelation.objects.filter(patient=patient, clinician=clinician, until__isnull=True)
    found = open_relations.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return CareRelation.objects.create(patient=patient, clinician=clinician, since=now)
    except IntegrityError:
        return open_relations.get()


def care_relation_close(*, patient: Patient, clinician: Clinician, now: datetime) -> None:
    """End a clinician's care of a patient at a moment; the history stays."""
    CareRelation.objects.filter(patient=patient, clinician=clinician, until__isnull=True).update(until=now)
