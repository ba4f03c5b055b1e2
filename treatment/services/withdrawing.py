"""What ends here when a patient takes back an agreement that treatment rests on."""

from datetime import datetime

from django.db import transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor
from treatment import selectors
from treatment.services import plans
from treatment.services.locks import lock_treatment

REASON = "consent_withdrawn"


def hold_still(patient: Patient) -> bool:
    """Take the locks of a patient's treatment; False when there is none. To be called before the trail is written."""
    if selectors.open_chart_of(patient) is None:
        return False
    lock_treatment(patient)
    return True


def end_sessions(*, patient: Patient, by: Actor, now: datetime) -> bool:
    """Cancel every session to come with its reminders and its sitter's link; one that runs goes on under its watch.

    Orders stay as the prescriber signed them: without consent nothing of them ships and no session is planned, and the
    prescriber, who is told, stops them. Returns whether an order stands, whose shipments somebody should call off.
    """
    with transaction.atomic():
        if hold_still(patient):
            plans.end_plan(patient=patient, reason_code=REASON, by=by, now=now)
    return selectors.standing_prescription(patient) is not None
