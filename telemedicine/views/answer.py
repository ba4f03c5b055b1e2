"""The page of the private link in a reminder. Opening it changes nothing; only the pressed button does."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine import answers
from telemedicine.models.appointment import Status
from telemedicine.services import visits

# /v/<token>/


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """When the visit is, a button to say that one comes, and the way to move or cancel it after signing in."""
    found = answers.visit_of(token)
    if found is None:
        raise Http404
    visit, stands = found
    now = clock.now()
    context: dict[str, Any] = {
        "visit": visit,
        "zone": visit.patient.zone,
        "open": stands and visit.status == Status.BOOKED and visit.starts_at > now,
    }
    if request.method == "POST":
        try:
            visits.say_coming(appointment=visit, sequence_seen=stands, now=now)
        except RuleViolation as refused:
            return render(request, "telemedicine/answer.html", {**context, "problem": refused.message}, status=409)
        return redirect("telemedicine:answer", token)
    return render(request, "telemedicine/answer.html", context)
