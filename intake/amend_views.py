"""The page that opens what was handed in: why, and after a refusal from when."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.surfacing import clinician_told, surface_unsaved
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import CardRadioSelect
from harmoniously.core.common.switching import was_switched
from intake import access, amending, selectors, services
from intake.guards import unless_help_comes_first
from intake.models import AmendReason
from intake.page_views import CHANGING, where_it_stopped

NOTE_LENGTH = 1000


class AmendForm(forms.Form):
    """Why the answers are given anew."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why do you want to change your answers?"),
        choices=AmendReason.choices,
        widget=CardRadioSelect(),
        error_messages={"required": gettext_lazy("Choose why you want to change your answers.")},
    )
    note = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("What was wrong, or what is new. A clinician reads it."),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: Any = None, *, again: bool = False) -> None:
        super().__init__(data, initial={"reason": AmendReason.CHANGED} if again else None)
        self.again = again
        if again:
            # After a treatment it is a new application; only a refusal that stands can still be corrected.
            self.fields["reason"].widget = forms.HiddenInput()


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def amend(request: PatientRequest) -> HttpResponse:
    """Open what was handed in for changes; the old answers and their result are kept."""
    submission = access.own_submission(request.user, request.patient)
    now = clock.now()
    if submission is None or selectors.draft_of(request.patient) is not None:
        if request.method == "POST" and not was_switched(request, AmendForm(request.POST)):
            _heed(request, now)
        return redirect("intake:start")
    standing = amending.standing(request.patient, now)
    again = standing is None and selectors.applies_again(request.patient)
    form = AmendForm(request.POST if request.method == "POST" else None, again=again)
    if request.method != "POST" or was_switched(request, form):
        return _show(request, form, standing)
    if not form.is_valid():
        _heed(request, now)
        return _show(request, form, standing)
    try:
        draft = services.amend(patient=request.patient, by=request.patient.user, now=now, **form.cleaned_data)
    except RuleViolation as refusal:
        form.add_error("note" if refusal.code == amending.NO_NOTE else None, refusal.message)
        _heed(request, now)
        return _show(request, form, standing)
    messages.info(request, _("Your answers are open for changes. Your present result stands until you hand in again."))
    if suggests_crisis(form.cleaned_data["note"]):
        messages.warning(request, clinician_told())
        return redirect("intake:crisis")
    return where_it_stopped(selectors.route_of(draft), CHANGING)


def _heed(request: PatientRequest, now: datetime) -> None:
    """What could not be saved counts all the same: a clinician is told, and the page says so above it."""
    texts = [request.POST.get("note", "")]
    if surface_unsaved(texts=texts, patient=request.patient, by=request.user, now=now):
        messages.warning(request, clinician_told(kept=False))


def _show(request: PatientRequest, form: AmendForm, standing: amending.Standing | None) -> HttpResponse:
    given = {"form": form, "standing": standing, "carries": "answers"}
    return render(request, "intake/amend.html", given, status=422 if form.errors else 200)
