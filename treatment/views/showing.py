"""What the session page and the sitter's page show, now and later without anybody to ask."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import clock
from treatment import policy, selectors, words
from treatment.forms import SessionReadingForm
from treatment.models import DoseSession
from treatment.rules import safety
from treatment.rules.safety import SessionFacts

PHASES = {
    safety.Phase.HOLD: gettext_lazy("Hold it in your mouth"),
    safety.Phase.DISSOLVE: gettext_lazy("Settle in"),
    safety.Phase.PEAK: gettext_lazy("The strongest part"),
    safety.Phase.FADING: gettext_lazy("Slowly fading"),
    safety.Phase.BALANCE: gettext_lazy("Finding your balance"),
    safety.Phase.REST: gettext_lazy("Rest"),
}
HINTS = {
    safety.Phase.HOLD: gettext_lazy("Let it melt. Do not chew. Breathe through your nose."),
    safety.Phase.DISSOLVE: gettext_lazy("Lie back, eyes closed. There is nothing to do."),
    safety.Phase.PEAK: gettext_lazy("Whatever comes, let it pass by. You are not alone."),
    safety.Phase.FADING: gettext_lazy("Stay lying down. Your sitter measures your blood pressure soon."),
    safety.Phase.BALANCE: gettext_lazy("Stay lying or sitting until your sitter helps you up."),
    safety.Phase.REST: gettext_lazy("Your sitter ends the session when you are steady."),
}
# How long the page says "spit" or "swallow" once the hold is over.
_NOW_SECONDS = 120
# What the page itself puts into the sentence about the upper number.
_TO_FILL = {name: f"{{{name}}}" for name in ("systolic", "start", "within")}


def snapshot(session: DoseSession, facts: SessionFacts, *, now: datetime) -> dict[str, Any]:
    """What both session pages show and count on with while nobody answers: plain numbers, words, no clinical word."""
    rules = policy.load()
    window = session.prescription.product.window
    minutes = safety.minutes_since(facts.started_at, now)
    phase = safety.phase_at(window, minutes)
    hold_ends = facts.started_at + timedelta(minutes=window.hold)
    since = [max(0, int((at - facts.started_at).total_seconds())) for at in facts.sitter_checks]
    return {
        "status": session.status,
        "minutes": minutes,
        "phase": phase.value,
        "phase_words": str(PHASES[phase]),
        "hint": _afterwards(session) if phase is safety.Phase.DISSOLVE else str(HINTS[phase]),
        "hold_left": max(0, int((hold_ends - now).total_seconds())),
        "hold_minutes": max(0, window.hold - minutes),
        "elapsed": max(0, int((now - facts.started_at).total_seconds())),
        "checks": len(facts.sitter_checks),
        "last_check": max(since, default=0),
        "measured": [int((row.taken_at - facts.started_at).total_seconds()) for row in facts.readings],
        "uppers": [row.systolic for row in facts.readings],
        "next_check": clock.hour_words(safety.next_check_due(facts, rules), session.zone),
        "vitals_due": safety.vitals_due(facts, now=now, policy=rules),
        "release_from": clock.hour_words(
            facts.started_at + timedelta(minutes=rules.session.release_from_minutes), session.zone
        ),
        "can_release": minutes >= rules.session.release_from_minutes,
    }


def course(session: DoseSession, facts: SessionFacts) -> dict[str, Any]:
    """What does not change during a session, so that the page goes on alone; times in seconds from the start."""
    rules = policy.load()
    window = session.prescription.product.window
    return {
        "hold": window.hold * 60,
        "total": window.balance_until * 60,
        "phases": _phase_limits(session),
        "check_every": rules.session.sitter_check_minutes * 60,
        "first_reading": rules.session.first_vitals_from_minutes * 60,
        "release": rules.session.release_from_minutes * 60,
        "told": safety.told_limits(facts.baseline, rules),
        "steady": safety.release_limits(facts.baseline, rules),
        "emergency": (rules.gate.emergency_systolic, rules.gate.emergency_diastolic),
        **help_numbers(session),
    }


def _afterwards(session: DoseSession) -> str:
    if session.prescription.product.swallow_or_spit == "spit":
        return _("Spit out what is left. Then lie back, eyes closed.")
    return _("Swallow what is left. Then lie back, eyes closed.")


def _phase_limits(session: DoseSession) -> list[dict[str, Any]]:
    """The ends of the phases. Two minutes after the hold belong to spitting out or swallowing."""
    product = session.prescription.product
    window = product.window
    spits = product.swallow_or_spit == "spit"
    now_words = _("Spit it out now") if spits else _("Swallow it now")
    ends = (
        (safety.Phase.HOLD, window.hold),
        (safety.Phase.DISSOLVE, window.dissolve_until),
        (safety.Phase.PEAK, window.peak_until),
        (safety.Phase.FADING, window.fading_until),
        (safety.Phase.BALANCE, window.balance_until),
        (safety.Phase.REST, 24 * 60),
    )
    hints = {**HINTS, safety.Phase.DISSOLVE: _afterwards(session)}
    limits = [{"until": end * 60, "words": str(PHASES[phase]), "hint": str(hints[phase])} for phase, end in ends]
    limits.insert(1, {"until": window.hold * 60 + _NOW_SECONDS, "words": now_words, "hint": _afterwards(session)})
    return limits


def live_context(session: DoseSession | None, *, now: datetime) -> dict[str, Any]:
    """What the session page is made of; without a session it is the empty page that works without a network."""
    state: dict[str, Any] = {}
    fixed: dict[str, Any] = {"clinic_phone": settings.CLINIC_PHONE}
    if session:
        facts = selectors.session_facts(session)
        state, fixed = snapshot(session, facts, now=now), course(session, facts)
    return {
        "base": reverse("treatment:live", args=[session.pk]) if session else "",
        "now_state": state,
        "course": fixed,
        "kept": {"state": state, "course": fixed} if session else None,
        "texts": texts(),
        "notes": words.NOTES.items(),
        "reading_form": SessionReadingForm(),
        "note_key": uuid4(),
        **{name: fixed.get(name, "") for name in ("sitter_name", "sitter_phone", "clinic_phone")},
    }


def texts() -> dict[str, str]:
    """What the scripts of both session pages say."""
    return {
        "hold": _("left to hold"),
        "minutes": _("minutes since the start"),
        "noted": _("Noted: {note}."),
        "told": _("Noted."),
        "saved": _("Saved."),
        "called": _("We have called the clinician on duty. Stay where you are; your phone will ring."),
        "calling": _("Calling the clinician on duty …"),
        "not_called": _("No connection: the clinic has not heard you yet. Call 911 or the clinic by phone."),
        "kept": _("Kept on this phone. It goes by itself when the connection is back."),
        "incomplete": _("Please fill in everything, then save again."),
        # Shown at once, before anybody else has heard it; what the server answers takes its place.
        "finding": _("Call 911 now. While there is no connection, call the clinic too."),
        "next_check": _("Next check in {minutes} min."),
        "check_now": _("A check is due now."),
        "wait_release": _("The session ends as soon as the connection is back."),
        "stay": _("Stay: the session has not ended."),
        **{code: words.stored_text(code, {}) for code in ("not_oriented", "not_walking", "release_reading_missing")},
        "release_systolic": words.stored_text("release_systolic", _TO_FILL),
        "reading_emergency": _(
            "That pressure is very high. Call 911 now if there is chest pain, a severe headache, trouble seeing or "
            "speaking, weakness, or a faint. While there is no connection, call the clinic too."
        ),
        "reading_told": _(
            "That pressure is high. Rest and measure again. While there is no connection, call the clinic too."
        ),
        **{f"note_{code}": str(text) for code, text in words.NOTE_HELP.items()},
    }


def help_numbers(session: DoseSession) -> dict[str, Any]:
    invitation = selectors.live_invitation(session)
    return {
        "sitter_name": invitation.name if invitation else "",
        "sitter_phone": invitation.phone if invitation else "",
        "clinic_phone": settings.CLINIC_PHONE,
    }
