"""The prescriber's page of the phase: where the treatment stands, what the rules propose, the decision, its history."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from harmoniously.core.common.forms import offer
from harmoniously.core.notifications.addresses import zone_of
from treatment import access, policy, selectors, services, words
from treatment.models import Chart, PhaseChoice, PhaseReason, SessionStatus
from treatment.models.prescription import FREQUENCY_CHOICES
from treatment.rules.phases import MOVES, RHYTHMS, Phase
from treatment.rules.reasons import Weight
from treatment.selecting import phases as selecting
from treatment.services.phases import phase_stand

_TONES = {
    PhaseChoice.INDUCTION: "brand",
    PhaseChoice.REVIEW: "caution",
    PhaseChoice.MAINTENANCE: "success",
    PhaseChoice.TAPER: "info",
}


class PhaseForm(forms.Form):
    """The next phase, how often sessions come in it, and why."""

    to = forms.ChoiceField(label=gettext_lazy("Phase"), error_messages={"required": gettext_lazy("Choose a phase.")})
    rhythm = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=[("", gettext_lazy("As the prescription and the phase say")), *FREQUENCY_CHOICES],
        required=False,
        help_text=gettext_lazy("Never more often than the prescription. In a review nothing is planned."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose a reason")), *PhaseReason.choices],
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the record; needed for another reason. The patient does not see it here."),
    )

    def __init__(self, data: Any = None, *, chart: Chart) -> None:
        super().__init__(data, initial={"rhythm": chart.rhythm})
        legal = MOVES[Phase(chart.status)]
        own = [(chart.status, _("Stay in %(phase)s") % {"phase": chart.get_status_display().lower()})]
        stays = [] if chart.status == PhaseChoice.REVIEW else own
        # A discharge has a page of its own: it comes with a letter.
        legal = legal - {Phase.DISCHARGED}
        choices = [(value, label) for value, label in PhaseChoice.choices if value in legal]
        offer(self, "to", [("", _("Choose a phase")), *choices, *stays])

    def clean(self) -> dict[str, Any]:
        """Nothing is planned in review or after a discharge, so that neither has a rhythm."""
        data = super().clean() or {}
        if data.get("to") in (PhaseChoice.REVIEW, PhaseChoice.DISCHARGED):
            data["rhythm"] = ""
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def phase(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Read for everybody in care; set by a prescriber."""
    patient = access.patient_for(request.user, patient_id)
    chart = selecting.latest_chart(patient)
    prescribes = can(request.user, Permission.PRESCRIBE) and chart is not None and chart.closed_at is None
    form = PhaseForm(request.POST or None, chart=chart) if prescribes and chart is not None else None
    status = 200
    if request.method == "POST":
        if form is None:
            messages.error(request, _("There is no treatment whose phase you could set."))
            return redirect("admin:treatment_phase", patient_id=patient.pk)
        status = _set(request, patient, form) if form.is_valid() else 422
        if status == 302:
            return returning.done(request, patient.pk, "admin:treatment_phase", patient.pk)
        if status == 409:
            chart = selecting.latest_chart(patient)
    context = _context(request, patient, chart, form)
    if status == 422:
        # What the page had shown that was sent, not what came since.
        context["seen"] = request.POST.get("seen", "")
    return render(request, "treatment/staff/phase.html", context, status=status)


def _set(request: StaffRequest, patient: Patient, form: PhaseForm) -> int:
    """Set it; the status of the answer."""
    seen = request.POST.get("seen")
    try:
        chart = services.set_phase(patient=patient, by=request.user, now=clock.now(), seen=seen, **form.cleaned_data)
    except (Conflict, IllegalMove) as refusal:
        form.add_error(None, refusal.message)
        return 409
    except RuleViolation as refusal:
        form.add_error({"words_missing": "words"}.get(refusal.code), refusal.message)
        return 422
    said = _(
        "The treatment is in this phase now: %(phase)s. What was planned before is cancelled; the patient is told."
    )
    messages.success(request, said % {"phase": chart.get_status_display().lower()})
    return 302


def _context(request: StaffRequest, patient: Patient, chart: Chart | None, form: PhaseForm | None) -> dict[str, Any]:
    now, rules = clock.now(), policy.load()
    context: dict[str, Any] = {
        "patient": patient,
        "title": _("Phase of treatment: %(name)s") % {"name": patient.display_name},
        "zone": zone_of(request.user),
        "chart": chart,
        "form": form,
        "changes": selecting.changes_of(patient),
        "often": dict(FREQUENCY_CHOICES),
    }
    if chart is None:
        return context
    order = selectors.prescription_in_force(patient)
    sessions = list(selectors.sessions_of(patient))
    standing = selecting.standing_in(chart, sessions)
    found = selecting.proposals(standing, clock.today(patient.zone, now), rules) if chart.closed_at is None else ()
    planned = [row for row in sessions if row.status in (SessionStatus.SCHEDULED, SessionStatus.HELD)]
    plannable = order is not None and standing.phase in RHYTHMS
    return context | {
        "tone": _TONES.get(PhaseChoice(chart.status), "neutral"),
        "since": chart.since,
        "seen": phase_stand(chart),
        "taken": standing.taken,
        "rhythm": context["often"][selecting.rhythm_of(chart, order).value] if plannable and order else "",
        "planned": len(planned),
        "reasons": [
            {"text": words.staff_text(item), "source": item.source, "due": item.weight is Weight.ASK} for item in found
        ],
    }
