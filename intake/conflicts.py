"""What somebody sees whose page another window or device overtook: nothing is overwritten, nothing is silent."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.surfacing import surface_unsaved
from harmoniously.core.common import clock
from harmoniously.core.common.switching import CARRY, LANGUAGE, THEME
from harmoniously.core.questions import flow, reading
from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.specs import Context, Page
from intake import safety, selectors
from intake.drafts import lock_case
from intake.models import Sheet
from intake.pages.feelings import CSSRS_PAGES
from intake.requests.models import InformationRequest, RequestStatus

EDIT = "edit"
LATER = "later"
CHOOSING = "choosing"  # of the page that lets one choose: a switch there shows the choice again, it makes none
# What the page that lets one choose posts again by itself; all other fields are what was typed.
_OWN = frozenset({"csrfmiddlewaretoken", "version", EDIT, LATER, CHOOSING, CARRY, LANGUAGE, THEME})


def tells_of_danger(request: PatientRequest, spec: Page) -> bool:
    """Whether what was typed on a page means danger, however much of it is missing or wrong."""
    return request.method == "POST" and (
        _answers_danger(request, spec) or any(map(suggests_crisis, _new_words(request, spec)))
    )


def _new_words(request: PatientRequest, spec: Page) -> list[str]:
    """What was typed freely on a page that is not a list, and does not stand in the draft."""
    if spec.repeat is not None:
        return []
    draft: Sheet | None = getattr(request, "draft", None)
    typed = safety.own_words(spec, {name: str(value).strip() for name, value in request.POST.items()})
    known = safety.own_words(spec, draft.answers.get(spec.key, {})) if draft is not None else []
    return [text for text in typed if text not in known]


def _answers_danger(request: PatientRequest, spec: Page) -> bool:
    if spec.key not in CSSRS_PAGES:
        return False
    today = clock.today(request.patient.zone, clock.now())
    form = form_for(spec, context=Context(used={}, today=today), data=request.POST)
    form.is_valid()
    return safety.is_danger(spec, form.unfinished())


def told_of_danger(request: PatientRequest, spec: Page) -> bool:
    """The same for what is not saved, because its page was overtaken: it is acted upon at once."""
    if not tells_of_danger(request, spec):
        return False
    said: dict[str, Any] = {"patient": request.patient, "by": request.patient.user, "now": clock.now()}
    with transaction.atomic():
        lock_case(request.patient)
        if _answers_danger(request, spec):
            safety.heed(**said)
        surface_unsaved(texts=_new_words(request, spec), **said)
    return True


def handed_in(request: PatientRequest, asked: InformationRequest | None = None) -> HttpResponse:
    """The answers were handed in meanwhile: they stand as they are, and the way to change them is told.

    What was ``asked`` may also have been withdrawn: then nobody waits for it any more.
    """
    if asked is not None and asked.status == RequestStatus.WITHDRAWN:
        messages.warning(request, _("This is not needed any more. What you typed last was not saved."))
        return redirect("intake:asked_one", asked.pk)
    text = _("You handed in your answers meanwhile. What you typed last was not saved; you can still change it below.")
    messages.warning(request, text)
    return redirect("intake:outcome")


def not_asked(request: PatientRequest, where: str) -> HttpResponse:
    """The page is not asked any more, or not yet, because an earlier answer changed."""
    text = _("An earlier answer was changed, so this question is not asked now. What you typed here was not saved.")
    messages.warning(request, text)
    return redirect(where)


def choose(
    request: PatientRequest,
    fresh: Sheet,
    spec: Page,
    form: AnswersForm,
    *,
    there: dict[str, Any] | None,
    keep_url: str,
) -> HttpResponse:
    """Both answers side by side, and the choice between them (409). ``there`` is None when an entry was removed."""
    used = selectors.route_of(fresh).used
    given = {
        "title": spec.repeat.item if spec.repeat else spec.title,
        "removed": there is None,
        "rows": reading.differences(flow.shown_fields(spec, used), there or {}, form.answers()),
        "typed": [(name, value) for name in request.POST if name not in _OWN for value in request.POST.getlist(name)],
        "version": fresh.version,
        "saved_at": fresh.saved_at,
        "zone": request.patient.zone,
        "keep_url": keep_url,
        "carries": "answers",
    }
    return render(request, "intake/conflict.html", given, status=409)
