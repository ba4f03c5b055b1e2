"""What follows when a clinician finds a moderate or high risk of suicide at a visit (house policy, section 4; I3)."""

from datetime import datetime

from django.db.models import Q

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.questions.instruments import SuicideRisk
from telemedicine.models import Appointment
from treatment.services.safety import act_on_risk

_STOPPING = {"moderate": ("moderate", "high"), "high": ("high",)}


def stops(visit: Appointment, level: str) -> bool:
    """Whether signing this level holds sessions and shipments and alerts.

    Not where a hold as strong is open, or where this clinician cleared one since the visit began: then the contact and
    the safety plan are on record already.
    """
    if level not in _STOPPING:
        return False
    settled = Q(cleared_at__isnull=True) | Q(cleared_at__gte=visit.started_at, cleared_by=visit.clinician.user)
    known = SafetyHold.objects.filter(settled, patient=visit.patient, level__in=_STOPPING[level])
    return not known.exists()


def act(visit: Appointment, level: str, *, by: User, now: datetime) -> None:
    """Hold and alert where the level says so."""
    if stops(visit, level):
        act_on_risk(patient=visit.patient, risk=SuicideRisk(level), about=visit.about, by=by, now=now)
