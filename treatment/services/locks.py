"""The one lock of a patient's treatment: whoever plans, ships, starts or signs holds the chart's row first."""

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.errors import RuleViolation
from treatment.models import Chart


def lock_chart(patient: Patient) -> Chart:
    """The open chart, locked until the transaction ends. Raises RuleViolation when there is none.

    Always taken before any other row of the patient, so that two services never wait for each other.
    """
    chart = Chart.objects.select_for_update(of=("self",)).filter(patient=patient, closed_at__isnull=True).first()
    if chart is None:
        raise RuleViolation(_("There is no open chart for this patient."), "no_chart")
    return chart
