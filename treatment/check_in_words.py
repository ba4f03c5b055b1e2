"""The words around a check-in: what it is called, how long it takes, what each page asks and why."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.encryption import UNREADABLE, legible
from treatment import words
from treatment.models import CheckIn
from treatment.rules.rhythm import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Sentence = _StrPromise | str

LATER: Mapping[Kind, "Sentence"] = {
    Kind.AFTER: _("two hours after your session begins"),
    Kind.DAY: _("the day after your session"),
    Kind.SCORES: _("in the morning"),
    Kind.MONTH: _("in the morning"),
}
# Page -> heading and why it is asked; an item of a questionnaire is its own heading.
HEADS: Mapping[str, tuple["Sentence", "Sentence"]] = {
    "body": (
        _("Since your session: how did your body feel?"),
        _("Most effects pass within hours. If one stays or is strong, a clinician wants to know."),
    ),
    "head": (
        _("Since your session: head, senses and sleep"),
        _("Some of these can mean that the next session should wait."),
    ),
    "bladder": (_("Your bladder"), _("Early signs are easy to miss and easy to act on.")),
    "mood": (_("Your mood"), _("Every change counts, also for the worse.")),
    "safety": (_("Your safety"), _("We ask everyone, every time. Your answers stay with your care team.")),
    "now": (_("How are you now?"), _("If you need help now, a clinician calls you.")),
    "signs": (_("Do you have any of these now?"), _("These need help at once. Most people have none of them.")),
    "sitter": (_("Is your sitter still with you?"), _("Somebody should be there until you are steady again.")),
    "craving": (
        _("In the last month, how much did you crave ketamine between your sessions?"),
        _("It happens, and it is better to know early. Nothing you say here is held against you."),
    ),
    "extra": (
        _("In the last month, did you take more ketamine than prescribed, or any other ketamine?"),
        _("It changes what is safe for you. Your prescriber talks with you before your next session."),
    ),
    "substances": (
        _("In the last month, did you use any of these for the first time, or more than before?"),
        _("Some of them do not go together with a session."),
    ),
    "pressure": (
        _("Your blood pressure today"),
        _("Sit quietly for five minutes, then measure. Tick the box below if you cannot."),
    ),
}
FEELINGS: Mapping[str, "Sentence"] = {
    "well": _("Well"),
    "tired": _("Tired or a little off, as expected"),
    "unwell": _("Not well"),
    "help": _("I need help now"),
}


def flag_words(check_in: CheckIn) -> list[str]:
    """Why a prescriber should read it."""
    flags = legible(check_in, "flags", None)
    return [str(UNREADABLE)] if flags is None else stored_flags(flags)


def stored_flags(flags: Iterable[Mapping[str, Any]]) -> list[str]:
    """The same from the flags alone."""
    return [words.stored_text(item["code"], item["facts"], for_staff=True) for item in flags]
