"""The patient's home: the single next thing, the timeline, the chart."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from harmoniously.core.accounts.permissions import patient_only


@patient_only
def home(request: HttpRequest) -> HttpResponse:
    """What the patient sees first after signing in."""
    return render(request, "portal/home.html", {"patient": request.patient})  # type: ignore[attr-defined]
