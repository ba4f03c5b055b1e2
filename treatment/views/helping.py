"""Where help is, for a patient who wrote words that may mean danger."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.surfacing import clinician_told, surface_unsaved
from harmoniously.core.common import clock


def help_first(request: HttpRequest, text: str, *, kept: bool = True) -> HttpResponse | None:
    """The page with help, above which stands that a clinician was told; None for words that mean no danger."""
    if not suggests_crisis(text):
        return None
    messages.warning(request, clinician_told(kept=kept))
    return redirect("intake:crisis")


def heed(request: PatientRequest, name: str) -> HttpResponse | None:
    """The same of a field that could not be saved: a clinician is told, as nobody will read the words.

    A page that is shown again with the words in it says so itself, above them.
    """
    text = request.POST.get(name, "")
    if not surface_unsaved(texts=[text], patient=request.patient, by=request.user, now=clock.now()):
        return None
    messages.warning(request, clinician_told(kept=False))
    return redirect("intake:crisis")
