"""Staff pages: one follow-up, with what was done about it and what can be done now."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.alerts import presenting, services, working
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts import work_selectors as selectors
from harmoniously.core.alerts.access import follow_up_for
from harmoniously.core.alerts.follow_up_models import FollowUp
from harmoniously.core.alerts.follow_ups import others_hands
from harmoniously.core.alerts.work_forms import AssignForm, CloseForm, KeyForm, LaterForm, SnoozeForm, TriedForm
from harmoniously.core.alerts.work_views import back_to_list, view_of
from harmoniously.core.alerts.working import Doer
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.addresses import zone_of

# Of the forms of the page: each has its own names.
FORMS: dict[str, type[KeyForm]] = {"close": CloseForm, "assign": AssignForm, "snooze": SnoozeForm, "tried": TriedForm}
KEYS = [
    ("c", _lazy("notes a call")),
    ("e", _lazy("closes it")),
    ("p", _lazy("puts it off")),
    ("t", _lazy("goes to “Take it”")),
    ("z", _lazy("goes to “Undo”")),
]
PREFIXES = {"assign": "give", "snooze": "later", "tried": "tried"}


def _page(
    request: StaffRequest, row: FollowUp, *, form: tuple[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    user, now, zone = request.user, clock.now(), zone_of(request.user)
    given: dict[str, Any] = {name: _fresh(name, row) for name in FORMS} if row.is_open else {}
    if form is not None:
        given[form[0]] = form[1]
    context = {
        "follow_up": row,
        "patient": row.patient,
        "done": not row.is_open,
        "asleep": row.is_open and row.snoozed_until is not None and row.snoozed_until > now,
        "overdue": row.is_open and rules.is_overdue(row.kind, due_at=row.due_at, now=now),
        "latest": working.latest_of(row, now=now, zone=zone),
        "steps": list(selectors.steps_of(row)),
        "looking": selectors.looking(row, by=user, now=now),
        "text": selectors.text_behind(row),
        "next_step": presenting.next_step(row),
        "reminds": row.kind in working.REMINDERS,
        "mine": row.owner_id == user.pk,
        "other": others_hands(row, user),
        "forms": given,
        "wrong": form[1] if form else None,
        "key": _fresh("close", row)["key"],
        "view": view_of(request),
        "keys": KEYS,
        "now": now,
        "zone": zone,
        "undo": selectors.undoable(user, now),
    }
    return render(request, "alerts/follow_up.html", context, status=status)


def _fresh(name: str, row: FollowUp, data: QueryDict | None = None) -> KeyForm:
    initial = {"seen": row.owner_id, "to": row.owner_id} if name == "assign" else None
    form = FORMS[name](data, prefix=PREFIXES.get(name), initial=initial)
    if isinstance(form, AssignForm) and row.owner_id is None:
        form.fields["to"].empty_label = _("Choose a colleague")  # type: ignore[attr-defined]
    if isinstance(form, LaterForm):
        form.offer(rules.choices(row.kind))
    return form


def _refused(request: StaffRequest, pk: UUID, name: str, form: forms.Form, error: RuleViolation) -> HttpResponse:
    """The page as it stands now, with the refusal and what was written."""
    form.add_error(None, error.message)
    status = 409 if isinstance(error, Conflict) else 422
    return _page(request, follow_up_for(request.user, pk), form=(name, form), status=status)


@staff_with(Permission.WORK_FOLLOW_UPS)
@require_http_methods(["GET", "POST"])
def follow_up_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One follow-up; what is sent here closes it."""
    row = follow_up_for(request.user, pk)
    if request.method != "POST":
        return _page(request, row)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=("close", form), status=422)
    try:
        services.close_follow_up(
            follow_up=row,
            by=request.user,
            now=clock.now(),
            note=form.cleaned_data["note"],
            batch=form.batch(),
        )
    except RuleViolation as error:
        return _refused(request, pk, "close", form, error)
    messages.success(request, _("Done. %(name)s is off the list.") % {"name": row.patient.display_name})
    return back_to_list(request)


