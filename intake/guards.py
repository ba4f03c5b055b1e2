"""What stands before every page of the questionnaire: a patient, a draft, and nobody in danger."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from intake import access, conflicts, safety
from intake.models import Errand, Sheet
from intake.pages import INTAKE
from intake.requests import access as asked_access
from intake.requests import errands
from intake.selectors import draft_of, latest_decision

ASKED = "asked"  # of an address: the request that is being answered


class DraftRequest(PatientRequest):
    """A request of a patient who is answering: a draft, or what was asked for later."""

    draft: Sheet


def reread(request: DraftRequest) -> Sheet | None:
    """What is being answered, as it is now; None when it was handed in meanwhile."""
    if isinstance(request.draft, Errand):
        found = errands.of_request(request.draft.request)
        return found if found is not None and found.is_open else None
    return draft_of(request.patient)


def handed_in(request: DraftRequest) -> HttpResponse:
    """What is said when that which is being answered was handed in or withdrawn meanwhile."""
    found = errands.of_request(request.draft.request) if isinstance(request.draft, Errand) else None
    return conflicts.handed_in(request, found.request if found else None)


def unless_help_comes_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A patient's page that the crisis page replaces while a high hold is open.

    What is said there once more, on a page that was open elsewhere, is heeded: whoever took the last alert does not
    know of it (I3).
    """

    @patient_only
    @wraps(view)
    def guarded(request: PatientRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if safety.help_comes_first(request.patient):
            spec = INTAKE.by_slug(kwargs.get("slug", ""))
            if spec is not None:
                conflicts.told_of_danger(request, spec)
            return redirect("intake:crisis")
        return view(request, *args, **kwargs)

    return guarded


def _on_errand(request: DraftRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
    """The same for a request that asks for some pages: what was handed in or withdrawn meanwhile takes no answer."""
    asked = asked_access.request_for(request.user, request.GET[ASKED])
    errand = errands.of_request(asked)
    if errand is not None and errand.is_open:
        # An answer belongs to what is handed in now, also when that changed since the page was opened.
        request.draft = errands.begin(asked=asked, now=clock.now()) if request.method == "POST" else errand
        return view(request, *args, **kwargs)
    spec = INTAKE.by_slug(kwargs.get("slug", ""))
    if spec is not None and conflicts.told_of_danger(request, spec):
        return redirect("intake:crisis")
    if request.method == "POST":
        return conflicts.handed_in(request, asked)
    return redirect("intake:asked_one", asked.pk)


def with_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same, and only while there is a draft; ``request.draft`` is it."""

    @unless_help_comes_first
    @wraps(view)
    def guarded(request: DraftRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if ASKED in request.GET:
            return _on_errand(request, view, *args, **kwargs)
        draft = access.own_draft(request.user, request.patient)
        spec = INTAKE.by_slug(kwargs.get("slug", "")) if draft is None else None
        if spec is not None and conflicts.told_of_danger(request, spec):
            return redirect("intake:crisis")
        if draft is None and request.method == "POST" and latest_decision(request.patient) is not None:
            return conflicts.handed_in(request)
        if draft is None and "entry" in kwargs:
            raise Http404
        if draft is None:
            return redirect("intake:start")
        request.draft = draft
        return view(request, *args, **kwargs)

    return guarded
