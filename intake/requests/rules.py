"""What a decision asks of the patient, thing by thing, and by when. Pure; the numbers are in asking.toml."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from intake.case import DocumentKind
from intake.case_reader import read_case
from intake.policy import Policy
from intake.rules.finding import on_file

CONFIG = Path(__file__).parent / "asking.toml"
REMIND_AT = time(10, 0)  # in the patient's zone
END_OF_DAY = time(23, 59)


class Ask(StrEnum):
    """The kinds of things that are asked for; each has its page."""

    READING = "reading"
    PREGNANCY_TEST = "pregnancy_test"
    LETTER = "letter"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Span:
    """How long one kind of thing may take."""

    days: int
    remind_after: tuple[int, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing: its name ("letter:cardiology_letter"), and why it is asked."""

    item: str
    texts: tuple[str, ...]

    @property
    def kind(self) -> Ask:
        """Which kind of thing it is."""
        return Ask(self.item.partition(":")[0])


@cache
def spans() -> Mapping[str, Span]:
    """The numbers of asking.toml by kind. Raises ValueError for a key that is not known, or a missing source."""
    raw = tomllib.loads(CONFIG.read_text())
    raw.pop("version")
    found = {}
    for name, given in raw.items():
        unknown = set(given) - {"days", "remind_after", "source"}
        if unknown or not given.get("source") or name not in set(Ask):
            raise ValueError(f"{CONFIG.name}: [{name}] {sorted(unknown)} is not known, or has no source.")
        reminders = tuple(given.get("remind_after", ()))
        if any(not 0 < day <= given["days"] for day in reminders):
            raise ValueError(f"{CONFIG.name}: [{name}] reminds outside of its days.")
        found[name] = Span(given["days"], reminders, given["source"])
    return found


# The page of the questionnaire that a question belongs to, by the beginning of the finding's code; the longest wins.
PAGES: Mapping[str, str] = {
    "age.": "about_you",
    "state.missing": "where_you_are",
    "sitter.": "sitter",
    "indication.": "indications",
    "instrument.phq9.": "phq9",
    "instrument.gad7.": "gad7",
    "instrument.pcl5.": "pcl5",
    "suicide_risk.": "cssrs_thoughts",
    "conditions.": "conditions_heart",
    "condition.": "condition_times",
    "condition.bipolar.not_described": "conditions_mind",
    "substances.": "substances",
    "substance.": "substance_problems",
    "substance.use_unknown": "substances",
    "substance.contradiction": "substances",
    "substance.remission_unknown": "substance_remission",
    "medicines.": "medicines",
    "medicine.": "medicines",
    "antidepressant_trial": "antidepressants",
    "treatment_resistance.": "antidepressants",
    "pregnancy.": "pregnancy_possible",
    "pregnancy.trying_to_conceive_unknown": "pregnancy",
}
# Only time, or a licence of ours, can settle these: the result says so, and nobody is reminded of them.
# What is not scored is asked by the questionnaire that is missing.
NOT_ASKED = ("substance.early_remission", "state.not_served", "indication.not_scored")
_LETTERS = {kind.value for kind in DocumentKind}


def asked(findings: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], policy: Policy) -> tuple[Asked, ...]:
    """What the information findings of a decision ask for, each thing once, in the order of the findings.

    With an exclusion only that is asked which could lift it: nobody is sent for a test that changes nothing.
    """
    information = [one for one in findings if one["tier"] == "information"]
    shut = {one["about"] for one in findings if one["tier"] in ("exclude", "crisis")}
    if shut:
        liftable = {one["about"] for one in information if one["code"].endswith(".letter_missing")}
        information = [one for one in information if one["about"] in liftable] if shut <= liftable else []
    texts: dict[str, list[str]] = {}
    for one in information:
        for item in _items(one, facts, policy):
            if one["patient_text"] not in texts.setdefault(item, []):
                texts[item].append(one["patient_text"])
    return tuple(Asked(item, tuple(said)) for item, said in texts.items())


def _items(finding: Mapping[str, Any], facts: Mapping[str, Any], policy: Policy) -> list[str]:
    code: str = finding["code"]
    if code.startswith(NOT_ASKED):
        return []
    if finding["about"] == "blood_pressure":
        return [Ask.READING.value]
    if code == "pregnancy.pregnant_unknown" and (facts.get("reproductive") or {}).get("can_become_pregnant"):
        return [Ask.PREGNANCY_TEST.value]
    if code.endswith(".letter_missing"):
        return [f"{Ask.LETTER}:{key}" for key in finding["facts"] if key in _LETTERS]
    if code == "indication.chronic_pain":
        case = read_case(dict(facts))
        wanted = (DocumentKind.PAIN_RECORDS, DocumentKind.TREATING_CLINICIAN_LETTER)
        return [f"{Ask.LETTER}:{kind.value}" for kind in wanted if not on_file(case, policy, kind)]
    page = max((start for start in PAGES if code.startswith(start)), key=len, default=None)
    return [] if page is None else [f"{Ask.ANSWER}:{PAGES[page]}"]


def due(kind: Ask, now: datetime, zone: str) -> datetime:
    """The end of the last day for it, in the patient's zone."""
    return _local(now, zone, spans()[kind].days, END_OF_DAY)


def reminders(kind: Ask, asked_at: datetime, zone: str) -> list[datetime]:
    """When the patient is reminded of it, in daylight of their zone."""
    return [_local(asked_at, zone, days, REMIND_AT) for days in spans()[kind].remind_after]


def _local(start: datetime, zone: str, days: int, at: time) -> datetime:
    there = ZoneInfo(zone)
    return datetime.combine(start.astimezone(there).date() + timedelta(days=days), at, tzinfo=there)


def another_day(findings: Sequence[Mapping[str, Any]]) -> date | None:
    """The day whose blood pressure was above the limit: a repeated reading has to be later. None when none was."""
    days = [one["facts"].get("taken_on") for one in findings if one["code"] == "blood_pressure.above_limit"]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def letter_problem(day: date, today: date, most_days: int) -> str:
    """ "future" or "old" for a letter whose date cannot count on a day, else ""; exactly ``most_days`` old counts."""
    age = (today - day).days
    return "future" if age < 0 else "old" if age > most_days else ""
