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
from telemedicine.referrals.selectors import letter_of
from telemedicine.reviews import selectors
from telemedicine.selectors import once_approved


@patient_only
@require_safe
def decision(request: PatientRequest) -> HttpResponse:
    """The newest decision with its reasons and what happens next; before there is one, when to expect it."""
    own_page(request, "decision")
    now = clock.now()
    review, waits = selectors.told_to(request.patient)
    again = amending.standing(request.patient, now)
    back = taken_back(request.patient, Activity.APPROVAL, now)
    context = {
        "title": _("Your clinician’s decision"),
        "review": review,
        "in_person": waits,
        "begins": review is not None and selectors.begins(request.patient),
        "awaited": "" if waits else selectors.awaited(request.patient, now),
        "asked": waits is None and selectors.question_waits(request.patient),
        "since": waits.required_at if waits else review.decided_at if review else None,
        "letter": letter_of(request.patient) if review and review.outcome == review.Outcome.REFERRED else None,
        "standing": again,
        "taken_back": back,
        "fee_stays_paid": once_approved(request.patient),
    }
    return render(request, "telemedicine/reviews/decision.html", context)
