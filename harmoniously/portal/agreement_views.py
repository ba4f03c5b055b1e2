"""Taking an agreement back: one page that says what it does, one button that does it. Never in the way of help."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.documents.consents import selectors
from harmoniously.portal import taking_back


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def take_back(request: PatientRequest, kind: str) -> HttpResponse:
    """What taking it back ends and what stays; doing it is one click, at once and without a reason."""
    now = clock.now()
    standing = selectors.standings(request.patient, now).get(kind)
    if standing is None:
        raise Http404
    own_page(request, "take_back")
    if not standing.stands:
        return redirect("intake:agreements")
    if request.method == "POST":
        taking_back.take_back(patient=request.patient, kind=kind, by=request.patient.user, now=now)
        messages.success(request, _("Taken back: %(title)s. It holds from now on.") % {"title": standing.title})
        return redirect("intake:agreements")
    effect = taking_back.effect(patient=request.patient, kind=kind, now=now)
    given = {"standing": standing, "effect": effect, "zone": request.patient.zone}
    return render(request, "portal/take_back.html", given)
