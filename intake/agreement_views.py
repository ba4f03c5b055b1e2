"""The patient's agreements: what stands, the texts one by one, the questions about them, and the signature."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.switching import was_switched
from harmoniously.core.documents.consents import rules, selectors, services
from harmoniously.core.documents.consents.selectors import Asked, Standing
from harmoniously.core.documents.consents.texts import ASKED_ABOUT
from intake import agreement_words as words
from intake import selectors as intake
from intake import signing
from intake.agreement_forms import AgreeForm, ChoiceForm, SignatureForm
from intake.guards import unless_help_comes_first

Found = Mapping[str, Standing]
SOURCE = "intake"


@require_safe
@patient_only
def agreements(request: PatientRequest) -> HttpResponse:
    """What is signed, what waits for a signature and what that stops, and the papers. Never in the way of help."""
    patient = request.patient
    now = clock.now()
    own_page(request, "agreements")
    found = selectors.standings(patient, now)
    due = [standing for standing in found.values() if standing.due]
    given = {
        "standings": [words.shown(standing) for standing in found.values()],
        "due": due,
        "begun": any(standing.read for standing in due),
        "taken_back": [standing for standing in due if standing.withdrawn],
        "next_url": next_url(patient, found),
        "asks": found[ASKED_ABOUT].due,
        "stopped": words.stopped(rules.stopped(selectors.states(found))),
        "papers": [words.paper(event) for event in selectors.history_of(patient)],
        "zone": patient.zone,
    }
    return render(request, "intake/agreements/overview.html", given)


def next_url(patient: Any, found: Found) -> str:
    """The next thing to do before everything is signed: a text, a question, the signature; "" when nothing is due."""
    if not any(standing.due for standing in found.values()):
        return ""
    unread = selectors.to_read(found)
    if unread is not None:
        return reverse("intake:agreement", args=[unread.kind])
    open_question = selectors.to_answer(patient, found)
    if open_question is not None:
        return reverse("intake:agreement_question", args=[open_question.number])
    return reverse("intake:agreement_sign")


def _steps(request: PatientRequest, found: Found) -> list[str]:
    """The addresses of every step, in order, for "3 of 10"."""
    due = [standing for standing in found.values() if standing.due]
    steps = [reverse("intake:agreement", args=[standing.kind]) for standing in due]
    if found[ASKED_ABOUT].due:
        asked = selectors.asked(request.patient, found[ASKED_ABOUT])
        steps += [reverse("intake:agreement_question", args=[row.number]) for row in asked]
    return [*steps, reverse("intake:agreement_sign")]


def _place(request: PatientRequest, found: Found) -> dict[str, Any]:
    """Progress and the way back of a step."""
    steps = _steps(request, found)
    here = steps.index(request.path) if request.path in steps else 0
    back = steps[here - 1] if here else reverse("intake:agreements")
    form = "answers" if request.path in steps else ""
    return {"number": here + 1, "total": len(steps), "back": back, "zone": request.patient.zone, "carries": form}


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def agreement(request: PatientRequest, kind: str) -> HttpResponse:
    """One text: in short, and the whole of it. While it is due it is ticked here and signed at the end."""
    found = selectors.standings(request.patient, clock.now())
    if kind not in found:
        raise Http404
    own_page(request, "agreement")
    standing = found[kind]
    if request.method != "POST":
        form = AgreeForm(kind, initial={"text": standing.text.sha256, "agree": standing.read})
        return _show_text(request, found, standing, form)
    form = AgreeForm(kind, request.POST)
    if was_switched(request, form):
        return _show_text(request, found, standing, form)
    if not form.is_valid():
        return _show_text(request, found, standing, form, status=422)
    try:
        services.mark_read(
            patient=request.patient, kind=kind, sha256=form.cleaned_data["text"], by=request.user, now=clock.now()
        )
    except services.TextReplaced as refusal:
        form = AgreeForm(kind, initial={"text": standing.text.sha256})
        return _show_text(request, found, standing, form, status=409, replaced=refusal.message)
    return _go_on(request)


def _show_text(
    request: PatientRequest, found: Found, standing: Standing, form: AgreeForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    given = {**_place(request, found), "standing": standing, "shown": words.shown(standing), "form": form, **extra}
    return render(request, "intake/agreements/text.html", given, status=status)


def _go_on(request: PatientRequest) -> HttpResponse:
    found = selectors.standings(request.patient, clock.now())
    return redirect(next_url(request.patient, found) or "intake:agreements")


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def question(request: PatientRequest, number: int) -> HttpResponse:
    """One question about the treatment text. A wrong answer explains and asks again; every attempt is kept."""
    found = selectors.standings(request.patient, clock.now())
    standing = found[ASKED_ABOUT]
    row = next((row for row in selectors.asked(request.patient, standing) if row.number == number), None)
    if row is None:
        raise Http404
    if not standing.due or selectors.to_read(found) is not None:
        return redirect(next_url(request.patient, found) or "intake:agreements")
    if request.method != "POST":
        return _show_question(request, found, row, ChoiceForm(row))
    form = ChoiceForm(row, request.POST)
    if was_switched(request, form):
        return _show_question(request, found, row, form)
    if not form.is_valid():
        return _show_question(request, found, row, form, status=422)
    try:
        kept = services.answer(
            patient=request.patient,
            version=form.cleaned_data["version"],
            number=number,
            choice=form.cleaned_data["choice"],
            attempt=form.cleaned_data["attempt"],
            by=request.user,
            now=clock.now(),
        )
    except RuleViolation as refusal:
        messages.info(request, refusal.message)
        return _go_on(request)
    if kept.correct or row.passed:
        messages.success(request, _("That is right."))
        return _go_on(request)
    form.explain(kept)
    return _show_question(request, found, row, form, status=422)


def _show_question(
    request: PatientRequest, found: Found, row: Asked, form: ChoiceForm, status: int = 200
) -> HttpResponse:
    of = len(selectors.asked(request.patient, found[ASKED_ABOUT]))
    given = {**_place(request, found), "row": row, "of": of, "form": form}
    return render(request, "intake/agreements/question.html", given, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def sign(request: PatientRequest) -> HttpResponse:
    """One typed name under everything that is due. What else is signed here is nothing."""
    found = selectors.standings(request.patient, clock.now())
    due = [standing for standing in found.values() if standing.due]
    if not due or next_url(request.patient, found) != reverse("intake:agreement_sign"):
        return redirect(next_url(request.patient, found) or _after(request))
    if request.method != "POST":
        return _show_signing(request, found, SignatureForm(due))
    form = SignatureForm(due, request.POST)
    if was_switched(request, form):
        return _show_signing(request, found, form)
    if not form.is_valid():
        return _show_signing(request, found, form, status=422)
    try:
        signing.sign(
            patient=request.patient,
            shown=form.shown(),
            typed_name=form.cleaned_data["signature"],
            source=SOURCE,
            by=request.user,
            now=clock.now(),
        )
    except services.TextReplaced as refusal:
        messages.warning(request, refusal.message)
        return _go_on(request)
    except RuleViolation as refusal:
        form.add_error("signature", refusal.message)
        return _show_signing(request, found, form, status=422)
    messages.success(request, _("Signed. Your copies are on the page with your agreements."))
    return redirect(_after(request))


def _after(request: PatientRequest) -> str:
    """Back to the answers that wait to be handed in, else to the agreements."""
    draft = intake.draft_of(request.patient)
    return "intake:check" if draft is not None and intake.route_of(draft).open is None else "intake:agreements"


def _show_signing(request: PatientRequest, found: Found, form: SignatureForm, status: int = 200) -> HttpResponse:
    given = {
        **_place(request, found),
        "due": [words.shown(standing) for standing in found.values() if standing.due],
        "asks": found[ASKED_ABOUT].due,
        "legal_name": request.patient.legal_name,
        "form": form,
    }
    return render(request, "intake/agreements/sign.html", given, status=status)
