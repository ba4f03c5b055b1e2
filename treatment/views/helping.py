"""Where help is, for a patient who wrote words that may mean danger."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.surfacing import clinician_told


def help_first(request: HttpRequest, text: str) -> HttpResponse | None:
    """The page with help, above which stands that a clinician was told; None for words that mean no danger."""
    if not suggests_crisis(text):
        return None
    messages.warning(request, clinician_told())
    return redirect("intake:crisis")
