"""From one line of the queue to the next and to the one before, in its own order, without reading the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.common import compiled
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work import sources
from telemedicine.work.words import PAGES, address

PLACE = ("rung", "risk", "since", "key")
COLUMNS = ("what", "whose", *PLACE)
# The place of each line is found once; one row leaves the database. Whoever does not stand in the queue gets its first.
BEFORE = f"WITH line ({', '.join(COLUMNS)}) AS MATERIALIZED ("
BEHIND = """), here AS (
    SELECT {place} FROM line WHERE what = ANY(%s) AND (key = %s OR whose = %s) ORDER BY {place} LIMIT 1
)
SELECT what, whose, key, NOT EXISTS (SELECT FROM here) FROM line
WHERE NOT EXISTS (SELECT FROM here) OR ({place}) {beyond} (SELECT {place} FROM here)
ORDER BY {order} LIMIT 1"""
KEYS = (("j", _("next line of the queue")), ("k", _("the line before")))


@dataclass(frozen=True, slots=True)
class Walk:
    """The page of a line: of which kind it is and by which key it is found again."""

    kind: Kind
    key: str

    @property
    def keys(self) -> tuple[tuple[str, Any], ...]:
        """What single keys do there (static/js/case.js)."""
        return KEYS

    @property
    def query(self) -> str:
        """How the page names its line to the two addresses that lead on."""
        return urlencode({"of": self.kind.value, "at": self.key})


def walk_of(page: str, kwargs: Mapping[str, Any], line: str) -> Walk | None:
    """Where somebody stands who opened a page by its name; None for a page that is no line's.

    `line` is the key of the line they came for, which a page of a patient does not name itself.
    """
    kind = next((kind for kind, name in PAGES.items() if name == page), None)
    key = kwargs.get("patient_id") or kwargs.get("pk")
    return None if kind is None or key is None else Walk(kind, line or str(key))


def neighbour(user: User, kind: Kind, at: UUID | None, step: int, now: datetime) -> str | None:
    """The page of the line before or behind one; the first line's for whoever does not stand there, None at the ends.

    `at` is the key of a line, or the patient of one whose page is the patient's.
    """
    place = ", ".join(PLACE)
    behind = BEHIND.format(
        place=place,
        beyond=">" if step > 0 else "<",
        order=place if step > 0 else ", ".join(f"{name} DESC" for name in PLACE),
    )
    same_page = [other.value for other in Kind if PAGES[other] == PAGES[kind]]
    found = compiled.rows(
        ("neighbour", step, *sources.shape(user)),
        lambda at: sources.unordered(user, at, COLUMNS),
        lambda at: sources.values(user, at),
        now,
        inside=(BEFORE, behind),
        more=(same_page, at, at),
    )
    if not found:
        return None
    what, patient, key, stranger = found[0]
    return neighbour(user, kind, at, 1, now) if stranger and step < 0 else address(Kind(what), patient, key)
