"""Long queries that are put together once for a process, and only filled in afterwards.

Django takes tens of milliseconds to put a query of many parts together, more than the database takes to answer it. What
changes from one request to the next are a few values: who asks, and the moments that follow from now. They are named
(`Values`); each value of the query that is a moment, a day or a key must be one of them, else nothing is kept and the
query is put together anew: a query that is kept never answers for somebody else, or for another time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Values = Mapping[str, datetime | date | UUID]
# Nobody asks at such a moment: two values that are the same by chance at noon are not the same here.
ODD = 736_129


@dataclass(frozen=True, slots=True)
class Kept:
    """The text of a query with what stands in its places: a value, or the name of one."""

    sql: str
    places: tuple[tuple[str, Any], ...]

    def run(self, values: Values, inside: tuple[str, str], more: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows, with these values in the places that have a name."""
        before, behind = inside
        with connection.cursor() as cursor:
            given = [values[name] if name else value for name, value in self.places]
            cursor.execute(before + self.sql + behind, [*given, *more])
            return list(cursor.fetchall())


_kept: dict[Hashable, Kept | None] = {}


def rows(
    key: Hashable,
    build: Callable[[datetime], QuerySet[Any, Any]],
    values: Callable[[datetime], Values],
    now: datetime,
    *,
    inside: tuple[str, str] = ("", ""),
    more: Sequence[Any] = (),
) -> list[tuple[Any, ...]]:
    """The rows of a query, as tuples in the order of its columns.

    `key` says everything that its text depends on beside the values; `build` and `values` make both for a moment.
    A query that asks the rows of this one stands around it: `inside` is what comes before and behind, `more` what
    stands in the places behind.
    """
    if key not in _kept:
        _kept[key] = _keep(build, values, now.replace(microsecond=ODD))
    known = _kept[key]
    return known.run(values(now), inside, more) if known is not None else _anew(build(now), inside, more)


def _keep(
    build: Callable[[datetime], QuerySet[Any, Any]], values: Callable[[datetime], Values], now: datetime
) -> Kept | None:
    names = {(type(value), value): name for name, value in values(now).items()}
    try:
        sql, parameters = build(now).query.sql_with_params()
    except EmptyResultSet:
        return None
    places = [(names.get((type(one), one), ""), one) for one in parameters]
    loose = [one for name, one in places if not name and isinstance(one, (datetime, date, UUID))]
    if loose or len(names) != len(values(now)):
        return None
    return Kept(sql, tuple((name, None if name else one) for name, one in places))


def _anew(query: QuerySet[Any, Any], inside: tuple[str, str], more: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        sql, parameters = query.query.sql_with_params()
    except EmptyResultSet:
        return []
    return Kept(sql, tuple(("", one) for one in parameters)).run({}, inside, more)
