"""The next thing of somebody whose case a prescriber looks at: the way to the visit, and what was said of it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.portal.standing import Standing
from harmoniously.portal.steps import NextStep
from telemedicine.models import Review
from telemedicine.reviews.answer_words import answer_by


def reviewed(review: Review, zone: str) -> NextStep:
    """What a prescriber said of the case that the patient is to read, with the days in their zone."""
    if review.status == Review.Status.IN_PERSON:
        return NextStep(
            _("A visit in person comes first"),
            _("Your prescriber wants you to be seen in person before anything is decided. Read where, and who calls."),
            reverse("telemedicine:decision"),
            _("See what is next"),
        )
    if review.status == Review.Status.ASKED:
        text = _("It stands in your messages. Answer there; your prescriber goes on as soon as you have.")
        due = review.answer_due_at
        return NextStep(
            _("Your prescriber has a question"),
            f"{text} {answer_by(clock.describe(due, zone))}" if due else text,
            reverse("telemedicine:messages"),
            _("Read and answer"),
        )
    if review.outcome == Review.Outcome.APPROVED:
        return NextStep(
            _("Your prescriber approved treatment"),
            _("Your prescription is being prepared. We tell you when the medicine is on its way."),
            reverse("treatment:home"),
            _("See your treatment"),
        )
    return NextStep(
        _("Your prescriber has decided"),
        _("Treatment at home is not right for you now. Read why, what may help, and what becomes of your fee."),
        reverse("telemedicine:decision"),
        _("Read the decision"),
    )


def eligible(standing: Standing) -> NextStep:
    """The way to a decision: the fee, the visit, the word after it."""
    if standing.was_seen:
        text = _("Your visit took place. You hear from us within two working days.")
        if standing.answer_is_late:
            text = _("Your visit took place. The decision takes longer than we promised; write to us if you wonder.")
        return NextStep(
            _("Your prescriber is deciding"),
            text,
            reverse("telemedicine:visits"),
            _("See your visits"),
        )
    if standing.paid:
        return NextStep(
            _("Choose a time to meet your prescriber"),
            _("The visit takes 45 minutes. Afterwards the prescriber decides together with you."),
            reverse("telemedicine:book"),
            _("Choose a time"),
        )
    return NextStep(
        _("Meet a prescriber"),
        _("Your answers can go to a prescriber. The next step is a visit. You see the price before you pay."),
        reverse("portal:evaluation"),
        _("See the price"),
    )
