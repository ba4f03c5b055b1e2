"""What changed between two versions of a patient's answers, and between what the rules made of each. Pure.

Answers are compared question by question under stable keys (page, entry, question), so that a medicine that moved up in
a list did not change, and one that was taken off is said to be gone, whatever came after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harmoniously.core.questions.said import Entry, Question, Shown, Transcript

Finding = Mapping[str, Any]
# The signature page is signed anew with every version; what was signed stands under the consents.
SIGNATURE = "consent"


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One question, or one whole entry of a list, that does not read as it did."""

    kind: Kind
    page: str
    entry: str
    question: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One finding that came, went, or says something else."""

    kind: Kind
    before: Finding | None = None
    after: Finding | None = None


def answers_changed(old: Transcript, new: Transcript) -> list[AnswerChange]:
    """Every difference, in the order of the newer version; what only the older has comes after."""
    before = {page.key: page for page in old.pages if page.used and page.key != SIGNATURE}
    after = {page.key: page for page in new.pages if page.used and page.key != SIGNATURE}
    found: list[AnswerChange] = []
    for key, page in after.items():
        found += _page(before.get(key), page)
    found += [change for key, page in before.items() if key not in after for change in _page(page, None)]
    # A page that came and was left empty says nothing new.
    return [change for change in found if change.before or change.after]


def _page(old: Shown | None, new: Shown | None) -> list[AnswerChange]:
    """A page that was not there before, or is not any more, is one change with all its answers."""
    if old is None:
        return [AnswerChange(Kind.ADDED, new.name, "", "", after=_all(new))] if new else []
    if new is None:
        return [AnswerChange(Kind.REMOVED, old.name, "", "", before=_all(old))]
    before = {entry.key: entry for entry in old.entries}
    after = {entry.key: entry for entry in new.entries}
    found: list[AnswerChange] = []
    for key in [*after, *(key for key in before if key not in after)]:
        found += _entry(new.name, before.get(key), after.get(key))
    return found


def _all(page: Shown) -> tuple[str, ...]:
    return tuple(line for entry in page.entries for line in _lines(entry))


def _entry(page: str, old: Entry | None, new: Entry | None) -> list[AnswerChange]:
    """An entry of a list that came or went is one change with all its answers; else question by question."""
    if old is None or new is None:
        if new is not None:
            return [AnswerChange(Kind.ADDED, page, new.title, "", after=_lines(new))]
        return [AnswerChange(Kind.REMOVED, page, old.title, "", before=_lines(old))] if old else []
    before = {one.key: one for one in old.questions}
    after = {one.key: one for one in new.questions}
    keys = [*after, *(key for key in before if key not in after)]
    changes = (_question(page, new.title, before.get(key), after.get(key)) for key in keys)
    return [change for change in changes if change is not None]


def _lines(entry: Entry) -> tuple[str, ...]:
    return tuple(_said(one) for one in entry.questions if one.answered)


def _said(one: Question) -> str:
    # An item of an instrument reads by its points: twenty sentences would hide what else changed.
    return str(one.points) if one.points is not None else f"{one.wording} {'; '.join(one.answer)}"


def _question(page: str, entry: str, old: Question | None, new: Question | None) -> AnswerChange | None:
    before = old.answer if old and old.answered else ()
    after = new.answer if new and new.answered else ()
    if before == after:
        return None
    one = new or old
    kind = Kind.CHANGED if before and after else Kind.ADDED if after else Kind.REMOVED
    return AnswerChange(kind, page, entry, one.wording if one else "", before, after)


def findings_changed(old: Iterable[Finding], new: Sequence[Finding]) -> list[FindingChange]:
    """Findings that came or changed, in their present order, then those that went.

    The same code about the same thing with other facts or in another tier has changed; anything else came or went.
    """
    left: dict[str, list[Finding]] = {}
    for one in old:
        left.setdefault(_subject(one), []).append(one)
    fresh = []
    for one in new:
        same = left.get(_subject(one), [])
        if any(_equal(one, other) for other in same):
            same[:] = [other for other in same if not _equal(one, other)]
        else:
            fresh.append(one)
    found = []
    for one in fresh:
        same = left.get(_subject(one), [])
        before = same.pop(0) if same else None
        found.append(FindingChange(Kind.CHANGED if before else Kind.ADDED, before, one))
    return found + [FindingChange(Kind.REMOVED, before=one) for rows in left.values() for one in rows]


def _subject(finding: Finding) -> str:
    # Two medicines of one kind are two findings about one ingredient: the name that was typed tells them apart.
    return json.dumps([finding["code"], finding["about"], finding["facts"].get("medicine")], default=str)


def _equal(one: Finding, other: Finding) -> bool:
    return bool(one["tier"] == other["tier"] and one["facts"] == other["facts"])
