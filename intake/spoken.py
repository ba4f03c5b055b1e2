"""The sentences of findings in the reader's language.

The rules are plain Python and speak English, and a decision keeps what it said. So a finding is translated when it is
shown: each of its sentences stands in the catalogue, whole or with places for a name or a number. Where one sentence is
unknown the whole finding stays in English and says so, because half a sentence about safety is worse than none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext

from harmoniously.core.accounts import languages

BREAK = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")
SLOT = re.compile(r"%\((\w+)\)s")
LONGEST = 4  # how many pieces one sentence may have been cut into, by the points in a name


@dataclass(frozen=True, slots=True)
class Told:
    """A text and the language that it is in."""

    text: str
    language: str


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return BREAK.split(text.strip())


def told(text: str) -> Told:
    """A finding's text for the reader: in their language, or in English where that cannot be said whole."""
    language = languages.current()
    if language == languages.ENGLISH:
        return Told(text, language)
    said = _spoken(sentences(text))
    return Told(" ".join(said), language) if said is not None else Told(text, languages.ENGLISH)


def _spoken(pieces: Sequence[str]) -> list[str] | None:
    if not pieces:
        return []
    for size in range(1, min(LONGEST, len(pieces)) + 1):
        said = _sentence(" ".join(pieces[:size]))
        rest = _spoken(pieces[size:]) if said is not None else None
        if said is not None and rest is not None:
            return [said, *rest]
    return None


def _known(text: str) -> str | None:
    said = gettext(text)
    return said if said != text else None


def _sentence(text: str) -> str | None:
    whole = _known(text)
    if whole is not None:
        return whole
    for pattern, shape in _shapes():
        found = pattern.fullmatch(text)
        if found is not None:
            return gettext(shape) % {name: _filled(name, value) for name, value in found.groupdict().items()}
    return None


def _filled(name: str, value: str) -> str:
    if name == "names":
        return gettext(" or ").join(value.split(" or "))
    return gettext(value)


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(shape), shape) for shape in SHAPES if SLOT.search(shape))


def _pattern(shape: str) -> re.Pattern[str]:
    parts = SLOT.split(shape)
    return re.compile("".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


def group(texts: Mapping[str, Sequence[str]]) -> dict[str, list[Told]]:
    """Every text of every group for the reader."""
    return {name: [told(text) for text in found] for name, found in texts.items()}


# What the rules say beside the policy's own texts, sentence by sentence.
SHAPES: tuple[str, ...] = ()
