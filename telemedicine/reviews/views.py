"""What the prescriber decided, for the patient."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from intake import amending
from telemedicine.may_book import once_approved
from telemedicine.referrals.selectors import letter_of
from telemedicine.reviews import selectors


@patient_only
@require_safe
def decision(request: PatientRequest) -> HttpResponse:
    """The newest decision with its reasons and what happens next; before there is one, when to expect it."""
    own_page(request, "decision")
    now = clock.now()
    review, waits = selectors.told_to(request.patient)
    newest = selectors.newest_decision(request.patient)
    again = amending.standing_on(newest, request.patient, now) if newest else None
    back = taken_back(request.patient, Activity.APPROVAL, now)
    approved = review is not None and review.outcome == review.Outcome.APPROVED
    context = {
        "title": _("Your clinician’s decision"),
        "review": review,
        "in_person": waits,
        "begins": approved and selectors.begins(request.patient),
        "awaited": "" if waits else selectors.awaited(newest, now),
        "asked": waits is None and selectors.question_waits(newest),
        "since": waits.required_at if waits else review.decided_at if review else None,
        "letter": letter_of(request.patient) if review and review.outcome == review.Outcome.REFERRED else None,
        "standing": again,
        "taken_back": back,
        "fee_stays_paid": not approved and once_approved(request.patient),
    }
    return render(request, "telemedicine/reviews/decision.html", context)
