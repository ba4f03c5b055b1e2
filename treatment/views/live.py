"""The session itself: a dim page with the time, the phase, and help that is always there."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts import sessions as signed_in
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, selectors, services, words
from treatment.forms import NoteForm, SessionReadingForm
from treatment.models import DoseSession, SessionStatus
from treatment.selecting.check_ins import check_ins_due
from treatment.views import answers
from treatment.views.showing import help_numbers, live_context, snapshot, texts

_HOLD_OPEN = timedelta(hours=6)
_TODAY = timedelta(hours=24)


@require_POST
@patient_only
def begin(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Begin the dose; everything is checked once more."""
    session = access.session_for(request.user, pk)
    try:
        services.start_session(session=session, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("treatment:gate_outcome", pk=session.pk)
    signed_in.hold_open(request.session, until=clock.wall() + _HOLD_OPEN)
    return redirect("treatment:live", pk=session.pk)


@require_safe
@patient_only
def live(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The session page. It reloads by itself where there is no script."""
    session = access.session_for(request.user, pk)
    if session.status == SessionStatus.COMPLETED:
        signed_in.release_hold(request.session)
        return redirect("treatment:done", pk=session.pk)
    if session.status != SessionStatus.STARTED:
        return redirect("treatment:session", pk=session.pk)
    # Nobody is signed out during a dose.
    signed_in.hold_open(request.session, until=clock.wall() + _HOLD_OPEN)
    return render(request, "treatment/live.html", live_context(session, now=clock.now()))


@require_safe
@patient_only
@does_not_extend_session
def state(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What the session page asks for every few seconds, with the token for what it sends: a sign-in changes it."""
    session = access.running_session(request.patient, pk)
    if session.started_at is None:
        return JsonResponse({"status": session.status})
    return JsonResponse(
        {**snapshot(session, selectors.session_facts(session), now=clock.now()), "csrf": get_token(request)}
    )


def _over(request: PatientRequest, session: DoseSession, refusal: RuleViolation) -> HttpResponse:
    """What was tapped after the end is not part of the session; whoever tapped it is told."""
    if answers.by_script(request):
        return answers.refused(text=refusal.message)
    messages.error(request, refusal.message)
    return redirect("treatment:session", pk=session.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def reading(request: PatientRequest, pk: UUID) -> HttpResponse:
    """A blood pressure reading during or after; one that waited on the phone counts also when all is over."""
    session = access.session_for(request.user, pk)
    if session.started_at is None or (session.status != SessionStatus.STARTED and not answers.by_script(request)):
        return redirect("treatment:session", pk=session.pk)
    form = SessionReadingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            vital = services.record_vital(
                session=session,
                heart_rate=data["heart_rate"],
                key=data["key"],
                after=data["after"],
                by=request.user,
                now=clock.now(),
                **data["pressure"],
            )
        except RuleViolation as refusal:
            return _over(request, session, refusal)
        advice = services.reading_advice(vital)
        if answers.by_script(request):
            return answers.taken(words.stored_text(advice, {}) if advice else "")
        if advice:
            messages.error(request, words.stored_text(advice, {}))
        return redirect("treatment:live", pk=session.pk)
    if answers.by_script(request):
        return answers.refused(form)
    context = {"form": form, "session": session}
    return render(request, "treatment/reading.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@patient_only
def note(request: PatientRequest, pk: UUID) -> HttpResponse:
    """How it feels, by one tap."""
    session = access.session_for(request.user, pk)
    if session.started_at is None:
        return redirect("treatment:session", pk=session.pk)
    form = NoteForm(request.POST)
    try:
        if form.is_valid():
            services.note_feeling(session=session, by=request.user, now=clock.now(), **form.cleaned_data)
    except RuleViolation as refusal:
        return _over(request, session, refusal)
    if answers.by_script(request):
        return answers.taken() if form.is_valid() else answers.refused(form)
    if form.is_valid():
        code = form.cleaned_data["note"]
        messages.success(request, _("Noted: {note}.").format(note=words.NOTES[code]))
        if code in words.NOTE_HELP:
            messages.info(request, str(words.NOTE_HELP[code]))
    return redirect("treatment:live", pk=session.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def get_help(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Get help: the numbers at once; sending it calls the on-call clinician."""
    session = access.session_for(request.user, pk)
    if request.method == "POST":
        services.get_help(session=session, by=request.user, now=clock.now(), **answers.keyed(request))
        if answers.by_script(request):
            return answers.taken()
        messages.success(request, _("We have called the clinician on duty. Stay where you are; your phone will ring."))
        return redirect("treatment:help", pk=session.pk)
    context = {"session": session, "base": reverse("treatment:live", args=[session.pk]), **help_numbers(session)}
    return render(request, "treatment/help.html", {**context, "note_key": uuid4()})


@require_safe
@patient_only
def done(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The session is over: what happens next and when."""
    session = access.session_for(request.user, pk)
    if session.status != SessionStatus.COMPLETED:
        return redirect("treatment:session", pk=session.pk)
    signed_in.release_hold(request.session)
    now = clock.now()
    context = {
        "session": session,
        "zone": session.zone,
        "check_in": session.check_in,
        "due": check_ins_due(request.patient, now),
        "next": selectors.next_session(request.patient),
        "fresh": session.completed_at is not None and now - session.completed_at < _TODAY,
        "texts": texts(),
    }
    return render(request, "treatment/done.html", context)
