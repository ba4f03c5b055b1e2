"""The cells of the figures in words for the page, and as plain numbers for a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from harmoniously.core.alerts.rules import Spread
from harmoniously.core.common import clock
from harmoniously.core.common.money import format_cents
from harmoniously.portal.figures.rules import LEAST_SHOWN, PerThousand, Rate, whole_percent
from telemedicine.reviews.wording import span


@dataclass(frozen=True)
class Hidden:
    """A number that could point to a person."""


@dataclass(frozen=True)
class Cents:
    """An amount of money."""

    cents: int


Cell = int | str | Rate | PerThousand | Spread | Cents | Hidden | None
# What a file says of a cell: which of its numbers, the number, of how many, the rate, and from where to where.
Plain = tuple[str, object, object, object, object, object]


def how_long(age: timedelta) -> str:
    """A time as it is said: "under a minute", "12 minutes", "3 hours"."""
    if age < timedelta(minutes=1):
        return _("under a minute")
    until = clock.wall()
    return span(until - age, until)


def briefly(age: timedelta) -> str:
    """A time for a narrow column: "6 min", "11 h", "3 days"; never less than it was."""
    minutes = -(-age // timedelta(minutes=1))
    if minutes < 120:
        return _("%(number)s min") % {"number": minutes}
    if minutes < 2 * 24 * 60:
        return _("%(number)s h") % {"number": -(-minutes // 60)}
    return _("%(number)s days") % {"number": -(-minutes // (24 * 60))}


def said(cell: Cell) -> str:
    """A cell in words."""
    match cell:
        case None:
            return "–"
        case Rate():
            return _rate(cell)
        case PerThousand():
            return _per_thousand(cell)
        case Spread():
            return " / ".join(briefly(wait) for wait in (cell.median, cell.ninth, cell.worst))
        case Cents():
            return format_cents(cell.cents)
        case Hidden():
            return _("not shown")
        case int():
            return f"{cell:,}"
    return cell


def _rate(rate: Rate) -> str:
    of = {"part": f"{rate.part:,}", "whole": f"{rate.whole:,}"}
    if not rate.enough:
        return _("%(part)s of %(whole)s: too few for a rate") % of if rate.whole else _("none yet")
    low, high = rate.interval
    numbers = {"low": whole_percent(low), "high": whole_percent(high), "rate": whole_percent(rate.percent)}
    return _("%(rate)s %% (%(low)s to %(high)s), %(part)s of %(whole)s") % {**of, **numbers}


def _per_thousand(found: PerThousand) -> str:
    if not found.enough:
        return _("%(events)s: too few sessions for a rate") % {"events": f"{found.events:,}"}
    low, high = (f"{end:.1f}" for end in found.interval)
    numbers = {"rate": f"{found.rate:.1f}", "low": low, "high": high, "events": f"{found.events:,}"}
    return _("%(rate)s (%(low)s to %(high)s), %(events)s in all") % numbers


def plain(cell: Cell) -> Iterator[Plain]:
    """The same for a file: numbers stay numbers, and what is not shown on the page is not in the file."""
    match cell:
        case Rate() if cell.enough:
            low, high = cell.interval
            yield "", cell.part, cell.whole, round(cell.percent, 1), round(low, 1), round(high, 1)
        case Rate():
            yield "", cell.part, cell.whole, None, None, None
        case PerThousand() if cell.enough:
            low, high = cell.interval
            yield "", cell.events, cell.sessions, round(cell.rate, 2), round(low, 2), round(high, 2)
        case PerThousand():
            yield "", cell.events, cell.sessions, None, None, None
        case Spread():
            names = (_("median, hours"), _("9 of 10, hours"), _("longest, hours"))
            for name, wait in zip(names, (cell.median, cell.ninth, cell.worst), strict=True):
                yield name, round(wait.total_seconds() / 3600, 2), None, None, None, None
        case Cents():
            yield "USD", cell.cents / 100, None, None, None, None
        case Hidden():
            yield "", _("not shown"), None, None, None, None
        case _:
            yield "", cell, None, None, None, None


def counted(number: int, back: bool) -> int | Hidden:
    """A number, unless it could point to a person."""
    return Hidden() if back else number


def least_words() -> str:
    """What "not shown" means."""
    return _(
        "“Not shown” stands where a group has fewer than %(least)s people, or where such a group could be worked out "
        "from the others: a small number could point to a person."
    ) % {"least": LEAST_SHOWN}
