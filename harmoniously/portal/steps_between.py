"""The next thing between two sessions: get ready, choose a day, wait for the prescriber."""

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.portal.standing import Standing
from harmoniously.portal.steps import NextStep
from treatment.models import DoseSession, PhaseChoice, PrescriptionStatus, SessionStatus
from treatment.rules import preparation
from treatment.selecting.booking import check_place


def prepare(standing: Standing, session: DoseSession, when: str) -> NextStep:
    """The day before."""
    kept = standing.preparation
    if kept is not None and not preparation.missing(kept.ticked):
        return NextStep(
            _("You are ready for tomorrow"),
            _("%(when)s. Everything on your list is ready.") % {"when": when},
            reverse("treatment:session", args=[session.pk]),
            _("See the session"),
        )
    return NextStep(
        _("Get ready for tomorrow"),
        _("%(when)s. A short list: food, your sitter, your place, and what you hope for.") % {"when": when},
        reverse("treatment:prepare", args=[session.pk]),
        _("Open the list"),
    )


def waits_for_clinic(session: DoseSession, when: str) -> NextStep | None:
    """The patient said that they will be where their prescriber may not treat; at home nothing is looked up."""
    if not session.state or not check_place(session):
        return None
    return NextStep(
        _("Your next session waits"),
        _("%(when)s. Your prescriber may not treat you in the state where you will be. The clinic calls you.")
        % {"when": when},
        reverse("treatment:session", args=[session.pk]),
        _("See why and what is next"),
        "caution",
    )


def choose_day(standing: Standing) -> NextStep | None:
    """Medicine is at home and nothing is planned: after the parcel, a missed session, or one that was left out."""
    if standing.session is not None or standing.care_taken_back or not standing.may_choose_day:
        return None
    past = [row for row in standing.sessions if row.status != SessionStatus.CANCELLED]
    if past and past[-1].status == SessionStatus.MISSED:
        return NextStep(
            _("Your last session was not begun"),
            _("That happens, and nothing is lost. Choose a new day when it suits you. Never take two to catch up."),
            reverse("treatment:session", args=[past[-1].pk]),
            _("What to do next"),
        )
    return NextStep(
        _("Choose a day for your session"),
        _("Your medicine is at home and nothing is planned yet."),
        reverse("treatment:home"),
        _("Choose a day"),
    )


def between_phases(standing: Standing) -> NextStep | None:
    """The prescriber looks at how it helped."""
    chart = standing.chart
    if chart is None or standing.session is not None or chart.status != PhaseChoice.REVIEW:
        return None
    return NextStep(
        _("Your prescriber looks at how it helped"),
        _("Nothing is planned now. Take no dose until your prescriber has decided how it goes on."),
        reverse("treatment:home"),
        _("See where it stands"),
        "caution",
    )


def without_order(standing: Standing) -> NextStep | None:
    """The order was paused or ended, and the treatment was not: a prescriber says how it goes on."""
    words: dict[str, tuple[str, str]] = {
        PrescriptionStatus.PAUSED: (
            _("Your treatment is paused"),
            _("Take no dose, and keep the medicine locked away. You hear from us when it goes on."),
        ),
        PrescriptionStatus.STOPPED: (
            _("Your prescription has ended"),
            _("Take no more of it, and keep what is left locked away. Your prescriber tells you how it goes on."),
        ),
    }
    if not standing.approved or standing.order_status not in words:
        return None
    title, text = words[standing.order_status]
    return NextStep(title, text, reverse("treatment:home"), _("See where it stands"), "caution")
