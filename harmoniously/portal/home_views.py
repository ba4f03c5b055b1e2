"""The patient's home and the step from the result to the payment."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from billing.prices import PRICES, Purpose
from billing.selectors import evaluation_paid
from billing.services import open_charge, start_checkout
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.models import HoldLevel
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.charts import Band, Reading, Trend, trend
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.money import format_cents
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.questions.instruments import PHQ9
from harmoniously.core.questions.scales import SCALES
from harmoniously.core.questions.selectors import scored
from harmoniously.portal.journey import next_step, warning
from harmoniously.portal.standing import Standing
from harmoniously.portal.timeline import timeline
from intake.models import Outcome
from intake.selectors import approved, latest_decision
from telemedicine.reviews import selectors as reviews

# The bands of a stored score, for the patient; prescribers read them in English.
BANDS = {
    "minimal": _("minimal"),
    "mild": _("mild"),
    "moderate": _("moderate"),
    "moderately severe": _("moderately severe"),
    "severe": _("severe"),
}


@require_GET
@patient_only
def home(request: PatientRequest) -> HttpResponse:
    """The single next thing, the timeline, the chart."""
    patient = request.patient
    standing = Standing(patient, clock.now())
    own_page(request, "home")
    context = {
        "patient": patient,
        "step": next_step(standing),
        "warning": warning(standing),
        "timeline": timeline(standing),
        "chart": _phq9_chart(standing),
        "has_plan": standing.has_plan,
    }
    return render(request, "portal/home.html", context)


@require_http_methods(["GET", "POST"])
@patient_only
def evaluation(request: PatientRequest) -> HttpResponse:
    """What the visit costs and includes, and the way to pay. Only for patients whom a prescriber will review."""
    patient = request.patient
    hold = active_hold(patient)
    if hold is not None:
        return redirect("intake:crisis" if hold.level == HoldLevel.HIGH else "portal:home")
    decision = latest_decision(patient)
    if decision is None or decision.outcome != Outcome.ELIGIBLE_FOR_REVIEW:
        # Nobody pays for a refusal (I6): without a result that goes to review there is nothing to pay.
        return redirect("intake:outcome" if decision else "intake:start")
    if reviews.course_ended(decision):
        # The answers are those of a treatment that has ended: applying again comes first.
        return redirect("portal:home")
    review = reviews.outcome_for(patient)
    if review is not None and review.decision_id == decision.pk:
        # Declined and refunded, or approved: either way nothing is owed any more (I6).
        return redirect("telemedicine:decision")
    if evaluation_paid(patient) or approved(patient):
        return redirect("portal:home")
    if not consents.in_force(patient, Activity.CHECKOUT, clock.now()):
        return redirect("intake:agreements")
    if request.method == "GET":
        price = format_cents(PRICES[Purpose.EVALUATION].amount_cents)
        return render(request, "portal/evaluation.html", {"price": price})
    try:
        charge = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=clock.now())
        start_checkout(charge=charge, by=patient.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:home")
    return redirect("billing:leave", pk=charge.pk)


def _phq9_chart(standing: Standing) -> Trend | None:
    """The PHQ-9 totals over time with the sessions marked, or None before the first score."""
    rows = scored(standing.patient, PHQ9.key)
    readings = [Reading(row.taken_at, int(row.total or 0), str(BANDS.get(row.band, row.band))) for row in rows]
    if not readings:
        return None
    scale = SCALES[PHQ9.key]
    bands = [Band(band.low, band.high, str(BANDS[band.name])) for band in scale.bands]
    taken = [row.started_at for row in standing.sessions if row.started_at]
    return trend(readings, top_score=scale.top, bands=bands, sessions=taken)
