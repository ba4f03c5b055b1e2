"""What the pages of a call ask by themselves, alike for both sides: news, the way in, a message to the other side."""

import json
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
from telemedicine.models import Room
from telemedicine.rules.calls import SIGNAL_BYTES, Stage
from telemedicine.services import calls
from telemedicine.video import backend, signals

CLOSED = 409


def news(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the call stands and what the other side said after `?after=`, with the token for what the page sends."""
    user, now = access.person(request), clock.now()
    room = access.call_for(user, pk, polled=True)
    stage = calls.stage(room.appointment, room, now)
    if stage in (Stage.CLOSED, Stage.OVER):
        return JsonResponse({"stage": stage}, status=CLOSED)
    calls.seen(room=room, by=user, now=now)
    said = signals.heard(room=room, by=user, after=_after(request), now=now) if stage == Stage.OPEN else []
    return JsonResponse(
        {
            "stage": stage,
            "there": calls.is_there(room, now),
            "telephone": room.phone_asked_at is not None,
            # The clinician began by telephone, without admitting.
            "calling": room.admitted_at is None and room.appointment.started_at is not None,
            "signals": said,
            "csrf": get_token(request),
        }
    )


def _after(request: HttpRequest) -> int:
    word = request.GET.get("after", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0


def way_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What this browser needs to join, made for this click."""
    user = access.person(request)
    room = access.call_for(user, pk, polled=True)
    try:
        payload = calls.join(room=room, by=user, now=clock.now())
    except RuleViolation:
        return JsonResponse({"stage": Stage.CLOSED}, status=CLOSED)
    return JsonResponse(payload)


def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Carry one message to the other side: 413 too long, 422 no message, 429 too many, 409 not open."""
    user, now = access.person(request), clock.now()
    room = access.call_for(user, pk, polled=True)
    if len(request.body) > SIGNAL_BYTES:
        return HttpResponse(status=413)
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=422)
    try:
        calls.require_open(room, now)
    except RuleViolation:
        return HttpResponse(status=CLOSED)
    try:
        signals.send(room=room, by=user, payload=payload, now=now)
    except signals.TooMany:
        return HttpResponse(status=429)
    except RuleViolation:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


def page(
    request: HttpRequest, template: str, room: Room, context: dict[str, Any], urls: dict[str, str]
) -> HttpResponse:
    """The page of the call of either side, with what its script is told.

    What was said before this page was loaded is of no use to it. A provider's own addresses are open on this page only.
    """
    user, provider = access.person(request), backend()
    told = {
        "urls": urls,
        "after": room.signals_sent,
        "polite": user.pk == room.appointment.patient.user_id,
        "script": static(provider.script) if provider.script else "",
    }
    response = render(request, template, {**context, "setup": told})
    if provider.policy:
        csp_update(provider.policy)(lambda _request: response)(request)
    return response
