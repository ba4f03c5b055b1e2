"""The sessions of a case, one line each: dose, form, pressure before and after, how it went, and what was flagged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.common.encryption import UNREADABLE
from telemedicine.reviews.course import SHOWN_SESSIONS, Course, moment, opened
from telemedicine.reviews.wording import Tagged, number
from treatment import adverse_words, words
from treatment import policy as policies
from treatment.check_in_words import stored_flags
from treatment.forms import MOOD_WORDS
from treatment.models import AdverseEvent, CheckIn, DoseSession, EventStatus, SessionStatus, VitalPhase
from treatment.models.formulary import Form
from treatment.rules import safety
from treatment.services.checkins import answers_of

STATUS_TONES = {"completed": "success", "started": "info", "held": "danger", "missed": "caution"}
# From here on an effect is named; what is weaker is only counted.
NAMED_FROM = 2


@dataclass(frozen=True, slots=True)
class Pressure:
    """Blood pressure around one dose: the last reading before it, the highest afterwards, and whether that called."""

    before: safety.Measured | None
    highest: safety.Measured | None
    alert: bool

    @property
    def before_words(self) -> str:
        """`118/74`, or empty."""
        return pair(self.before)

    @property
    def highest_words(self) -> str:
        """The same of the highest reading."""
        return pair(self.highest)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session that was begun, held or missed."""

    key: UUID
    at: datetime
    zone: str
    dose: str
    form: str
    status: Tagged
    pressure: Pressure
    effects: str
    mood: str
    score: str
    flags: list[str]
    unread: bool
    reviewed: bool
    taken: bool


def pair(reading: safety.Measured | None) -> str:
    """A reading as it is written."""
    return f"{reading.systolic}/{reading.diastolic}" if reading else ""


def dose_words(units: int, strength: Any) -> str:
    """`100 mg`: what the session takes in all."""
    return _("%(mg)s mg") % {"mg": number(float(Decimal(str(strength)) * units))}


def began(row: Mapping[str, Any]) -> datetime:
    """When a session began; one that did not, when it was planned for."""
    return moment(row["started_at"] or row["starts_at"])


def lines(course: Course) -> list[SessionLine]:
    """The newest sessions, the newest first."""
    told: dict[str, list[dict[str, Any]]] = {}
    for row in course.of("check_ins"):
        told.setdefault(row["session"], []).append(row)
    readings = pressures(course)
    after = scores_after(course)
    return [
        _line(row, told.get(row["id"], []), readings.get(row["id"]), after.get(row["id"], ""))
        for row in course.sessions[:SHOWN_SESSIONS]
    ]


@dataclass(frozen=True, slots=True)
class Ahead:
    """The session that comes next."""

    at: datetime
    zone: str
    dose: str
    form: str


def ahead(course: Course) -> Ahead | None:
    """None while none is planned."""
    for row in course.of("ahead"):
        return Ahead(moment(row["starts_at"]), row["zone"], dose_words(row["units"], row["strength_mg"]), _form(row))
    return None


def _form(row: Mapping[str, Any]) -> str:
    return str(Form(row["prescription__product__form"]).label)


def _line(row: dict[str, Any], told: list[dict[str, Any]], pressure: Pressure | None, score: str) -> SessionLine:
    status = SessionStatus(row["status"])
    flags = [text for check_in in told for text in _flags(check_in)]
    taken = row["status"] in DoseSession.TAKEN
    effects, mood = _how_it_was(told) if taken else ("", "")
    return SessionLine(
        key=UUID(row["id"]),
        at=began(row),
        zone=row["zone"],
        dose=dose_words(row["units"], row["strength_mg"]),
        form=_form(row),
        status=Tagged(STATUS_TONES.get(status.value, "neutral"), status.label),
        pressure=pressure or Pressure(None, None, False),
        effects=effects,
        mood=mood,
        score=score,
        flags=flags,
        unread=any(_unread(check_in) for check_in in told),
        reviewed=row["reviewed_at"] is not None,
        taken=taken,
    )


