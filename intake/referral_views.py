"""Other care: which kinds fit a patient's result, and where to find them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common.states import US_STATES
from intake import access
from intake.guards import unless_help_comes_first
from intake.referrals.models import INSURANCE
from intake.referrals.selectors import offers
from intake.rules.care import Care, care_that_fits

NAMES = {state.code: state.name for state in US_STATES}


@require_safe
@unless_help_comes_first
def other_care(request: PatientRequest) -> HttpResponse:
    """The kinds of care that fit the latest result, or all of them where nothing rules any out, with facilities.

    ``?state=`` shows another state, ``?insurance=`` only places that take it. What somebody needs stands in no address.
    """
    decision = access.own_decision(request.user, request.patient)
    own_page(request, "other_care")
    fitting = care_that_fits(decision.findings) if decision else ()
    state = request.GET.get("state", "").upper()
    if state not in NAMES:
        state = request.patient.state
    insurance = request.GET.get("insurance", "")
    insurance = insurance if insurance in dict(INSURANCE) else ""
    found = offers(fitting or Care, state=state, insurance=insurance)
    given = {
        "offers": found,
        "any_place": any(offer.facilities for offer in found),
        "because": bool(fitting),
        "state": state,
        "state_name": NAMES.get(state, ""),
        "states": US_STATES,
        "insurance": insurance,
        "insurances": INSURANCE,
        "decision": decision,
    }
    return render(request, "intake/other_care.html", given)
