"""Answering a request with a question, or with a shipment: whoever does cares for the patient from then on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.audit.services import record
from telemedicine.conversation import services as conversation
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work.services import require_free
from treatment.models import RefillRequest
from treatment.services import refills


@transaction.atomic
def ask(
    *, request: RefillRequest, question: str, form_token: UUID, clinician: Clinician, now: datetime
) -> RefillRequest:
    """Send the question and note that the request waits for the patient; a second click sends nothing more.

    Raises Conflict when the request was answered meanwhile.
    """
    by = clinician.user
    require(by, Permission.PRESCRIBE)
    require_free(kind=Kind.REFILL, subject=request.pk, by=by)
    asked = refills.mark_asked(request=request, by=by, now=now)
    _take_into_care(request.patient, clinician, now=now)
    conversation.ask(patient=request.patient, body=question, form_token=form_token, by=by, now=now)
    return asked


@transaction.atomic
def approve(*, patient: Patient, clinician: Clinician, now: datetime, **order: Any) -> RefillRequest:
    """Order the next shipment; see `treatment.services.refills.approve_refill`.

    Raises Conflict while a colleague has the request in hand.
    """
    # Also one that came since the page was opened: it would be answered, too.
    for waiting in RefillRequest.objects.filter(patient=patient, status__in=RefillRequest.WAITING):
        require_free(kind=Kind.REFILL, subject=waiting.pk, by=clinician.user)
    done = refills.approve_refill(patient=patient, clinician=clinician, now=now, **order)
    _take_into_care(patient, clinician, now=now)
    return done


@transaction.atomic
def decline(*, request: RefillRequest, clinician: Clinician, now: datetime, **said: str) -> RefillRequest:
    """Say no; see `treatment.services.refills.decline_refill`. Raises Conflict while a colleague has it in hand."""
    require_free(kind=Kind.REFILL, subject=request.pk, by=clinician.user)
    return refills.decline_refill(request=request, clinician=clinician, now=now, **said)


def _take_into_care(patient: Patient, clinician: Clinician, *, now: datetime) -> None:
    relation = care_relation_open(patient=patient, clinician=clinician, now=now)
    if relation.since == now:
        record(
            actor=clinician.user, action="carerelation.opened", now=now, subject=relation, clinician=str(clinician.pk)
        )
