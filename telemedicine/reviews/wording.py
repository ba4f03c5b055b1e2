"""The words of the review pages: what each code is called, and what to do about each obstacle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from harmoniously.core.documents.models import ConsentKind
from telemedicine.reviews.rules.approval import Obstacle, Standing
from telemedicine.reviews.rules.triage import Urgency


@dataclass(frozen=True, slots=True)
class Tagged:
    """Words with the tone of the tag they stand in."""

    tone: str
    words: Any


@dataclass(frozen=True, slots=True)
class Item:
    """A label and a value, or only a label; `phone` is a stored number, to be called by pressing it."""

    label: str
    value: str = ""
    phone: str = ""


# Tone of the tag beside it, and what it says. Colour is never the only sign.
URGENCY_WORDS = {
    Urgency.CRISIS: ("danger", gettext_lazy("Crisis")),
    Urgency.HELD: ("danger", gettext_lazy("On hold")),
    Urgency.STOPPED: ("danger", gettext_lazy("Treatment stopped")),
    Urgency.PRIORITY: ("caution", gettext_lazy("Priority")),
    Urgency.LATE: ("caution", gettext_lazy("Late")),
    Urgency.DECISION_DUE: ("brand", gettext_lazy("Decision due")),
    Urgency.ARRIVED: ("info", gettext_lazy("Arrived")),
    Urgency.VISIT_SOON: ("info", gettext_lazy("Visit soon")),
    Urgency.WAITING: ("neutral", gettext_lazy("Waiting")),
    Urgency.WITH_PATIENT: ("neutral", gettext_lazy("With the patient")),
}
# Why a case is on this rung, and what it asks of the prescriber.
CASE_WORDS = {
    Urgency.CRISIS: (gettext_lazy("High suicide risk, or a hold for it"), gettext_lazy("Reach the patient now")),
    Urgency.HELD: (gettext_lazy("Safety hold"), gettext_lazy("Record contact and a safety plan")),
    Urgency.STOPPED: (
        gettext_lazy("Newer answers speak against the treatment"),
        gettext_lazy("Decide how the treatment goes on"),
    ),
    Urgency.PRIORITY: (
        gettext_lazy("Moderate suicide risk, or safety questions left open"),
        gettext_lazy("Look at the safety answers first"),
    ),
    Urgency.LATE: (
        gettext_lazy("The decision was promised two working days after the visit"),
        gettext_lazy("Decide"),
    ),
    Urgency.DECISION_DUE: (gettext_lazy("The visit took place"), gettext_lazy("Decide")),
    Urgency.ARRIVED: (gettext_lazy("Information arrived"), gettext_lazy("Read what arrived")),
    Urgency.VISIT_SOON: (gettext_lazy("The first visit is within 24 hours"), gettext_lazy("Read before the visit")),
    Urgency.WAITING: (gettext_lazy("Handed in the questions"), gettext_lazy("Read; the visit comes first")),
    Urgency.WITH_PATIENT: (gettext_lazy("You asked the patient"), gettext_lazy("Wait for the patient’s answer")),
}
RISK_WORDS = {
    "none": ("neutral", gettext_lazy("None")),
    "low": ("info", gettext_lazy("Low")),
    "moderate": ("caution", gettext_lazy("Moderate")),
    "high": ("danger", gettext_lazy("High")),
    "incomplete": ("caution", gettext_lazy("Incomplete")),
}
OUTCOME_TONES = {
    "crisis": "danger",
    "not_eligible": "danger",
    "needs_information": "caution",
    "eligible_for_review": "success",
}
VERDICT_WORDS = {
    "failed_adequate": ("success", gettext_lazy("Counts: adequate, failed")),
    "borderline": ("caution", gettext_lazy("Borderline")),
    "partial": ("caution", gettext_lazy("Helped in part")),
    "responded": ("neutral", gettext_lazy("Helped")),
    "intolerance": ("info", gettext_lazy("Side effects")),
    "too_short": ("neutral", gettext_lazy("Too short")),
    "under_dosed": ("neutral", gettext_lazy("Dose too low")),
    "wrong_indication": ("neutral", gettext_lazy("For another reason")),
    "duplicate_ingredient": ("neutral", gettext_lazy("Same ingredient again")),
    "not_counted": ("neutral", gettext_lazy("Not counted")),
    "unknown": ("caution", gettext_lazy("Not known")),
}
RESISTANCE_WORDS = {
    "met": ("success", gettext_lazy("Met")),
    "not_met": ("neutral", gettext_lazy("Not met")),
    "undetermined": ("caution", gettext_lazy("Undetermined")),
    "not_applicable": ("neutral", gettext_lazy("Does not apply")),
}
CHANGE_WORDS = {
    "added": ("info", gettext_lazy("Added")),
    "removed": ("neutral", gettext_lazy("Removed")),
    "changed": ("caution", gettext_lazy("Changed")),
}
# In the order of policy section 1; what a tier asks of the prescriber.
TIER_WORDS = {
    "crisis": ("danger", gettext_lazy("Crisis")),
    "exclude": ("danger", gettext_lazy("Rules out treatment at home")),
    "information": ("caution", gettext_lazy("Information missing")),
    "review": ("info", gettext_lazy("For your judgement")),
    "note": ("neutral", gettext_lazy("Notes")),
}


def obstacle_words(obstacle: Obstacle, standing: Standing) -> str:
    """What stands between a case and an approval, and what removes it."""
    return {
        Obstacle.CONSENT_TAKEN_BACK: _(
            "The patient took back: %(titles)s. Nothing begins without it. They may sign it again under Agreements; "
            "if they do not want to go on, decline, and the fee goes back."
        )
        % {"titles": consent_titles(standing.taken_back)},
        Obstacle.CONSENT_UNSIGNED: _(
            "The patient has not signed the present version of: %(titles)s. Ask them to sign it under Agreements."
        )
        % {"titles": consent_titles(standing.unsigned)},
        Obstacle.NOT_AWAITING: _("The rules did not put this case forward for a decision."),
        Obstacle.NO_LICENCE: _("You have no current licence where this patient is."),
        Obstacle.VISIT_MISSING: _("The first visit has not taken place. You decide after meeting the patient."),
        Obstacle.IN_PERSON_MISSING: _(
            "A visit in person was required and is not recorded yet. Record when and where it took place."
        ),
        Obstacle.CRISIS_HOLD: _(
            "There is a safety hold for a high suicide risk. It ends only when a clinician clears it."
        ),
        Obstacle.SAFETY_PLAN_MISSING: _(
            "There is a safety hold. Record your contact with the patient and the safety plan first."
        ),
        Obstacle.INFORMATION_OPEN: _(
            "Information is still missing. Tick each point that you settled with the patient, or ask them."
        ),
    }[obstacle]


def consent_titles(kinds: Iterable[str]) -> str:
    """The agreements by the names that the patient reads."""
    return ", ".join(f"“{ConsentKind(kind).label}”" for kind in kinds)


def span(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says enough: "3 days", "5 hours", "12 minutes"."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return ngettext("%d day", "%d days", minutes // 1440) % (minutes // 1440)
    if minutes >= 120:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def spoken(code: Any) -> str:
    """A code as words, where it has none of its own: "no_benefit" is "No benefit"."""
    return str(code).replace("_", " ").capitalize()


def number(value: float | None) -> str:
    """A number without needless zeros; "?" when it was not given."""
    return "?" if value is None else f"{value:,g}" if abs(value) < 1e6 else f"{value:,.0f}"


def calendar_day(text: str | date | None) -> str:
    """`3 Nov 2026` for a date or its ISO form."""
    if not text:
        return _("day not given")
    return f"{text if isinstance(text, date) else date.fromisoformat(text):%-d %b %Y}"


def yes_no(answer: bool | None) -> str:
    """An answer that may be missing."""
    return {True: _("yes"), False: _("no"), None: _("not answered")}[answer]


def weeks_ago(weeks: float | None) -> str:
    """How long ago in weeks, with years beside them once they say more; empty when it was not given."""
    if weeks is None:
        return ""
    if weeks >= 104:
        return _("%(weeks)s weeks ago (%(years)d years)") % {"weeks": number(weeks), "years": weeks // 52}
    return ngettext("%(weeks)s week ago", "%(weeks)s weeks ago", int(weeks)) % {"weeks": number(weeks)}
