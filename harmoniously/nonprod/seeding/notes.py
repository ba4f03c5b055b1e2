"""What the clinicians of the invented patients wrote after their visits."""

from datetime import datetime
from typing import Any

from harmoniously.core.common.opened import OpenedPage
from telemedicine.models import Appointment
from telemedicine.notes import services
from telemedicine.notes.gathered import around
from telemedicine.notes.rules.codes import suggest
from telemedicine.notes.rules.templates import MENTAL_STATE, NOT_ASSESSED

FIRST = {
    "history": "Depression since their twenties, third episode, began two years ago after a move. Two adequate trials "
    "without response, talking therapy for a year. No mania, no psychosis. Sleeps five hours. No other drugs.",
    "home": "Quiet flat, ground floor. A sitter stays through the session and the night. No children at home then.",
    "assessment": "Recurrent depression, moderate to severe, resistant to two medicines.",
    "plan": "Decide after the pressure readings are in. First dose low. Next visit after the second session.",
}
LATER = {
    "interval": "Two sessions taken as planned, sitter present. Sleeps better, less withdrawn. Brief nausea after the "
    "first dose, none after the second. No bladder signs. No doses left out.",
    "assessment": "Early response. Side effects mild and short. Blood pressure within the limits before each dose.",
    "plan": "Go on with the same dose once a week. Questionnaires before the next visit. Call if sleep gets worse.",
}
TALK = {
    "since": "Slept well the first night, tearful on the second day, then calm.",
    "themes": "The house of the grandmother, and that nobody was angry there.",
    "work": "Stayed with the picture, named what was missed, one small step for the week.",
    "assessment": "Uses the sessions well. Mood steadier between them.",
    "plan": "A letter that is not sent. See each other after the next session.",
}
WORDS = {"evaluation": FIRST, "check_in": LATER, "integration": TALK}
RISK = "Asked directly. No thoughts of suicide since the last contact. Knows 988 and whom to call. No firearms at home."


def write_note(visit: Appointment, *, said: str, signs: bool, now: datetime) -> None:
    """The note of a visit that took place; `said` stands in its first section."""
    by = visit.clinician.user
    opening = services.template_of(visit).opening[0]
    words = dict(WORDS[visit.kind])
    if said:
        words[opening] = said
    mental = {f"mental_{name}": choices[0] for name, choices in MENTAL_STATE.items()} | {"mental_mood": "low"}
    if signs:
        sections = {**words, **mental, "risk_level": "none", "risk": RISK}
    else:
        sections = {opening: words[opening], **dict.fromkeys(mental, NOT_ASSESSED)}
        sections |= {"mental_suicidal": "", "mental_homicidal": ""}
    therapy = visit.kind == "integration"
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    billing: dict[str, Any] = {
        "minutes": None if therapy else minutes,
        "therapy_minutes": minutes if therapy else None,
        "decision": None if therapy else "",
        "codes": [],
    }
    if signs:
        seen = services.seen_visit(visit, around(visit, now), billing)
        billing["codes"] = [one.code for one in suggest(seen)]
    services.keep(visit=visit, written=services.Written(sections, billing), page=OpenedPage(visit.pk), by=by, now=now)
    if signs:
        shown = services.ready(visit=visit, by=by, now=now).seen
        services.sign(visit=visit, seen=shown, by=by, now=now)
