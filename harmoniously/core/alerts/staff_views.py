"""Staff pages: the alerts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.alerts import policy, presenting, rules, selectors, services
from harmoniously.core.alerts.access import alert_for
from harmoniously.core.alerts.contacts import SentBefore
from harmoniously.core.alerts.forms import AcknowledgeForm, ContactForm, ResolveForm
from harmoniously.core.alerts.models import Alert, AlertStatus
from harmoniously.core.audit.doors import may_read
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from harmoniously.core.notifications.addresses import zone_of

PAGE_SIZE = 50


def _kept(form: Form, error: RuleViolation) -> tuple[Form, int]:
    """The form with the refusal and what was written, and the status of the answer."""
    form.add_error(None, error.message)
    return form, 409 if isinstance(error, Conflict | IllegalMove) else 422


def _refused(request: StaffRequest, error: RuleViolation) -> None:
    messages.error(request, error.message)


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    """Every alert, the ringing ones first; below them the patients on a safety hold."""
    now = clock.now()
    page = Paginator(selectors.alerts_listed(now), PAGE_SIZE).get_page(request.GET.get("page"))
    silent = set(selectors.silent(now).values_list("pk", flat=True))
    rows = [{**_row(alert, request), "silent": alert.pk in silent} for alert in page.object_list]
    holds = _holds(request) if can(request.user, Permission.REVIEW_CASES) else []
    shown = {str(row["alert"].patient_id) for row in rows} | {str(hold.patient_id) for hold in holds}
    record(actor=request.user, action="alerts.listed", now=now, patients=sorted(shown))
    context = {"rows": rows, "page": page, "holds": holds, "now": now, "zone": zone_of(request.user)}
    return render(request, "alerts/alerts.html", context)


def _holds(request: StaffRequest) -> Page:
    """A page of the patients on a safety hold; in a large practice there are thousands."""
    return Paginator(selectors.open_holds(), PAGE_SIZE).get_page(request.GET.get("holds"))


def _row(alert: Alert, request: StaffRequest) -> dict[str, Any]:
    return {
        "alert": alert,
        "title": presenting.title_for(alert, request.user),
        "tone": presenting.tone_of(alert),
        "open": alert.status == AlertStatus.OPEN,
    }


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_GET
def alert_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One alert: whom it is about, how to reach them, who was told, and the next step."""
    return _alert_page(request, alert_for(request.user, pk))


def _alert_page(
    request: StaffRequest, alert: Alert, form: Form | None = None, status: int = 200, contact: Form | None = None
) -> HttpResponse:
    steps: dict[str, type[Form]] = {AlertStatus.OPEN: AcknowledgeForm, AlertStatus.ACKNOWLEDGED: ResolveForm}
    step = steps.get(alert.status)
    user, now = request.user, clock.now()
    cares = can(user, Permission.VIEW_CLINICAL) and may_read(user, alert.patient, clinical=True, at=now)
    context = {
        **_row(alert, request),
        "patient": alert.patient,
        "cares": cares,
        "subject_url": presenting.subject_of(alert, user) if cares else "",
        "opens_record": cares or can(user, Permission.VIEW_PEOPLE),
        "form": form or (step() if step else None),
        "opens_case": can(user, Permission.REVIEW_CASES),
        "case_url": presenting.page_of("case", alert.patient_id, user) if cares else "",
        "clinical": can(user, Permission.VIEW_CLINICAL),
        "wrote": presenting.words_of(alert) if cares else None,
        "hold": getattr(alert, "open_hold", None) if can(user, Permission.REVIEW_CASES) else None,
        "now": now,
        "zone": zone_of(user),
        **_contacts(alert, request, contact),
    }
    return render(request, "alerts/alert_detail.html", context, status=status)


def _contacts(alert: Alert, request: StaffRequest, form: Form | None) -> dict[str, Any]:
    """What was tried to reach the patient, what comes next, and where they may be."""
    rows = list(selectors.contacts_of(alert))
    in_hand = alert.status == AlertStatus.ACKNOWLEDGED
    steps = rules.steps(tuple((row.how, row.reached) for row in rows), calls=policy.load().calls)
    following = next((step.how for step in steps if step.next), None)
    return {
        "contacts": rows,
        "notified": selectors.notified(alert),
        "contact": form or (ContactForm(initial={"how": following}) if in_hand else None),
        "contact_missing": in_hand and services.contact_missing(alert, rows, getattr(alert, "cleared", None)),
        "steps": steps,
        "places": presenting.places_of(alert.patient),
        "in_charge": alert.in_charge,
        "mine": alert.in_charge == request.user,
        "silent": getattr(alert, "left_silent", False),
    }


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_POST
def acknowledge_alert(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take the alert: it stops ringing and becomes this person's."""
    alert = alert_for(request.user, pk)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _alert_page(request, alert, form, status=422)
    try:
        services.acknowledge(alert=alert, by=request.user, now=clock.now(), note=form.cleaned_data["note"])
    except RuleViolation as error:
        return _alert_page(request, alert_for(request.user, pk), *_kept(form, error))
    messages.success(
        request, _("This alert is yours now. Record each attempt to reach the patient; resolve it when it is done.")
    )
    return redirect("admin:alert_detail", pk=pk)


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_POST
def take_over_alert(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Go on with an alert that a colleague took."""
    try:
        services.take_over(alert=alert_for(request.user, pk), by=request.user, now=clock.now())
    except RuleViolation as error:
        _refused(request, error)
    else:
        messages.success(request, _("This alert is yours now. Record each attempt to reach the patient."))
    return redirect("admin:alert_detail", pk=pk)


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_POST
def record_contact(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write down one attempt to reach the patient."""
    alert = alert_for(request.user, pk)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _alert_page(request, alert, status=422, contact=form)
    try:
        said = form.cleaned_data | {"shown_at": form.cleaned_data["shown_at"] or alert.opened_at}
        made = services.record_contact(alert=alert, by=request.user, now=clock.now(), **said)
    except RuleViolation as error:
        if isinstance(error, SentBefore):
            form.as_another()
        return _alert_page(request, alert_for(request.user, pk), status=_kept(form, error)[1], contact=form)
    if made.settles:
        messages.success(request, _("Recorded. Resolve the alert when everything is done."))
    else:
        messages.success(request, _("Recorded. Go on with the next step below."))
    return redirect("admin:alert_detail", pk=pk)


@staff_with(Permission.ACKNOWLEDGE_ALERTS)
@require_POST
def resolve_alert(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Close an acknowledged alert with what was done."""
    alert = alert_for(request.user, pk)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _alert_page(request, alert, form, status=422)
    try:
        services.resolve(alert=alert, by=request.user, now=clock.now(), note=form.cleaned_data["note"])
    except RuleViolation as error:
        return _alert_page(request, alert_for(request.user, pk), *_kept(form, error))
    messages.success(request, _("The alert is resolved."))
    return redirect("admin:alerts")