Act = Callable[[StaffRequest, FollowUp, dict[str, Any], Doer], str]


def _form_view(name: str) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A form of the page: 422 when it is not whole, 409 when a colleague was faster, else what it says."""

    def decorate(act: Act) -> Callable[..., HttpResponse]:
        @staff_with(Permission.WORK_FOLLOW_UPS)
        @require_POST
        @wraps(act)
        def view(request: StaffRequest, pk: UUID) -> HttpResponse:
            row = follow_up_for(request.user, pk)
            form = _fresh(name, row, request.POST)
            if not form.is_valid():
                return _page(request, row, form=(name, form), status=422)
            doer = Doer(request.user, clock.now(), form.batch())
            try:
                said = act(request, row, {"form": form, **form.cleaned_data}, doer)
            except RuleViolation as error:
                return _refused(request, pk, name, form, error)
            messages.success(request, said)
            return _again(request, pk)

        return view

    return decorate


def _again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The page of the follow-up, which still knows how the list was looked at."""
    address, query = reverse("admin:follow_up_close", args=[pk]), view_of(request).query
    return redirect(f"{address}?{query}" if query else address)


@_form_view("assign")
def follow_up_assign(request: StaffRequest, row: FollowUp, data: dict[str, Any], doer: Doer) -> str:
    """Give it to a colleague, or back to everybody."""
    working.assign(follow_up=row, to=data["to"], seen=data["seen"], doer=doer)
    if data["to"] is None:
        return _("It is everybody’s again.")
    return _("%(name)s has it now.") % {"name": data["to"].display_name}


@_form_view("snooze")
def follow_up_snooze(request: StaffRequest, row: FollowUp, data: dict[str, Any], doer: Doer) -> str:
    """Put it off, with a reason."""
    zone = zone_of(request.user)
    until = data["form"].moment(now=doer.now, zone=zone)
    working.snooze(follow_up=row, until=until, words=data["words"], zone=zone, doer=doer)
    return _("Put off. It comes back on %(when)s.") % {"when": clock.describe(until, zone)}


@_form_view("tried")
def follow_up_contact(request: StaffRequest, row: FollowUp, data: dict[str, Any], doer: Doer) -> str:
    """Note a call, and what came of it."""
    zone = zone_of(request.user)
    tried = data["form"].tried(now=doer.now, zone=zone)
    working.log_contact(follow_up=row, tried=tried, zone=zone, doer=doer)
    if tried.until is not None:
        return _("Noted. It comes back on %(when)s.") % {"when": clock.describe(tried.until, zone)}
    return _("Noted. It stays on the list until you close it.")


def _button(act: Callable[[FollowUp, Doer], str]) -> Callable[..., HttpResponse]:
    """A button that needs no words."""

    @staff_with(Permission.WORK_FOLLOW_UPS)
    @require_POST
    @wraps(act)
    def view(request: StaffRequest, pk: UUID) -> HttpResponse:
        row, form = follow_up_for(request.user, pk), KeyForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("This page is old. Reload it and try again."))
            return _again(request, pk)
        try:
            said = act(row, Doer(request.user, clock.now(), form.batch(act.__name__)))
        except RuleViolation as error:
            messages.error(request, error.message)
        else:
            messages.success(request, said)
        return _again(request, pk)

    return view


@_button
def follow_up_wake(row: FollowUp, doer: Doer) -> str:
    """Bring back what was put off."""
    working.wake(follow_up=row, doer=doer)
    return _("It is on the list again.")


@_button
def follow_up_remind(row: FollowUp, doer: Doer) -> str:
    """Send the patient the neutral reminder."""
    working.remind(follow_up=row, doer=doer)
    return _("The reminder goes out in a few seconds. A text waits for the morning.")


@staff_with(Permission.WORK_FOLLOW_UPS)
@require_POST
def follow_up_claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a follow-up, so that colleagues see that somebody has it."""
    row = follow_up_for(request.user, pk)
    try:
        services.claim_follow_up(follow_up=row, by=request.user, now=clock.now())
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(name)s is yours.") % {"name": row.patient.display_name})
    return back_to_list(request, row)
