"""Inviting a third person to a visit, from the patient's page or the clinician's: one form, one link shown once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.core.common.encryption import seal, unseal
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine import access
from telemedicine.forms import GuestForm
from telemedicine.models import Appointment, Guest
from telemedicine.services import calls, guests
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import guest_of
from telemedicine.views import exchange

_LINK_ONCE = "guest_link"
Act = Callable[..., Any]


def inviting(
    request: HttpRequest, visit: Appointment, template: str, here: str, acts: dict[str, Act], context: dict[str, Any]
) -> HttpResponse:
    """The page of who else joins. Each button posts what to do about whom; `acts` are what this side may do."""
    form = GuestForm(request.POST if request.POST.get("do") == "invite" else None)
    if request.method != "POST":
        return _page(request, visit, template, form, context)
    by, now = access.person(request), clock.now()
    act = acts.get(request.POST.get("do", ""))
    try:
        if form.is_bound:
            if not form.is_valid():
                return _page(request, visit, template, form, context, status=422)
            made, secret = guests.invite(appointment=visit, by=by, now=now, **form.cleaned_data)
            # Sessions are rows too: nothing that opens the link stands in one unsealed.
            request.session[_LINK_ONCE] = [str(made.pk), seal(secret, place=_LINK_ONCE)]
        elif act is not None:
            act(guest=access.guest_named(visit, request.POST.get("guest", "")), by=by, now=now)
        else:
            raise RuleViolation(_("Use one of the buttons."), "nothing_chosen")
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return _page(request, visit, template, form, {**context, "problem": refused.message}, status=status)
    if "application/json" in request.headers.get("Accept", ""):
        # The page of a call asks: it could not tell the way to the next page from the way to sign in again.
        return HttpResponse(status=204)
    return redirect(here, visit.pk)


def _page(
    request: HttpRequest,
    visit: Appointment,
    template: str,
    form: GuestForm,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    now, guest, room = clock.now(), guest_of(visit), room_of(visit)
    shown = {
        **context,
        "visit": visit,
        "patient": visit.patient,
        "form": form,
        "guest": guest,
        "guest_state": exchange.guest_state(guest, now),
        "guest_waits": guest is not None and calls.waits(guest, now),
        "can_invite": guests.may_invite(visit, now),
        "stage": calls.stage(visit, room, now),
        "link": _link_once(request, guest) if request.method == "GET" else "",
    }
    return render(request, template, shown, status=status)


def _link_once(request: HttpRequest, guest: Guest | None) -> str:
    """The link of an invitation that whoever invited passes on; the patient sees it once they have agreed."""
    made = request.session.get(_LINK_ONCE)
    if made is None or (guest is not None and str(guest.pk) == made[0] and not _may_pass_on(request, guest)):
        return ""
    del request.session[_LINK_ONCE]
    secret = unseal(made[1], place=_LINK_ONCE) if guest is not None and str(guest.pk) == made[0] else ""
    return request.build_absolute_uri(guests.link_of(secret)) if secret else ""


def _may_pass_on(request: HttpRequest, guest: Guest) -> bool:
    return guest.agreed_at is not None or access.person(request).pk != guest.patient.user_id
