"""The patient's account: how they sign in, how we reach them, whom they write to."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.forms import offer
from harmoniously.core.common.states import ZONES
from harmoniously.core.notifications import reminders_off
from harmoniously.portal.preferences import live_in
from telemedicine.selectors import next_appointment


@require_safe
@patient_only
def account(request: PatientRequest) -> HttpResponse:
    """One page that leads to everything about the account."""
    patient = request.patient
    own_page(request, "account")
    context = {
        "patient": patient,
        "local_time": clock.describe(clock.now(), patient.zone),
        "reminded": reminders_off.reminded(patient),
    }
    return render(request, "portal/account.html", context)


class ZoneForm(forms.Form):
    """The zone in which somebody reads times."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Your time zone"),
        help_text=gettext_lazy("Choose the place whose clock is yours."),
        error_messages={
            "required": gettext_lazy("Choose a time zone."),
            "invalid_choice": gettext_lazy("Choose a time zone."),
        },
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "zone", [(zone, f"{_place(zone)}: {clock.zone_words(now, zone)}") for zone in ZONES])


def _place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def zone(request: PatientRequest) -> HttpResponse:
    """Somebody has moved: the same moments, in other words (FI-14)."""
    patient, now = request.patient, clock.now()
    form = ZoneForm(request.POST or None, initial={"zone": patient.zone}, now=now)
    if request.method == "POST" and form.is_valid():
        live_in(patient=patient, zone=form.cleaned_data["zone"], by=request.user, now=now)
        messages.success(request, _("Saved. Nothing moved: every time is shown on your clock now."))
        return redirect("portal:account")
    context = {"patient": patient, "form": form, "next": next_appointment(patient, now)}
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/zone.html", context, status=status)