def _flags(check_in: dict[str, Any]) -> list[str]:
    flags = opened(CheckIn, check_in, "flags", None)
    return [str(UNREADABLE)] if flags is None else stored_flags(flags)


def _unread(check_in: dict[str, Any]) -> bool:
    """Whether a flag came that no prescriber has read."""
    if check_in["flagged_at"] is None:
        return False
    read = check_in["reviewed_at"]
    return read is None or moment(read) < moment(check_in["flagged_at"])


def _how_it_was(told: list[dict[str, Any]]) -> tuple[str, str]:
    """Side effects and mood as the check-in of the next day has them."""
    day = next((row for row in told if row["kind"] == CheckIn.Kind.DAY), None)
    if day is None:
        return _("Not answered yet"), ""
    answers, scores = (opened(CheckIn, day, name, None) for name in ("answers", "scores"))
    if answers is None or scores is None:
        return str(UNREADABLE), ""
    found = answers_of(answers, scores, asks_risk=True)
    rated = sorted(found.side_effects.items(), key=lambda item: -item[1])
    named = [f"{words.SIDE_EFFECTS[name]} {rating}/3" for name, rating in rated if rating >= NAMED_FROM]
    weak = sum(1 for _name, rating in rated if 0 < rating < NAMED_FROM)
    if weak:
        named.append(_("%(count)d mild") % {"count": weak})
    return ", ".join(named) or _("None"), str(MOOD_WORDS.get(found.mood or "", ""))


@dataclass(frozen=True, slots=True)
class Event:
    """An adverse event, open or over."""

    key: UUID
    term: str
    status: str
    serious: bool
    at: datetime


def events(course: Course) -> list[Event]:
    """What happened to the patient, the newest first."""
    return [
        Event(
            key=UUID(row["id"]),
            term=term_of(row),
            status=str(EventStatus(row["status"]).label),
            serious=row["serious"],
            at=moment(row["onset_at"]),
        )
        for row in course.of("events")
    ]


def term_of(row: dict[str, Any]) -> str:
    """What happened, by its name."""
    judgement = opened(AdverseEvent, row, "judgement", None)
    return str(UNREADABLE if judgement is None else adverse_words.TERMS[judgement["term"]])


# Blood pressure and scores


def pressures(course: Course) -> dict[str, Pressure]:
    """Of every session: before the dose, the highest afterwards, and whether a reading called (policy section 9)."""
    runs = {row["id"]: row["gate_attempt"] for row in course.sessions}
    before: dict[str, safety.Measured] = {}
    later: dict[str, list[safety.Measured]] = {}
    for row in course.of("vitals"):
        read = safety.Measured(moment(row["taken_at"]), row["systolic"], row["diastolic"])
        if row["phase"] != VitalPhase.GATE:
            later.setdefault(row["session"], []).append(read)
        elif row["attempt"] == runs.get(row["session"]):
            before[row["session"]] = read
    policy = policies.load()
    found = {}
    for key in runs:
        first, others = before.get(key), later.get(key, [])
        highest = max(others, key=lambda read: (read.systolic, read.diastolic), default=None)
        alert = any(safety.reading_alerts(read, first, policy) for read in others)
        if first or highest:
            found[key] = Pressure(first, highest, alert)
    return found


def scores_after(course: Course) -> dict[str, str]:
    """The first PHQ-9 between a session and the next one."""
    taken = sorted((began(row), row["id"]) for row in course.sessions if row["started_at"])
    totals = sorted((moment(row["taken_at"]), row["total"]) for row in course.scores if row["instrument"] == "phq9")
    found = {}
    for place, (at, key) in enumerate(taken):
        until = taken[place + 1][0] if place + 1 < len(taken) else None
        total = next((total for when, total in totals if when >= at and (until is None or when < until)), None)
        if total is not None:
            found[key] = number(float(total))
    return found
