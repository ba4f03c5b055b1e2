"""The forms of a case: empty, filled from one of the practice's texts, or as they were written before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest

from harmoniously.core.accounts.permissions import StaffRequest
from intake.models import EligibilityDecision
from telemedicine.referrals.selectors import places_for
from telemedicine.reviews import case_file
from telemedicine.reviews.deciding import access, starting
from telemedicine.reviews.forms import ApproveForm, AskForm, DeclineForm, InPersonForm, MetForm, WordsForm

# The name of each form on the page, by its address.
FORMS: dict[str, type[WordsForm]] = {
    "ask_form": AskForm,
    "approve_form": ApproveForm,
    "decline_form": DeclineForm,
    "in_person_form": InPersonForm,
}
OF_KIND = {
    "ask": "ask_form",
    "approve": "approve_form",
    "decline": "decline_form",
    "refer": "decline_form",
    "in_person": "in_person_form",
}
# The button that asks for one of the texts instead of deciding.
FILL = "fill"


def make(name: str, decision: EligibilityDecision, *args: Any, **kwargs: Any) -> WordsForm:
    """A form of the case with the choices that depend on it."""
    more: dict[str, Any] = {"codes": [row["code"] for row in decision.findings]}
    if name == "approve_form":
        more["open_points"] = case_file.open_points(decision)
    if name == "decline_form":
        more["places"] = places_for(decision.patient)
    return FORMS[name](*args, **kwargs, **more)


def blank(file: case_file.CaseFile, decision: EligibilityDecision) -> dict[str, Form]:
    """Every form of a case that somebody has in hand and may decide."""
    if file.decided:
        return {}
    initial = {"decision": decision.pk}
    forms: dict[str, Form] = {name: make(name, decision, initial=initial) for name in FORMS}
    return {**forms, "met_form": MetForm(initial=initial)}


def filled(name: str, decision: EligibilityDecision, request: HttpRequest) -> WordsForm:
    """The form as it was typed, with the words of the chosen text in the patient's language."""
    typed = make(name, decision, request.POST)
    initial = {key: field.widget.value_from_datadict(request.POST, {}, key) for key, field in typed.fields.items()}
    text = starting.chosen(FORMS[name].starts, request.POST.get("start", ""))
    if text is not None:
        initial["words"] = text.in_language(decision.patient.user.language or "en")
    return make(name, decision, initial={**initial, "decision": decision.pk})


def again(request: StaffRequest, decision: EligibilityDecision) -> dict[str, Form]:
    """The form of a text that was written before and is to be changed (`?change=`); nothing for any other."""
    try:
        key = UUID(request.GET.get("change", ""))
    except ValueError:
        return {}
    verdict = access.own_text(request.user, decision, key)
    if verdict is None:
        return {}
    name = OF_KIND[verdict.kind]
    form = make(name, decision)
    return {name: make(name, decision, initial={**form.refilled(verdict), "decision": decision.pk})}
