"""Opening the chart of a patient in treatment; a discharge closes it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from treatment.models import Chart
from treatment.services.locks import lock_chart


def open_chart(*, patient: Patient, facts: dict[str, Any], by: Actor, now: datetime) -> Chart:
    """The chart of an approved patient with the confirmed facts; renews the facts of a chart that is open already.

    `facts` is the case of shared case-format (weight_kg, medicines, conditions ...) as the prescriber confirmed it;
    `cyp_inhibitor` may be given outright.
    """
    with transaction.atomic():
        chart = _open_row(patient)
        if chart is None:
            return _create(patient, facts, by, now)
        chart.facts, chart.confirmed_at, chart.approved_at = facts, now, now
        chart.save(update_fields=["facts", "confirmed_at", "approved_at"])
        record(actor=by, action="chart.renewed", now=now, subject=chart, fields=sorted(facts))
        return chart


def _open_row(patient: Patient) -> Chart | None:
    return Chart.objects.select_for_update(of=("self",)).filter(patient=patient, closed_at__isnull=True).first()


def _create(patient: Patient, facts: dict[str, Any], by: Actor, now: datetime) -> Chart:
    try:
        with transaction.atomic():
            chart = Chart.objects.create(
                patient=patient, facts=facts, opened_at=now, confirmed_at=now, approved_at=now, created_at=now
            )
    except IntegrityError:
        # Another click was faster: one open chart a patient is what the constraint says.
        return Chart.objects.get(patient=patient, closed_at__isnull=True)
    record(actor=by, action="chart.opened", now=now, subject=chart, fields=sorted(facts))
    return chart


def approve_anew(*, patient: Patient, reason: str, by: Actor, now: datetime) -> Chart:
    """A prescriber has seen the patient after a long pause: what was confirmed stands, and the 12 weeks count anew.

    What was said or reported since the facts were confirmed goes on counting beside them. `reason` is kept with the
    chart's facts. Raises RuleViolation without an open chart.
    """
    with transaction.atomic():
        chart = lock_chart(patient)
        chart.facts = {**chart.facts, "approved_anew": {"reason": reason, "at": now.isoformat()}}
        chart.approved_at = now
        chart.save(update_fields=["facts", "approved_at"])
    return chart
