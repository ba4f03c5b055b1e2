"""The two-minute check before any account.

It keeps nothing: no session, no row, no line in a log, no cookie but the one that protects forms. So it cannot
redirect after a POST; the answer is the response, and what was ticked travels on in hidden fields, never in an address.
"""

from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.selectors import closed_states
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.common import clock
from harmoniously.core.common.switching import was_switched
from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.specs import Context
from harmoniously.portal.public_views import EVALUATION_FEE_CENTS
from intake import check_form, precheck
from intake.care_words import words_for
from intake.pages import MINUTES
from intake.policy import load_policy

CHANGE, TOLD, STEP = "change", "told", "at"


@login_not_required
@does_not_extend_session
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask; answer; or show the questions again with what was ticked."""
    policy, today = load_policy(), clock.now().date()
    page, context = check_form.check_page(policy), Context(used={}, today=today)
    if request.method != "POST":
        return _ask(request, form_for(page, context=context))
    form = form_for(page, context=context, data=request.POST)
    if CHANGE in request.POST or (TOLD not in request.POST and was_switched(request)):
        # Somebody who comes back to change an answer made no mistake; the answers stay, the reproaches go.
        form.errors.clear()
        return _ask(request, form)
    if check_form.is_in_danger(form):
        return _tell(request, form, precheck.Answer(precheck.Kind.CRISIS))
    if not form.is_valid():
        return _ask(request, form, status=422)
    return _tell(request, form, precheck.answer(_where_new_patients_are_taken(form), policy, today))


def _where_new_patients_are_taken(form: AnswersForm) -> precheck.Answers:
    """What was said; who lives where no new patients are taken gets the answer of who lives elsewhere.

    The list is read whole, so that not even the database learns where anybody lives. While it is away the check answers
    by the policy: the intake asks again.
    """
    given = check_form.read(form.answers())
    try:
        closed = closed_states()
    except DatabaseError:
        closed = frozenset()
    return replace(given, state=check_form.ELSEWHERE) if given.state in closed else given


def _ask(request: HttpRequest, form: AnswersForm, *, status: int = 200) -> HttpResponse:
    step = _step(request)
    given = {
        "form": form,
        "steps": check_form.steps_of(form),
        "step": step,
        "whole": form.is_bound and step is None,
        "carries": "check",
    }
    response = render(request, "portal/public/check.html", given, status=status)
    # Django writes a line for every answer of 400 and above; even that somebody left a question open stays unwritten.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _step(request: HttpRequest) -> int | None:
    """The question that was open when the language or the appearance was switched, where questions come one by one."""
    given = request.POST.get(STEP, "") if was_switched(request) else ""
    return int(given) if given in {str(number) for number in range(len(check_form.STEPS))} else None


def _tell(request: HttpRequest, form: AnswersForm, answer: precheck.Answer) -> HttpResponse:
    given = {
        "answer": answer,
        "kind": answer.kind.value,
        "care": words_for(answer.care),
        "carried": check_form.carried(form),
        "fee_cents": EVALUATION_FEE_CENTS,
        "minutes": MINUTES,
        "carries": "check",
    }
    return render(request, "portal/public/check_answer.html", given)
