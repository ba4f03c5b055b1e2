"""One page of the queue and how much stands in each part of it: every line is placed once for both, in one query."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harmoniously.core.accounts.models import User
from harmoniously.core.common import compiled
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.rules.triage import CASES, Kind, Urgency
from telemedicine.work import sources
from telemedicine.work.sources import COLUMNS


@dataclass(frozen=True, slots=True)
class Show:
    """One part of the queue: everything, what is in the own hands or in nobody's, what the patient has, or one kind."""

    name: str = "all"

    @property
    def kind(self) -> Kind | None:
        """The kind, when the part is one."""
        return Kind(self.name) if self.name in set(Kind) else None


# The parts beside the kinds, each with what is asked of a line that stands in it.
PARTS = {"all": "TRUE", "mine": "holder = %(own)s", "free": "holder IS NULL", "patient": "rung = %(turn)s"}


def show_of(name: str | None) -> Show:
    """The part that an address names; everything for any other word."""
    return Show(name) if name and name in {*PARTS, *Kind} else Show()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits: of each part of the queue, by its name. Everything is `all`."""

    parts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Everything."""
        return self.parts["all"]

    def of(self, show: Show) -> int:
        """Of one part."""
        return self.parts.get(show.name, 0)


@dataclass(frozen=True, slots=True)
class Read:
    """Some lines of one part, and what every part holds."""

    rows: list[dict[str, Any]]
    counts: Counts


# The names of COLUMNS, and the tests of PARTS, are written out: this is one text for everybody.
BEFORE = "WITH line (what, key, whose, rung, risk, since, holder, fact, arrived) AS MATERIALIZED ("
BEHIND = """), counted AS (
    SELECT what, arrived, count(*) AS "all", count(*) FILTER (WHERE holder = %(own)s) AS mine,
        count(*) FILTER (WHERE holder IS NULL) AS free, count(*) FILTER (WHERE rung = %(turn)s) AS patient
    FROM line GROUP BY what, arrived
), page AS (
    SELECT what, key, whose, rung, risk, since, holder, fact FROM line
    WHERE {part} ORDER BY rung, risk, since, key LIMIT %(length)s OFFSET %(first)s
)
SELECT (SELECT json_agg(counted) FROM counted), page.*
FROM (SELECT) AS always LEFT JOIN page ON TRUE ORDER BY rung, risk, since, key"""
NAMED = re.compile(r"%\((\w+)\)s")


def read(user: User, now: datetime, show: Show, first: int, last: int) -> Read:
    """The lines from `first` on and before `last`, the most urgent first, with the counts."""
    clinician = reviews.clinician_of(user)
    given = {
        "own": clinician.pk if clinician else None,
        "turn": Urgency.WITH_PATIENT.value,
        "kind": Kind.APPLICATION.value if show.kind in CASES else show.name,
        "length": last - first,
        "first": first,
    }
    behind = BEHIND.format(part=_asked_of(show))
    found = compiled.rows(
        ("queue", *sources.shape(user)),
        lambda at: sources.unordered(user, at, (*COLUMNS, "arrived")),
        lambda at: sources.values(user, at),
        now,
        inside=(BEFORE, NAMED.sub("%s", behind)),
        more=[given[name] for name in NAMED.findall(behind)],
    )
    rows = [dict(zip(COLUMNS, row[1:], strict=True)) for row in found if row[1] is not None]
    return Read(rows, _counts(found[0][0] if found else None))


def _asked_of(show: Show) -> str:
    """What is asked of the lines of a part; an application about which something arrived is a kind of its own."""
    if show.kind is None:
        return PARTS[show.name]
    of_kind = "what = %(kind)s"
    return f"{of_kind} AND arrived = {show.kind is Kind.INFORMATION}" if show.kind in CASES else of_kind


def _counts(known: Any) -> Counts:
    found: dict[str, int] = dict.fromkeys(PARTS, 0)
    for line in (json.loads(known) if isinstance(known, str) else known) or []:
        found[Kind.INFORMATION if line["arrived"] else line["what"]] = line["all"]
        for name in PARTS:
            found[name] += line[name]
    return Counts(found)
