"""The sitter's pages, by a private link and without an account. They say what a sitter needs and no more."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, selectors, services, words
from treatment.booking_forms import DeclineForm
from treatment.forms import CheckForm, ConfirmForm, ReleaseForm, SessionReadingForm
from treatment.models import DoseSession, SessionStatus, SitterInvitation
from treatment.services.sitters import actor_of
from treatment.views import answers
from treatment.views.showing import course, snapshot, texts

DAYS_ASKED = 10
View = Callable[..., HttpResponse]
Act = Callable[[HttpRequest, SitterInvitation, dict[str, Any]], str | None]
PLACE = ("street", "city", "state", "zip")


def days_around(session: DoseSession) -> tuple[date, ...]:
    """The days after a session that a sitter may rule out, when they cannot be there on its own."""
    return tuple(session.local_day + timedelta(days=step) for step in range(1, DAYS_ASKED + 1))


def _open(
    request: HttpRequest, invitation: SitterInvitation, token: str, *, status: int = 200, **bound: Any
) -> HttpResponse:
    session = invitation.session
    now = clock.now()
    running = session.status == SessionStatus.STARTED
    place = (session.gate_answers.get("place") or {}).get("address") or {}
    name = session.patient.preferred_name or session.patient.legal_name.partition(" ")[0] or _("your friend")
    context = {
        "token": token,
        "base": reverse("treatment:sitter", args=[token]),
        "invitation": invitation,
        "session": session,
        "zone": session.zone,
        "name": name,
        "running": running,
        "over": session.status == SessionStatus.COMPLETED,
        "off": session.status in (SessionStatus.CANCELLED, SessionStatus.MISSED, SessionStatus.HELD),
        "place": place if running else {},
        "confirm_form": ConfirmForm(),
        **watching(session if running else None, name=name, place=place, now=now),
        "decline_form": DeclineForm(days=days_around(session)),
        **bound,
    }
    return render(request, "treatment/sitter.html", context, status=status)


def watching(session: DoseSession | None, *, name: str, place: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The forms of the watch, and what the page keeps on the phone to go on without a network."""
    kept, state = None, {}
    if session:
        facts = selectors.session_facts(session)
        state = snapshot(session, facts, now=now)
        fixed = {**course(session, facts), "name": name, "place": " ".join(place.get(part, "") for part in PLACE)}
        kept = {"state": state, "course": fixed}
    return {
        "kept": kept,
        "now_state": state,
        "texts": texts(),
        "clinic_phone": settings.CLINIC_PHONE,
        "check_form": CheckForm(),
        "reading_form": SessionReadingForm(),
        "release_form": ReleaseForm(),
        "help_key": uuid4(),
    }


@login_not_required
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Whatever the sitter needs now."""
    return _by_link(request, token, lambda invitation: _open(request, invitation, token))


def _by_link(request: HttpRequest, token: str, show: Callable[[SitterInvitation], HttpResponse]) -> HttpResponse:
    """What the holder of a good link gets; a script that keeps what was tapped gets 404 for any other."""
    try:
        invitation = access.invitation_for(token)
    except Http404:
        if answers.by_script(request):
            raise
        return _ended(request, token)
    return show(invitation)


def _ended(request: HttpRequest, token: str) -> HttpResponse:
    """A link that was good once: what that can mean, and nobody's name, for links travel. 404 for any other."""
    if access.was_invited(token):
        return render(request, "treatment/sitter_ended.html", status=HTTPStatus.GONE)
    raise Http404


def _bound(
    form_class: type[forms.Form] | None, request: HttpRequest, invitation: SitterInvitation
) -> forms.Form | None:
    if form_class is DeclineForm:
        return DeclineForm(request.POST, days=days_around(invitation.session))
    return form_class(request.POST) if form_class else None


