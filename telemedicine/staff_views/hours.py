"""A clinician's hours: the week, single dates, time off, and the room around visits, on one page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine import access, staff_hours
from telemedicine.services import feeds, hours
from telemedicine.staff_hours_forms import DateForm, HoursForm, LimitsForm, TimeOffForm, WeeklyForm

FORMS: dict[str, type[HoursForm]] = {
    "weekly": WeeklyForm,
    "date": DateForm,
    "time_off": TimeOffForm,
    "limits": LimitsForm,
}


# /admin/schedule/hours/


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def everybody(request: StaffRequest) -> HttpResponse:
    """Whose hours can be looked at; a clinician is led to their own."""
    user = access.person(request)
    if not can(user, Permission.VIEW_PEOPLE):
        own = getattr(user, "clinician", None)
        if own is None:
            raise Http404
        return redirect("admin:hours", own.pk)
    return render(
        request,
        "telemedicine/staff/hours_of.html",
        {"title": _("Hours"), "clinicians": staff_hours.all_clinicians()},
    )


# /admin/schedule/hours/<clinician>/


@staff_with(Permission.VIEW_SCHEDULE)
@require_http_methods(["GET", "HEAD", "POST"])
def of_one(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything about one clinician's hours. Each form adds one thing; each line can be taken away."""
    clinician = access.clinician_whose_hours(access.person(request), pk)
    if request.method != "POST":
        return _page(request, clinician)
    if request.POST.get("do", "") in {"feed_make", "feed_end"}:
        return _feed(request, clinician)
    if not hours.may_keep_exceptions(access.person(request), clinician):
        return _page(request, clinician, problem=_("Only an administrator can change this."), status=403)
    if "remove" in request.POST:
        return _removed(request, clinician)
    name = request.POST.get("do", "")
    if name not in FORMS:
        return _page(request, clinician, problem=_("Choose what to add."), status=422)
    form = FORMS[name](request.POST, prefix=name, clinician=clinician)
    if not form.is_valid():
        return _page(request, clinician, bound={name: form}, status=422)
    try:
        _keep(request, clinician, name, form.cleaned_data)
    except RuleViolation as refused:
        return _page(request, clinician, bound={name: form}, problem=refused.message, status=422)
    messages.success(request, _("Saved. Booked visits stay as they are."))
    return redirect("admin:hours", clinician.pk)


def _keep(request: StaffRequest, clinician: Clinician, name: str, given: dict[str, Any]) -> None:
    common: dict[str, Any] = {"clinician": clinician, "by": access.person(request), "now": clock.now()}
    if name == "weekly":
        hours.add_weekly(**given, **common)
    elif name == "date":
        hours.add_date(**given, **common)
    elif name == "time_off":
        hours.add_time_off(starts_at=given["starts_at"], ends_at=given["ends_at"], **common)
    else:
        hours.set_limits(**given, **common)


def _feed(request: StaffRequest, clinician: Clinician) -> HttpResponse:
    """A new calendar address, shown on this answer only; or the end of it."""
    user, now = access.person(request), clock.now()
    if request.POST["do"] == "feed_end":
        feeds.end(clinician=clinician, by=user, now=now)
        messages.success(request, _("The calendar address answers no more."))
        return redirect("admin:hours", clinician.pk)
    secret = feeds.make(clinician=clinician, by=user, now=now)
    return _page(
        request, clinician, feed_address=request.build_absolute_uri(reverse("telemedicine:feed", args=[secret]))
    )


def _removed(request: StaffRequest, clinician: Clinician) -> HttpResponse:
    row = staff_hours.row_of(clinician, request.POST["remove"])
    if row is not None:
        hours.remove(row=row, by=access.person(request), now=clock.now())
        messages.success(request, _("Taken away. Booked visits stay as they are."))
    return redirect("admin:hours", clinician.pk)


def _page(
    request: StaffRequest,
    clinician: Clinician,
    *,
    bound: dict[str, HoursForm] | None = None,
    problem: str = "",
    status: int = 200,
    feed_address: str = "",
) -> HttpResponse:
    now = clock.now()
    user = access.person(request)
    kept = staff_hours.kept_hours(clinician, now)
    shown: dict[str, HoursForm] = {name: form(prefix=name, clinician=clinician) for name, form in FORMS.items()}
    shown["limits"].initial = kept.limits_initial
    shown |= bound or {}
    context = {
        "title": _("Hours of %(who)s") % {"who": clinician.display_name},
        "clinician": clinician,
        "zone_words": clock.zone_words(now, clinician.zone),
        "kept": kept,
        "forms": shown,
        "bound": next(iter((bound or {}).values()), None),
        "problem": problem,
        "may_hours": hours.may_keep_hours(user, clinician),
        "may_exceptions": hours.may_keep_exceptions(user, clinician),
        "is_own": clinician.user_id == user.pk,
        "may_feed": clinician.user_id == user.pk or can(user, Permission.MANAGE_PEOPLE),
        "feed": staff_hours.feed_of(clinician),
        "feed_address": feed_address,
        "sees_all": can(user, Permission.VIEW_PEOPLE),
    }
    return render(request, "telemedicine/staff/hours.html", context, status=status)
