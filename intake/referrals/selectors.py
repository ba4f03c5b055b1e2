"""Reading the directory."""

from collections.abc import Iterable
from dataclasses import dataclass

from intake.care_words import Words, words_for
from intake.referrals.models import Facility
from intake.rules.care import Care


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of care in words, with the facilities in one state that give it."""

    words: Words
    facilities: tuple[Facility, ...]


def offers(kinds: Iterable[Care], *, state: str, insurance: str = "") -> list[Offer]:
    """The kinds of care with what the directory holds for a state: one query, whatever is asked for."""
    rows = Facility.objects.for_state(state)
    shown = list(rows.filter(insurance__contains=[insurance]) if insurance else rows)
    return [
        Offer(words, tuple(facility for facility in shown if words.care.value in facility.kinds))
        for words in words_for(kinds)
    ]


def search(*, need: str, state: str, insurance: str = "") -> list[Facility]:
    """The places in a state that give one kind of care and take an insurance ("": any), by name."""
    return list(Facility.objects.that_offer(need=need, state=state, insurance=insurance))
