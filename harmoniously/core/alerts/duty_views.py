"""The page of who is on call: everybody of the practice reads it, clinicians accept, administrators enter shifts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.alerts import duty, selectors
from harmoniously.core.alerts.forms import ExceptionForm, WeekForm
from harmoniously.core.alerts.models import AlertStatus
from harmoniously.core.alerts.times import times
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import offer
from harmoniously.core.notifications.addresses import zone_of


@staff_with(Permission.VIEW_ON_CALL)
@require_GET
def on_call(request: StaffRequest) -> HttpResponse:
    """Who is told first now and who next, the week ahead, where nobody is, and whether an alert waits."""
    return _page(request)


def _page(
    request: StaffRequest, week: WeekForm | None = None, special: ExceptionForm | None = None, status: int = 200
) -> HttpResponse:
    now, user = clock.now(), request.user
    rota = duty.rota(now)
    manages = can(user, Permission.MANAGE_PEOPLE)
    own: Clinician | None = getattr(user, "clinician", None) if can(user, Permission.ACKNOWLEDGE_ALERTS) else None
    zone = zone_of(user)
    alerts = sorted(selectors.unattended(now) if manages else (), key=lambda alert: (not alert.rings, alert.opened_at))
    waiting = [alert for alert in alerts if alert.status == AlertStatus.OPEN]
    context: dict[str, Any] = {
        "rota": rota,
        "first": rota.order[0] if rota.order else (),
        "rest": rota.order[1:],
        "holder": rota.people.get(rota.duty.holder) if rota.duty.holder else None,
        "awaited": [rota.people[shift.person] for shift in rota.duty.awaited],
        "ahead": [(shift, rota.people[shift.person]) for shift in rota.shifts],
        "may_accept": own is not None and rota.duty.holder != own.pk,
        "holds": own is not None and rota.duty.holder == own.pk,
        "waiting": len(waiting),
        "oldest": waiting[0] if waiting else None,
        "silent": [alert for alert in alerts if alert.status != AlertStatus.OPEN],
        "manages": manages,
        "now": now,
        "zone": zone,
    }
    if manages:
        context["entries"] = duty.entries()
        context["exceptions"] = duty.exceptions(now)
        context["week"] = week or WeekForm(initial={"zone": zone})
        context["special"] = special or ExceptionForm(initial={"zone": zone}, prefix="special")
        people = [(one.pk, str(one)) for one in rota.people.values()]
        for form in (context["week"], context["special"]):
            offer(form, "clinician", [("", _("Choose")), *people])
    return render(request, "alerts/on_call.html", context, status=status)


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_POST
def accept(request: StaffRequest) -> HttpResponse:
    """Take over the duty."""
    try:
        duty.accept_duty(by=request.user, now=clock.now())
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("You are on call now, until a colleague accepts."))
    return redirect("admin:on_call")


@staff_with(Permission.MANAGE_PEOPLE)
@require_POST
def enter_week(request: StaffRequest) -> HttpResponse:
    """Put somebody on the weekly rota."""
    form = WeekForm(request.POST)
    if not form.is_valid():
        return _page(request, week=form, status=422)
    duty.enter_week(by=request.user, now=clock.now(), **form.cleaned_data)
    messages.success(request, _("The rota is changed."))
    return redirect("admin:on_call")


@staff_with(Permission.MANAGE_PEOPLE)
@require_POST
def enter_exception(request: StaffRequest) -> HttpResponse:
    """Put somebody on call for a time in place of the rota."""
    form = ExceptionForm(request.POST, prefix="special")
    if form.is_valid():
        starts_at, ends_at = form.moments()
        who = form.cleaned_data["clinician"]
        try:
            duty.enter_exception(clinician=who, starts_at=starts_at, ends_at=ends_at, by=request.user, now=clock.now())
        except RuleViolation as error:
            form.add_error("ends_at", error.message)
        else:
            messages.success(request, _("The exception is entered."))
            return redirect("admin:on_call")
    return _page(request, special=form, status=422)


@staff_with(Permission.MANAGE_PEOPLE)
@require_POST
def remove(request: StaffRequest, entry: UUID) -> HttpResponse:
    """Take an entry off the rota."""
    if duty.remove_entry(key=entry, by=request.user, now=clock.now()):
        messages.success(request, _("The entry is removed."))
    return redirect("admin:on_call")


@staff_with(Permission.MANAGE_PEOPLE)
@require_GET
def alert_times(request: StaffRequest) -> HttpResponse:
    """How long alerts of each kind waited in the last 30 days; nobody is named."""
    now = clock.now()
    record(actor=request.user, action="alert_times.viewed", now=now)
    return render(request, "alerts/times.html", {"lines": times(now)})
