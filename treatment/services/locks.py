"""The locks of a patient's treatment, in the order in which they are taken: chart, sessions, check-ins, the trail.

Whoever plans, ships, starts or signs holds the chart's row first. Every event of the trail is chained to the one before
of the same patient, so writing it is a lock too, and the last but for the coordinators' tasks, which follow it
everywhere: a patient who answers holds a check-in first, and one who calls for help the session.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.errors import RuleViolation
from treatment.models import Chart, CheckIn, DoseSession


def lock_chart(patient: Patient) -> Chart:
    """The open chart, locked until the transaction ends. Raises RuleViolation when there is none.

    Always taken before any other row of the patient, so that two services never wait for each other.
    """
    chart = Chart.objects.select_for_update(of=("self",)).filter(patient=patient, closed_at__isnull=True).first()
    if chart is None:
        raise RuleViolation(_("There is no open chart for this patient."), "no_chart")
    return chart


def lock_treatment(patient: Patient) -> Chart:
    """The open chart and every session, for whatever ends or pauses a treatment; before the trail is written.

    Raises RuleViolation when there is no open chart.
    """
    chart = lock_chart(patient)
    rows = DoseSession.objects.select_for_update(of=("self",)).filter(patient=patient)
    list(rows.order_by("pk").values_list("pk"))
    return chart


def lock_check_ins(rows: QuerySet[CheckIn]) -> list[CheckIn]:
    """These check-ins, locked in one order, before anything is written into the trail."""
    return list(rows.select_related("patient__user").select_for_update(of=("self",)).order_by("pk"))
