"""The locks of a patient's care, in the one order in which everybody takes them."""

from billing import services as billing
from harmoniously.core.accounts.models import Patient
from harmoniously.core.documents.consents import services as consents
from intake.drafts import lock_case
from telemedicine.services import taking
from treatment.services import withdrawing


def lock_care(patient: Patient) -> None:
    """Hold answers, treatment, visits, money and consent of a patient still until the transaction ends.

    For what looks at all of them and ends or begins something: an approval, a refusal, a withdrawal. Taken before the
    trail is written, so that none of them waits for another, and none sees half of what another does.
    """
    lock_case(patient)
    withdrawing.hold_still(patient)
    taking.hold_still(patient)
    billing.lock_charges(patient)
    consents.lock_patient(patient)
