"""From the answers of the questionnaire to the case that eligibility is decided from.

Pure. It reads only answers that count (flow.Route.used), so an answer to a question that is no longer asked never
scores, and of these none that was given too long ago (ages.py). A page that was not answered leaves its facts out:
absent means "not answered" to the engine, never "no".
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from harmoniously.core.questions.specs import Answers
from intake import ages
from intake.ago import weeks_ago
from intake.case import SCHEMA
from intake.pages.conditions import PAGES as CONDITION_PAGES
from intake.pages.conditions import TIMED, chosen
from intake.pages.feelings import CSSRS_PAGES, cssrs_answers
from intake.pages.health import pressures
from intake.pages.substances import NAMES as SUBSTANCES
from intake.trial_entries import trial_facts


def facts_from_answers(
    used: Answers, *, as_of: date, told_on: date | None = None, documents: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The case in the case format, version 1. ``as_of`` is the local day of the assessment, ``told_on`` the day on
    which the answers have to count (that day unless given), ``documents`` what is on file then (papers.on_file).
    """
    used = ages.counting(used, told_on or as_of)
    about, body = used.get("about_you", {}), used.get("body", {})
    facts: dict[str, Any] = {
        "schema": SCHEMA,
        "as_of": as_of.isoformat(),
        "date_of_birth": about.get("date_of_birth"),
        "sex_at_birth": about.get("sex_at_birth"),
        "state": used.get("where_you_are", {}).get("state"),
        "weight_kg": body.get("weight"),
        "height_cm": body.get("height"),
        "heart_rate": body.get("heart_rate"),
        "indications": used.get("indications", {}).get("codes"),
        "antidepressant_trials": _entries(used, "antidepressants", lambda entry: trial_facts(entry, as_of=as_of)),
        "conditions": _conditions(used),
        "substances": _substances(used),
        "medicines": _entries(used, "medicines", _medicine),
        "blood_pressure": _readings(used, as_of),
        "reproductive": _reproductive(used),
        "documents": [dict(one) for one in documents],
        "adult_sitter": _sitter(used),
    }
    facts |= {key: used.get(key, {}).get("items") for key in ("phq9", "gad7", "pcl5", "peg")}
    if any(key in used for key in CSSRS_PAGES):
        facts["cssrs"] = asdict(cssrs_answers(used))
    return {key: value for key, value in facts.items() if value is not None}


def _entries(used: Answers, key: str, read: Any) -> list[Any] | None:
    page = used.get(key)
    if page is None or page.get("complete") is not True:
        return None
    return [read(entry) for entry in page.get("items", [])]


def _known(code: Any) -> Any:
    return None if code == "unknown" else code


def _medicine(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": entry["name"], "dose": entry.get("dose"), "frequency": _known(entry.get("frequency"))}


def _readings(used: Answers, as_of: date) -> list[dict[str, Any]] | None:
    listed = _entries(used, "blood_pressure", lambda entry: readings_of(entry, as_of=as_of))
    return None if listed is None else [reading for entry in listed for reading in entry]


def readings_of(entry: Mapping[str, Any], *, as_of: date) -> list[dict[str, Any]]:
    """The readings of one entry, each with its day."""
    # A reading of "today" stays today when the person moved their zone westwards since.
    taken_on = min(date.fromisoformat(entry["taken_on"]), as_of).isoformat()
    return [{"taken_on": taken_on, **pressure} for pressure in pressures(entry)]


def _conditions(used: Answers) -> list[dict[str, Any]] | None:
    if any(page.key not in used for page in CONDITION_PAGES if page.shown_if is None):
        return None
    times = used.get("condition_times", {})
    return [
        {"code": code, "weeks_ago": weeks_ago(times.get(code))} if code in TIMED else {"code": code}
        for code in chosen(used)
    ]


def _substances(used: Answers) -> list[dict[str, Any]] | None:
    given = used.get("substances")
    if given is None:
        return None
    problems, months = used.get("substance_problems", {}), used.get("substance_remission", {})
    rows = [
        {
            "substance": code,
            "use": given[code],
            "disorder": problems.get(code),
            "remission_months": months.get(code),
        }
        for code in SUBSTANCES
        if given.get(code) is not None
    ]
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


def _reproductive(used: Answers) -> dict[str, Any] | None:
    possible = used.get("pregnancy_possible")
    if possible is None:
        return None
    can = possible.get("can_become_pregnant")
    facts = {"can_become_pregnant": can, "breastfeeding": possible.get("breastfeeding")}
    if can is False:
        return {**facts, "pregnant": False, "trying_to_conceive": False}
    now = used.get("pregnancy", {})
    pregnant = {"yes": True, "no": False}.get(now.get("pregnant", ""))
    return {**facts, "pregnant": pregnant, "trying_to_conceive": now.get("trying")}


def _sitter(used: Answers) -> bool | None:
    adult = used.get("sitter", {}).get("adult")
    return None if adult is None else adult == "yes"
