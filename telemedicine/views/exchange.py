"""What the pages of a call ask by themselves, alike for everybody in it: news, the way in, a message to another."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static

from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine import access
from telemedicine.models import Guest, Room
from telemedicine.rules.calls import SIGNAL_BYTES, Seat, Stage, yields
from telemedicine.services import calls
from telemedicine.video import backend, signals
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import Person, guest_of, seat_of

CLOSED = 409


@dataclass(frozen=True)
class Caller:
    """Whose page asks, where it stands for them, and when that was looked at. A guest may wait without a room."""

    room: Room | None
    by: Person
    stage: Stage
    now: datetime


def by_account(request: HttpRequest, pk: UUID) -> Caller:
    """The patient or the clinician of the visit; 404 for anybody else."""
    user, now = access.person(request), clock.now()
    room = access.call_for(user, pk, polled=True)
    return Caller(room, user, calls.stage(room.appointment, room, now), now)


def by_link(secret: str) -> Caller:
    """The invited person; 404 for a link that we did not make."""
    guest, now = access.guest_by_link(secret, polled=True), clock.now()
    room = room_of(guest.appointment)
    return Caller(room, guest, calls.guest_stage(guest, room, now), now)


def news(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Where the call stands and what the others said after `?after=`, with the token for what the page sends."""
    room, by, stage, now = caller.room, caller.by, caller.stage, caller.now
    if stage in (Stage.CLOSED, Stage.OVER):
        return JsonResponse({"stage": stage}, status=CLOSED)
    said = signals.heard(room=room, by=by, after=_after(request), now=now) if room and stage == Stage.OPEN else []
    told: dict[str, Any] = {"stage": stage, "signals": said, "csrf": get_token(request)}
    if isinstance(by, Guest):
        calls.guest_seen(by, now)
        told["calling"] = calls.by_telephone(by.appointment, room)
    elif room is not None:
        calls.seen(room=room, by=by, now=now)
        told |= _of_the_two(room, now)
    return JsonResponse(told)


def _of_the_two(room: Room, now: datetime) -> dict[str, Any]:
    guest = guest_of(room.appointment)
    return {
        "there": calls.is_there(room, now),
        "telephone": room.phone_asked_at is not None,
        "calling": calls.by_telephone(room.appointment, room),
        "guest": {"known": guest_state(guest, now), "in": guest is not None and guest.admitted_at is not None},
    }


def guest_state(guest: Guest | None, now: datetime) -> str:
    """Which invitation there is and where it stands: what the part of the page about it depends on."""
    if guest is None:
        return ""
    steps = (guest.agreed_at is not None, guest.admitted_at is not None, calls.waits(guest, now))
    return f"{guest.pk}:{''.join(str(int(step)) for step in steps)}"


def _after(request: HttpRequest) -> int:
    word = request.GET.get("after", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0


def way_in(caller: Caller) -> HttpResponse:
    """What this browser needs to join, made for this click."""
    try:
        if caller.room is None:
            raise RuleViolation("", "not_open")
        payload = calls.join(room=caller.room, by=caller.by, now=caller.now)
    except RuleViolation:
        return JsonResponse({"stage": Stage.CLOSED}, status=CLOSED)
    return JsonResponse(payload)


def message(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Carry one message to another browser: 413 too long, 422 no message, 429 too many, 409 not open."""
    if len(request.body) > SIGNAL_BYTES:
        return HttpResponse(status=413)
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=422)
    if caller.room is None or caller.stage != Stage.OPEN:
        return HttpResponse(status=CLOSED)
    try:
        signals.send(room=caller.room, by=caller.by, payload=payload, now=caller.now)
    except signals.TooMany:
        return HttpResponse(status=429)
    except RuleViolation:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@dataclass(frozen=True)
class Other:
    """Somebody else in the call, as the page names them; `here` is False while their place is not shown."""

    seat: Seat
    name: str
    here: bool = True
    key: str = ""


def others_of_the_two(seat: Seat, name: str, guest: Guest | None) -> list[Other]:
    """The other one of the two, and the place of the invited person."""
    is_in = guest is not None and guest.admitted_at is not None
    invited = Other(Seat.GUEST, guest.name if guest else "", here=is_in, key=str(guest.pk) if guest else "")
    return [Other(seat, name), invited]


def page(
    request: HttpRequest,
    template: str,
    caller: Caller,
    *,
    others: list[Other],
    urls: dict[str, str],
    context: dict[str, Any],
) -> HttpResponse:
    """The page of the call of anybody in it, with what its script is told.

    What was said before this page was loaded is of no use to it. A provider's own addresses are open on this page only.
    """
    provider, room = backend(), caller.room
    seat = Seat.GUEST if isinstance(caller.by, Guest) or room is None else seat_of(room, caller.by)
    told = {
        "urls": urls,
        "after": room.signals_sent if room else 0,
        "seat": seat,
        "others": [{"seat": other.seat, "polite": yields(seat, other.seat)} for other in others],
        "script": static(provider.script) if provider.script else "",
    }
    shown = {**context, "stage": caller.stage, "others": others, "main": others[0], "setup": told}
    response = render(request, template, shown)
    if provider.policy:
        csp_update(provider.policy)(lambda _request: response)(request)
    return response
