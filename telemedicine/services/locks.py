"""The locks of a patient's care, in the one order in which everybody takes them."""

from django.db import connection

from billing import services as billing
from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.services import hold_chain
from harmoniously.core.documents.consents import services as consents
from intake.drafts import lock_case
from treatment.models import DueVisit
from treatment.services import visits as due_visits
from treatment.services import withdrawing


def hold_visits(patient: Patient) -> DueVisit | None:
    """Hold a patient's visits still until the transaction ends; the visit that is due, if any, locked as well.

    How everything begins that changes a visit, a wish or an offered time: the patient's queue, what is due, the trail,
    then the clinicians' queues (`taking.serialised`), then the rows. One transaction changes visits of one patient.
    """
    line_up(str(patient.pk))
    asked = due_visits.hold_still(patient)
    hold_chain(patient)
    return asked


def line_up(person: str) -> None:
    """Wait until nobody else changes the visits of one person; key of a patient or a clinician."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [person])


def lock_care(patient: Patient) -> None:
    """Hold answers, treatment, visits, money and consent of a patient still until the transaction ends.

    For what looks at all of them and ends or begins something: an approval, a refusal, a withdrawal. Taken before the
    trail is written, so that none of them waits for another, and none sees half of what another does.
    """
    lock_case(patient)
    withdrawing.hold_still(patient)
    line_up(str(patient.pk))
    billing.lock_charges(patient)
    consents.lock_patient(patient)
