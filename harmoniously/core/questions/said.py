"""A transcript as data: pages, entries, questions in their full wording, answers word for word. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was worded. ``not_chosen`` are the other boxes of a list of boxes: an empty box is said too;
    ``points`` what the answer to an item of an instrument scores; ``optional``: it may be left empty.
    """

    key: str
    wording: str
    answer: tuple[str, ...]
    answered: bool = True
    not_chosen: tuple[str, ...] = ()
    points: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """The questions of a page; a list page has one for each thing that was entered."""

    key: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page. ``used`` is false for answers to a page that another answer closed again: they decided nothing.

    ``name`` is its title, but for an instrument what clinicians call it: its title is half a page of instructions.
    """

    key: str
    section: str
    title: str
    name: str
    entries: tuple[Entry, ...]
    left_open: bool = False
    used: bool = True


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything, in the order in which it was asked, in the language in which it was read."""

    language: str
    version: str
    pages: tuple[Shown, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON; ``from_json`` gives the same transcript back."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """A transcript that was kept."""
        pages = tuple(Shown(**{**page, "entries": _entries(page["entries"])}) for page in kept["pages"])
        return cls(kept["language"], kept["version"], pages)


def _entries(kept: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(row["key"], row["title"], tuple(_question(one) for one in row["questions"])) for row in kept)


def _question(kept: Mapping[str, Any]) -> Question:
    return Question(**{**kept, "answer": tuple(kept["answer"]), "not_chosen": tuple(kept["not_chosen"])})
