"""Nothing begins and nothing ships after 12 weeks without a session until a prescriber has approved anew (policy 8)."""

from datetime import datetime

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.errors import RuleViolation
from treatment import policy as policies
from treatment import selectors
from treatment.models import Chart
from treatment.rules import visits


def require_evaluated(patient: Patient, chart: Chart, now: datetime) -> None:
    """Raise RuleViolation("evaluation_due") when a prescriber has to approve anew before anything is sent."""
    policy, last = policies.load(), selectors.last_taken(patient)
    if visits.evaluation_due(
        approved_at=chart.approved_at, last_taken_at=last.started_at if last else None, now=now, policy=policy
    ):
        weeks = policy.dosing.new_evaluation_after_weeks
        raise RuleViolation(
            _("More than %(weeks)s weeks have passed without a session. A new evaluation comes first.")
            % {"weeks": weeks},
            "evaluation_due",
        )
