"""The care team's side of the messages."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine import access, selectors
from telemedicine.forms import MessageForm
from telemedicine.services import messages as services
from telemedicine.staff_views.schedule import zone_for

PAGE = 50


def _require_reader(request: HttpRequest) -> None:
    readers = (Permission.VIEW_CLINICAL, Permission.WORK_FOLLOW_UPS)
    if not any(can(request.user, permission) for permission in readers):
        raise Http404


@require_safe
def threads(request: HttpRequest) -> HttpResponse:
    """Who wrote, unread first. The words are one step further, so that opening them is a read of its own."""
    _require_reader(request)
    now = clock.now()
    rows = selectors.threads_for(access.threads_visible_to(access.person(request), now))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    record(actor=access.person(request), action="threads.viewed", now=now, shown=len(page.object_list))
    context = {"title": _("Messages"), "page": page, "zone": zone_for(request)}
    return render(request, "telemedicine/staff/threads.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's thread, and a box to answer in."""
    _require_reader(request)
    now = clock.now()
    patient = access.thread_for(access.person(request), patient_id, now)
    form = MessageForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.send(
                    patient=patient,
                    body=form.cleaned_data["body"],
                    form_token=form.cleaned_data["form_token"],
                    by=access.person(request),
                    now=now,
                )
                return redirect("admin:message_thread", patient.pk)
            except RuleViolation as refused:
                form.add_error("body", refused.message)
    page = Paginator(selectors.thread(patient).reverse(), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)[::-1]
    services.open_thread(patient=patient, by=access.person(request), now=now)
    context = {
        "title": _("Messages with %(name)s") % {"name": patient.display_name},
        "patient": patient, "form": form, "page": page, "rows": rows, "zone": zone_for(request),
    }  # fmt: skip
    return render(request, "telemedicine/staff/thread.html", context, status=status)
