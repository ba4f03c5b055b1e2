"""Approving anew after 12 weeks without a session (policy 8): a visit first, then a prescriber's word with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts.selectors import what_stops
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from telemedicine.services import due
from telemedicine.services.locks import lock_care
from treatment import selectors as treatment
from treatment.models import DueVisit
from treatment.rules.law import check_licence
from treatment.rules.visits import DueKind
from treatment.services.charts import approve_anew

SHORTEST_REASON = 10  # characters


def evaluated() -> QuerySet[DueVisit]:
    """New evaluations that took place and that no prescriber has decided on, the longest waiting first."""
    rows = DueVisit.objects.filter(kind=DueKind.EVALUATION, status=DueVisit.Status.DONE, chart__closed_at__isnull=True)
    return rows.filter(done_at__gt=F("chart__approved_at")).select_related("patient__user").order_by("done_at")


def waits_for_approval(patient: Patient) -> bool:
    """Whether the new evaluation of a patient took place and waits for a prescriber's word."""
    return evaluated().filter(patient=patient).exists()


def renew(*, patient: Patient, clinician: Clinician, reason: str, now: datetime) -> None:
    """Approve anew: what was confirmed stands, sessions and shipments go on. A second click changes nothing.

    Raises RuleViolation without a reason, a visit, a licence where the patient is, or an agreement, and under a hold.
    """
    by = clinician.user
    require(by, Permission.PRESCRIBE)
    with transaction.atomic():
        lock_care(patient)
        if not waits_for_approval(patient):
            if _done_already(patient):
                return
            raise RuleViolation(_("The new evaluation has not taken place yet."), "visit_missing")
        if len(reason.strip()) < SHORTEST_REASON:
            raise RuleViolation(_("Write down your reason first."), "no_reason")
        today = clock.today(clinician.zone, now)
        licences = treatment.licences_of(clinician)
        if check_licence(licences, visit_state=patient.state, today=today):
            raise RuleViolation(_("You have no current licence where this patient is."), "no_licence")
        if what_stops(patient):
            raise RuleViolation(_("A hold is open. Decide on it first."), "held")
        consents.require_by_clinic(patient, Activity.APPROVAL, now)
        chart = approve_anew(patient=patient, reason=reason.strip(), by=by, now=now)
        record(actor=by, action="chart.approved_anew", now=now, subject=chart)
        due.bring_up_to_date(patient=patient, by=by, now=now)


def _done_already(patient: Patient) -> bool:
    chart = treatment.open_chart_of(patient)
    rows = DueVisit.objects.filter(patient=patient, kind=DueKind.EVALUATION, status=DueVisit.Status.DONE)
    return chart is not None and rows.filter(chart=chart, done_at__lte=chart.approved_at).exists()