def _posted(form_class: type[forms.Form] | None, name: str) -> Callable[[Act], View]:
    """A sitter's POST: the form is checked, a refusal is shown, and it ends on the one page.

    What the page sends by itself is answered in words for it. The secret of the address is what lets somebody in, and
    no cookie: there is nothing that another site could borrow, and a page that was kept needs no newer token.
    """

    def decorate(act: Act) -> View:
        @csrf_exempt
        @login_not_required
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, token: str) -> HttpResponse:
            return _by_link(request, token, lambda invitation: _act(request, invitation, token))

        def _act(request: HttpRequest, invitation: SitterInvitation, token: str) -> HttpResponse:
            form = _bound(form_class, request, invitation)
            if form is not None and not form.is_valid():
                if answers.by_script(request):
                    return answers.refused(form)
                return _open(request, invitation, token, status=422, **{name: form})
            try:
                urgent = act(request, invitation, form.cleaned_data if form else {})
            except RuleViolation as refusal:
                if answers.by_script(request):
                    return answers.refused(text=refusal.message)
                messages.error(request, refusal.message)
                return redirect("treatment:sitter", token=token)
            if answers.by_script(request):
                return answers.taken(urgent or "")
            if urgent:
                messages.error(request, urgent)
            return redirect("treatment:sitter", token=token)

        return view

    return decorate


@_posted(ConfirmForm, "confirm_form")
def confirm(request: HttpRequest, invitation: SitterInvitation, data: dict[str, Any]) -> None:
    """Yes, I will be there."""
    services.sitter_confirm(invitation=invitation, now=clock.now(), **data)
    messages.success(request, _("Thank you. Keep this link: you use it during the session."))


@_posted(DeclineForm, "decline_form")
def decline(request: HttpRequest, invitation: SitterInvitation, data: dict[str, Any]) -> None:
    """I cannot be there, nor on these days."""
    services.sitter_decline(invitation=invitation, now=clock.now(), **data)
    messages.info(request, _("Thank you for saying so. They see it and can ask somebody else."))


@_posted(CheckForm, "check_form")
def check(request: HttpRequest, invitation: SitterInvitation, data: dict[str, Any]) -> str | None:
    """A check every 15 minutes."""
    services.sitter_check(invitation=invitation, now=clock.now(), **data)
    if data["responds"] and data["breathing_normal"]:
        _thank(request)
        return None
    return _("Call 911 now. We have called the clinician on duty too.")


@_posted(SessionReadingForm, "reading_form")
def reading(request: HttpRequest, invitation: SitterInvitation, data: dict[str, Any]) -> str | None:
    """A blood pressure reading that the sitter took."""
    vital = services.record_vital(
        session=invitation.session,
        heart_rate=data["heart_rate"],
        key=data["key"],
        after=data["after"],
        by=actor_of(invitation),
        now=clock.now(),
        **data["pressure"],
    )
    advice = services.reading_advice(vital)
    if advice:
        return words.stored_text(advice, {})
    _thank(request)
    return None


def _thank(request: HttpRequest) -> None:
    if not answers.by_script(request):
        messages.success(request, _("Noted. Thank you."))


@_posted(ReleaseForm, "release_form")
def release(request: HttpRequest, invitation: SitterInvitation, data: dict[str, Any]) -> None:
    """The end of the watch."""
    given = {name: data[name] for name in ("oriented", "walking", "after")}
    services.sitter_release(invitation=invitation, now=clock.now(), **given)


@_posted(None, "")
def get_help(request: HttpRequest, invitation: SitterInvitation, _data: dict[str, Any]) -> None:
    """Call the clinician on duty."""
    given = answers.keyed(request)
    services.get_help(session=invitation.session, by=actor_of(invitation), now=clock.now(), **given)
    if not answers.by_script(request):
        messages.success(request, _("We have called the clinician on duty. Stay with them; a phone will ring."))


@login_not_required
@require_safe
def state(request: HttpRequest, token: str) -> HttpResponse:
    """What the sitter's page asks for every few seconds."""
    session = access.invitation_for(token, polled=True).session
    if session.status != SessionStatus.STARTED:
        return JsonResponse({"status": session.status})
    return JsonResponse(snapshot(session, selectors.session_facts(session), now=clock.now()))
