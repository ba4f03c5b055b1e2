"""What may help to begin writing: questions in our own words, in dated sets that are never edited once used.

An entry keeps the code of its question and the version of the set. Nothing here asks for a score or promises anything.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CURRENT = "2026.1"


@dataclass(frozen=True)
class Prompt:
    """One question, and the moment that it belongs to."""

    code: str
    group: str
    text: Promise


GROUPS: tuple[tuple[str, Promise], ...] = (
    ("before", _("Before a session")),
    ("after", _("After a session")),
    ("days_later", _("In the days after")),
    ("any_day", _("Any day")),
)
SETS: dict[str, tuple[Prompt, ...]] = {
    "2026.1": (
        Prompt("before_now", "before", _("How are you right now, in your body and in your mind?")),
        Prompt("before_wish", "before", _("What would you like to give some room in this session?")),
        Prompt("before_hold", "before", _("If it becomes hard, what helps you to feel safe?")),
        Prompt("after_first", "after", _("What do you remember? Pictures, feelings and single words are enough.")),
        Prompt("after_body", "after", _("What did you notice in your body?")),
        Prompt("after_hard", "after", _("Was anything hard or frightening? What helped, or would have helped?")),
        Prompt("days_stays", "days_later", _("What has stayed with you since the session?")),
        Prompt("days_different", "days_later", _("What is a little different in your days, if anything?")),
        Prompt("days_step", "days_later", _("Which one small thing would you like to do, or to leave, this week?")),
        Prompt("any_talk", "any_day", _("What would you like to talk about with your therapist?")),
        Prompt("any_care", "any_day", _("What was good for you today, however small?")),
    ),
}


def prompt_of(code: str, version: str = CURRENT) -> Prompt | None:
    """A question of a set by its code; None for a free entry."""
    return next((prompt for prompt in SETS.get(version, ()) if prompt.code == code), None)


def grouped(version: str = CURRENT) -> list[tuple[Promise, list[Prompt]]]:
    """The set as the page lists it."""
    return [(title, [row for row in SETS[version] if row.group == group]) for group, title in GROUPS]
