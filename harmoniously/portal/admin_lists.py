"""The lists of the staff site's tables: by year, month and day without asking the database for a zone; as a file."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.core.common.csv_export import BATCH

if TYPE_CHECKING:
    from harmoniously.portal.admin_bases import AuditedAdmin

FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Periods:
    """Where a list can be narrowed by time: one step back, and the years, months or days there are."""

    back: tuple[str, str] | None
    choices: list[tuple[str, str]]


class Listing(ChangeList):
    """Django's list with our way through time, and with the page that a row opens."""

    model_admin: AuditedAdmin

    def url_for_result(self, result: models.Model) -> str:
        return self.model_admin.page_of(result)

    def get_filters(self, request: HttpRequest) -> Any:
        """A month without its year, or a year that no calendar has, is refused like every other unknown filter.

        So is the one sign that no text in the database can hold.
        """
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise IncorrectLookupParameters("a sign that no column holds")
        self._asked_for()
        return super().get_filters(request)

    def _asked_for(self) -> list[int]:
        """The year, month and day in the address, as far as they are given."""
        given = [self.params.get(f"{self.date_hierarchy}__{part}") for part in ("year", "month", "day")]
        found = [value for value in given if value is not None] if self.date_hierarchy else []
        if None in given[: len(found)] and found:
            raise IncorrectLookupParameters("a month or day without what it belongs to")
        try:
            numbers = [int(value) for value in found]
            day = date(*numbers, *[1] * (3 - len(numbers))) if numbers else None
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise IncorrectLookupParameters("no such year")
        return numbers

    def periods(self) -> Periods | None:
        """The links for narrowing by time; one query for the first and the last row of what is listed."""
        if not self.date_hierarchy:
            return None
        asked, field = self._asked_for(), self.date_hierarchy
        found = self.queryset.order_by().aggregate(first=models.Min(field), last=models.Max(field))
        return Periods(self._back(asked), [self._link(part) for part in _parts(asked, _span(found))])

    def _back(self, asked: list[int]) -> tuple[str, str] | None:
        if not asked:
            return None
        url, _title = self._link(asked[:-1])
        return url, [_("All dates"), str(asked[0]), _month(asked)][len(asked) - 1]

    def _link(self, parts: list[int]) -> tuple[str, str]:
        names = dict(zip(("year", "month", "day"), parts, strict=False))
        url = self.get_query_string(
            {f"{self.date_hierarchy}__{name}": str(value) for name, value in names.items()},
            [f"{self.date_hierarchy}__"],
        )
        return url, ["", str(parts[0]) if parts else "", _month(parts), str(parts[-1]) if parts else ""][len(parts)]


def _month(parts: list[int]) -> str:
    return clock.month_words(date(parts[0], parts[1], 1)) if len(parts) > 1 else ""


def _span(found: dict[str, Any]) -> tuple[date, date] | None:
    """The first and the last day; moments count by their day in UTC."""
    days = [clock.today("UTC", at) if hasattr(at, "tzinfo") else at for at in (found["first"], found["last"]) if at]
    return (days[0], days[1]) if days else None


def _parts(asked: list[int], span: tuple[date, date] | None) -> Iterator[list[int]]:
    """The years, the months of the year, or the days of the month, from the first row to the last."""
    if span is None or len(asked) == 3:
        return
    place = len(asked)
    first, last = (day.timetuple()[place] for day in span)
    for number in range(first, last + 1):
        if place < 2 or number <= calendar.monthrange(asked[0], asked[1])[1]:
            yield [*asked, number]


def as_table(listing: Listing) -> tuple[list[str], Iterator[list[object]]]:
    """The heads and the rows of a list as it is narrowed, all of its pages; only the columns that the list shows."""
    admin, columns = listing.model_admin, listing.list_display
    heads = [str(label_for_field(name, admin.model, admin)) for name in columns]
    read = [_reader(str(name), admin) for name in columns]
    rows = listing.queryset[: listing.result_count].iterator(chunk_size=BATCH)
    return heads, ([value_of(row) for value_of in read] for row in rows)


def _reader(name: str, admin: AuditedAdmin) -> Callable[[Any], object]:
    """How a column is read from a row; found once and not for each of many thousand rows."""
    try:
        field: Any = admin.opts.get_field(name)
    except FieldDoesNotExist:
        own: Callable[[Any], object] = getattr(admin, name)
        return own
    words = dict(field.flatchoices)
    if not words:
        return attrgetter(name)
    return lambda row: words.get(getattr(row, name), getattr(row, name))
