"""The phase of a treatment in a patient's words: where it stands and what comes next."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treatment.models import Chart, Prescription
from treatment.models.prescription import FREQUENCY_CHOICES
from treatment.policy import Policy
from treatment.rules import phases
from treatment.rules.phases import Phase, Standing
from treatment.rules.reasons import Weight
from treatment.selecting import phases as selecting


@dataclass(frozen=True)
class PhaseStory:
    """What the patient reads about the phase; `waits` while nothing can be planned."""

    title: str
    text: str
    next: str
    waits: bool = False


def story_of(
    chart: Chart, standing: Standing, prescription: Prescription | None, today: date, policy: Policy
) -> PhaseStory:
    """The phase as the patient's treatment page tells it."""
    phase = Phase(chart.status)
    if phase is Phase.DISCHARGED:
        return PhaseStory(
            _("Your treatment here has ended"),
            _("No session is planned and nothing more is sent. Take no dose of the medicine that you have left."),
            _("Lock it away and ask your pharmacy how to return it. If symptoms come back, write to us or call."),
            waits=True,
        )
    if phase is Phase.REVIEW:
        return _looking()
    often = _often(chart, prescription)
    if phase is Phase.MAINTENANCE:
        return PhaseStory(
            _("Going on at a slower pace"),
            _("Sessions come %(often)s.") % {"often": often},
            _("Your prescriber meets you from time to time. Together you see whether to go on, slow down or end."),
        )
    if phase is Phase.TAPER:
        return PhaseStory(
            _("Coming to an end, step by step"),
            _("Sessions come less often now: %(often)s.") % {"often": often},
            _("Then the treatment ends. Your prescriber talks with you about what to do if symptoms come back."),
        )
    return _induction(standing, often, today, policy)


def _often(chart: Chart, prescription: Prescription | None) -> str:
    if prescription is None:
        return _("as your prescriber says")
    return str(dict(FREQUENCY_CHOICES)[selecting.rhythm_of(chart, prescription).value]).lower()


def _looking() -> PhaseStory:
    return PhaseStory(
        _("Your prescriber looks at how it helped"),
        _("Nothing is planned now. Take no dose until your prescriber has decided how it goes on."),
        _("We write to you when that is decided. If you wonder about something, send a message."),
        waits=True,
    )


def _induction(standing: Standing, often: str, today: date, policy: Policy) -> PhaseStory:
    due = [item for item in phases.review_due(standing, today, policy) if item.weight is Weight.ASK]
    if due:
        return PhaseStory(
            _("Your first weeks are done"),
            _("Your prescriber looks at how your sessions helped, and says how it goes on."),
            _("We write to you when that is decided. Until then nothing new can be planned."),
            waits=True,
        )
    done = len(standing.taken)
    counted = ngettext("%(done)s session is done.", "%(done)s sessions are done.", done) % {"done": done}
    rule = policy.phase
    frame = _("Sessions come %(often)s for %(weeks)s weeks, at most %(most)s in all.") % {
        "often": often,
        "weeks": rule.induction_weeks,
        "most": rule.induction_sessions_most,
    }
    return PhaseStory(
        _("Your first weeks"),
        f"{frame} {counted}" if done else frame,
        _("After that your prescriber looks with you at how it helped, and says how it goes on."),
    )
