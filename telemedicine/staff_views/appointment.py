"""One visit for whoever arranges it: where it stands, what became of it, and what can be done about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import reminders_off
from telemedicine import access, services
from telemedicine.forms import CancelForm
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.services import changes, keeping, visits
from telemedicine.staff_lookers import others_at
from telemedicine.staff_standing import one
from telemedicine.staff_told import told
from telemedicine.staff_views.arrange import arranging, version_seen
from telemedicine.video.rooms import room_of
from telemedicine.week import value_of

# /admin/appointments/<appointment>/


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def appointment(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One visit: who, when, and what can be done about it."""
    row = access.visit_for(request.user, pk)
    return _page(request, row)


def _page(
    request: HttpRequest, row: Appointment, *, form: CancelForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    now, user = clock.now(), access.person(request)
    arranges = can(user, Permission.MANAGE_SCHEDULE)
    can_change = arranges and row.status == Status.BOOKED and row.started_at is None
    context = {
        "title": _("Visit"),
        "visit": row,
        "patient": row.patient,
        "problem": problem,
        "line": one(row, room_of(row) if row.location_at else None, now),
        "reminded": reminders_off.reminded(row.patient),
        "told": told(row, now),
        "cancel_form": form or CancelForm(),
        "can_change": can_change,
        "can_mark_missed": can_change and now >= row.starts_at,
        "is_own": row.clinician.user_id == user.pk,
        "lookers": others_at(row, user, now) if arranges else [],
        "keys": [("m", _("move to another time")), ("z", _("goes to Undo, while there is one"))],
        **_hold(row, user, now),
        **_changes(row, user, now),
    }
    return render(request, "telemedicine/staff/appointment.html", context, status=status)


def _hold(row: Appointment, user: User, now: datetime) -> dict[str, Any]:
    """A time that is held: by whom, until when, whether it is the reader's. One that is not any more: the way on."""
    if row.held_until is None or row.status not in {Status.HELD, Status.CANCELLED}:
        return {}
    if row.status == Status.CANCELLED or row.held_until <= now:
        what = {"kind": row.kind, "state": row.place, "slot": value_of(row.starts_at, row.clinician_id)}
        ahead = row.starts_at > now and can(user, Permission.MANAGE_SCHEDULE)
        return {"never_booked": True, "again": urlencode(what) if ahead else ""}
    return {
        "is_held": True,
        "holds": row.held_by_id == user.pk,
        "seconds": int((row.held_until - now).total_seconds()),
        "can_extend": row.hold_extended_at is None,
    }


def _changes(row: Appointment, user: User, now: datetime) -> dict[str, Any]:
    """What became of the visit, the newest first, and whether the last of it can be taken back."""
    rows = list(changes.changes_of(row)[:20])
    last = rows[0] if rows else None
    until = last.undo_until if last and last.by_id == user.pk and last.undone_at is None else None
    seconds = int((until - now).total_seconds()) if until is not None and until > now else 0
    together = seconds and last and last.act == changes.Act.BOOKED
    return {
        "changes": [changes.words(change) for change in rows],
        "undo_seconds": seconds,
        "undo_all": changes.booked_with(last).count() if together and last else 1,
    }


@arranging
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel for the patient, with a reason from the list."""
    row = access.visit_for(request.user, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    if row.status == Status.HELD:
        return _page(request, row, problem=_("Nothing is booked here yet: this time is only held."), status=409)
    return _answered(
        request,
        row,
        lambda: services.cancel(
            appointment=row,
            by=access.person(request),
            now=clock.now(),
            reason_code=form.cleaned_data["reason"],
            seen=version_seen(request),
            can_undo=True,
        ),
    )


@arranging
@require_POST
def missed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The patient did not come."""
    row = access.visit_for(request.user, pk)
    return _answered(request, row, lambda: visits.no_show(appointment=row, by=access.person(request), now=clock.now()))


@arranging
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what the same person did a moment ago, while nobody was told."""
    row, by = access.visit_for(request.user, pk), access.person(request)
    said = _("Taken back: everything stands as before, and the patient was told nothing.")
    return _answered(request, row, lambda: changes.undo(appointment=row, by=by, now=clock.now()), said)


# /admin/appointments/<appointment>/hold/


@arranging
@require_POST
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What becomes of a time that is held for a caller: booked, kept longer, or let go."""
    row = access.visit_for(request.user, pk)
    act = {"appointment": row, "by": access.person(request), "now": clock.now()}
    verbs: dict[str, tuple[Callable[..., Appointment], str]] = {
        "book": (keeping.book, _("Booked. The patient is told by e-mail.")),
        "extend": (keeping.extend, _("The time is held for ten more minutes.")),
        "release": (keeping.release, _("The time is free again. Nothing was booked.")),
    }
    verb, said = verbs.get(request.POST.get("do", ""), (None, ""))
    if verb is None:
        return _page(request, row, problem=_("Press one of the buttons."), status=422)
    return _answered(request, row, lambda: verb(**act), said)


def _answered(request: HttpRequest, row: Appointment, act: Callable[[], Appointment], said: str = "") -> HttpResponse:
    try:
        done = act()
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        access.renew(row)
        return _page(request, row, problem=refused.message, status=status)
    if said:
        messages.success(request, said)
    return redirect("admin:appointment", done.pk)
