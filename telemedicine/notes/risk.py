"""What follows when a clinician finds a moderate or high risk of suicide at a visit (house policy, section 4; I3)."""

from datetime import datetime

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.questions.instruments import SuicideRisk
from telemedicine.models import Appointment
from treatment.services.safety import act_on_risk

_STOPPING = {"moderate": ("moderate", "high"), "high": ("high",)}


def stops(visit: Appointment, level: str) -> bool:
    """Whether signing this level holds sessions and shipments and alerts.

    Not where this clinician cleared a hold as strong since the visit began: then the contact and the safety plan are
    on record already. An open hold is no reason: whoever stands ready to clear it has not read of this finding.
    """
    if level not in _STOPPING:
        return False
    cleared = SafetyHold.objects.filter(
        patient=visit.patient,
        level__in=_STOPPING[level],
        cleared_at__gte=visit.started_at,
        cleared_by=visit.clinician.user,
    )
    return not cleared.exists()


def act(visit: Appointment, level: str, *, by: User, now: datetime) -> None:
    """Hold and alert where the level says so."""
    if stops(visit, level):
        act_on_risk(patient=visit.patient, risk=SuicideRisk(level), about=visit.about, by=by, now=now)
