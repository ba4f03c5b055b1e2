"""Handing a case over to a colleague: the decision stays open, and the care goes along with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from intake.models import EligibilityDecision
from telemedicine.models import Review, Verdict
from telemedicine.reviews import selectors, services


@transaction.atomic
def hand_over(*, decision: EligibilityDecision, to: Clinician, by: User, now: datetime) -> Review:
    """Give the own case to a colleague who may decide it; they find it marked with who gave it. Twice does one thing.

    Raises RuleViolation when the colleague has no licence where the patient is, Conflict when somebody else has the
    case, or it is decided.
    """
    # The row before the trail, as every verb of a review.
    try:
        review = services.mine(decision, by)
    except Conflict:
        done = Review.objects.filter(decision=decision, clinician=to, handed_by=by).first()
        if done is None:
            raise
        return done
    if review.status == Review.Status.DECIDED:
        raise Conflict(_("This case is already decided."), "decided")
    if review.verdicts.filter(status=Verdict.Status.CONFIRMED).exists():
        raise Conflict(_("You have just decided this case. Undo that first."), "confirmed")
    if decision.patient.state not in selectors.licensed_states(to.user, now):
        raise RuleViolation(_("%(name)s has no current licence where this patient is.") % {"name": to}, "no_licence")
    before = selectors.clinician_of(by)
    review.clinician, review.claimed_at, review.handed_by = to, now, by
    review.save(update_fields=["clinician", "claimed_at", "handed_by"])
    record(actor=by, action="review.handed_over", now=now, subject=review, to=str(to.pk))
    services.begin_care(review, to, by=by, now=now)
    if before is not None:
        services.end_care_without_visits(review, before, by=by, now=now)
    return review
