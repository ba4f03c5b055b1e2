"""The addresses of the product, and a bare list of fifty beside them."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from harmoniously.urls import *  # noqa: F403
from harmoniously.urls import urlpatterns as _ours
from intake.models import EligibilityDecision

SEALED = ("facts", "findings", "summary")
PAGE = Template(
    "<!doctype html><title>{{ user.email }}</title><table>{% for row in rows %}<tr><td>{{ row.patient.display_name }}"
    "<td>{{ row.patient.state }}<td>{{ row.patient.mrn }}<td>{{ row.outcome }}<td>{{ row.decided_at }}{% endfor %}"
    "</table>"
)


def bare(request: HttpRequest) -> HttpResponse:
    """Fifty rows by the ORM and a template, for whoever is signed in: what no list of fifty can do without."""
    found = EligibilityDecision.objects.filter(is_current=True, outcome="eligible_for_review")
    rows = found.select_related("patient").defer(*SEALED).order_by("decided_at")[:50]
    return HttpResponse(PAGE.render(Context({"user": request.user, "rows": rows})))


urlpatterns = [path("bare/", bare), *_ours]
