"""What a check-in asks, one page after the other. The questions of an instrument come one by one.

PHQ-9 item 9 opens the C-SSRS at once: its page comes directly after, before anything else (policy section 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from harmoniously.core.questions.instruments import INSTRUMENTS, asks_cssrs
from treatment.rules.checkin import SIDE_EFFECTS
from treatment.rules.rhythm import Kind

CSSRS_ITEMS = ("wish_dead", "suicidal_thoughts", "method", "intent", "plan", "behavior")
SAFETY = "safety"
# Beside an answer: that it opened the C-SSRS, and the local day on which it was given.
ASKED, ON = "asked", "on"
_SELF_HARM = 9
SELF_HARM_KEY = f"phq9_{_SELF_HARM}"


@dataclass(frozen=True)
class Page:
    """One page: the key its answers are kept under, how an address names it, and the names that it answers."""

    key: str
    slug: str
    names: tuple[str, ...]
    instrument: str = ""
    item: int = 0  # from 1; 0 where the page is no item of an instrument


def _plain(key: str, *names: str) -> Page:
    return Page(key, key, names)


# Its answer counts also where it is no longer asked (I3).
SAFETY_PAGE = _plain(SAFETY, *CSSRS_ITEMS)
_FIXED: Mapping[Kind, tuple[Page, ...]] = {
    Kind.AFTER: (
        Page("now", "1", ("feeling",)),
        Page("signs", "2", ("signs",)),
        Page("sitter", "3", ("sitter_there",)),
    ),
    Kind.DAY: (
        _plain("body", *SIDE_EFFECTS[:8]),
        _plain("head", *SIDE_EFFECTS[8:14]),
        _plain("bladder", *SIDE_EFFECTS[14:]),
        _plain("mood", "mood", "mania_signs", "psychosis_signs"),
        SAFETY_PAGE,
    ),
    Kind.MONTH: (
        Page("bladder", "1", SIDE_EFFECTS[14:]),
        Page("craving", "2", ("craving",)),
        Page("extra", "3", ("ketamine_extra",)),
        Page("substances", "4", ("substances",)),
        Page("pressure", "5", ("systolic", "diastolic", "heart_rate")),
    ),
}


def pages_of(kind: Kind, instruments: Sequence[str], answers: Mapping[str, Any]) -> tuple[Page, ...]:
    """The pages of a check-in as it stands. Addresses number them, because what is asked never stands in one."""
    if kind is not Kind.SCORES:
        return _FIXED[kind]
    found: list[Page] = []
    number = 0
    for key in instruments:
        for item in range(1, INSTRUMENTS[key].length + 1):
            number += 1
            found.append(Page(item_key(key, item), f"{number}", ("answer",), key, item))
            if key == "phq9" and item == _SELF_HARM and opens_safety(answers):
                found.append(SAFETY_PAGE)
    return tuple(found)


def item_key(instrument: str, item: int) -> str:
    """Under which key the answer to one item is kept."""
    return f"{instrument}_{item}"


def items_of(instrument: str, answers: Mapping[str, Any]) -> list[int | None]:
    """The answers to an instrument in order; None where nothing was said."""
    length = INSTRUMENTS[instrument].length
    return [answers.get(item_key(instrument, item), {}).get("answer") for item in range(1, length + 1)]


def opens_safety(answers: Mapping[str, Any]) -> bool:
    """Whether item 9 was answered with anything but "Not at all", or left open: silence is never read as none.

    Once it was, the C-SSRS stays asked, whatever the item is changed to.
    """
    given = answers.get(SELF_HARM_KEY)
    if given is None:
        return False
    return bool(given.get(ASKED)) or given.get("answer") is None or asks_cssrs(items_of("phq9", answers))


def fresh(answers: Mapping[str, Any], today: date, days: int) -> dict[str, Any]:
    """The answers that still count: a questionnaire and the C-SSRS are asked anew after so many days."""
    limit = (today - timedelta(days=days)).isoformat()
    return {key: given for key, given in answers.items() if given.get(ON, limit) >= limit}


def missing(pages: Sequence[Page], answers: Mapping[str, Any]) -> Page | None:
    """The first page that was not answered yet."""
    return next((page for page in pages if page.key not in answers), None)


def after(pages: Sequence[Page], page: Page, answers: Mapping[str, Any]) -> Page | None:
    """Where to go from a page: to the next one, at the end back to the first that is open; None when all are done."""
    keys = [one.key for one in pages]
    at = keys.index(page.key)
    return pages[at + 1] if at + 1 < len(pages) else missing(pages, answers)
