"""What stands before every page of the questionnaire: a patient, a draft, and nobody in danger."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from intake import access, conflicts, safety
from intake.models import Submission
from intake.pages import INTAKE
from intake.selectors import latest_decision


class DraftRequest(PatientRequest):
    """A request of a patient who is answering."""

    draft: Submission


def unless_help_comes_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A patient's page that the crisis page replaces while a high hold is open."""

    @patient_only
    @wraps(view)
    def guarded(request: PatientRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if safety.help_comes_first(request.patient):
            return redirect("intake:crisis")
        return view(request, *args, **kwargs)

    return guarded


def with_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same, and only while there is a draft; ``request.draft`` is it."""

    @unless_help_comes_first
    @wraps(view)
    def guarded(request: DraftRequest, *args: Any, **kwargs: Any) -> HttpResponse:
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
