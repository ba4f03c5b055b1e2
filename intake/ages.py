"""How long an answer counts: what is said of these weeks says nothing of later ones. Pure; numbers are in ages.toml.

Answers of which this is asked carry their day (`SAID_ON`), so that it goes with them wherever they are kept.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from harmoniously.core.questions.specs import SAID_ON, Answers
from intake.pages.feelings import CSSRS_PAGES
from intake.pages.health import PREGNANCY_NOW, PREGNANCY_POSSIBLE
from intake.pages.treatments import ANTIDEPRESSANTS

CONFIG = Path(__file__).parent / "ages.toml"
TESTED_ON = "_tested_on"  # the key under which an answer remembers the day of the pregnancy test that it tells of
TEST = "pregnancy_test"
SCORED = ("phq9", "gad7", "pcl5", "peg")
# The pages that age, each by a name of ages.toml.
PAGES: Mapping[str, str] = {
    **{key: key for key in SCORED},
    **dict.fromkeys(CSSRS_PAGES, "cssrs"),
    **dict.fromkeys((PREGNANCY_POSSIBLE.key, PREGNANCY_NOW.key), "pregnancy"),
}
# A "no" that no week changes.
_LASTING = ("can_become_pregnant",)
# Of these each entry has its day: how long somebody took it is known until then.
LISTS = (ANTIDEPRESSANTS.key,)


@cache
def days() -> Mapping[str, int]:
    """The numbers of ages.toml. Raises ValueError for a name that is not known, or without a number or a source."""
    raw = tomllib.loads(CONFIG.read_text("utf-8"))
    raw.pop("version")
    if set(raw) != {*PAGES.values(), TEST} or any(set(one) != {"days", "source"} for one in raw.values()):
        raise ValueError(f"{CONFIG.name}: every name once, with days and source.")
    return {name: one["days"] for name, one in raw.items()}


def said(key: str, given: Mapping[str, Any], on: date) -> dict[str, Any]:
    """An answer, or an entry of a list, with the day on which it was given where that is asked of it."""
    return {**given, SAID_ON: on.isoformat()} if key in PAGES or key in LISTS else dict(given)


def dated(answers: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Answers in which all that need it have a day; ``on`` for those that were kept without one."""
    found = dict(answers)
    for key in PAGES:
        if found.get(key):
            found[key] = {SAID_ON: on.isoformat(), **found[key]}
    for key in LISTS:
        if found.get(key):
            items = [{SAID_ON: on.isoformat(), **entry} for entry in found[key].get("items", [])]
            found[key] = {**found[key], "items": items}
    return found


def too_old(key: str, given: Mapping[str, Any], today: date) -> bool:
    """Whether the answers of a page count no more on a day. Of no known day: they were given just now."""
    tested = given.get(TESTED_ON)
    on = tested or given.get(SAID_ON)
    if key not in PAGES or on is None:
        return False
    return (today - date.fromisoformat(on)).days > days()[TEST if tested else PAGES[key]]


def expired(answers: Mapping[str, Any], today: date) -> list[str]:
    """The pages among these whose answers count no more."""
    return [key for key in PAGES if answers.get(key) and too_old(key, answers[key], today)]


def given_anew(answers: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What a copy of answers starts from: never an answer about suicide, and none that counts no more."""
    dropped = {*CSSRS_PAGES, *expired(answers, today)}
    return {key: value for key, value in answers.items() if key not in dropped}


def counting(used: Answers, today: date) -> Answers:
    """The answers as they count on a day. One that is too old is not answered, but for what speaks against the
    treatment: an old "yes" to a question about suicide or pregnancy stays a yes.
    """
    found = dict(used)
    for key in expired(used, today):
        if key in SCORED:
            del found[key]
        else:
            said = {name: value for name, value in used[key].items() if value is not False or name in _LASTING}
            found[key] = said | ({"pregnant": "unknown"} if said.get("pregnant") == "no" else {})
    return found
