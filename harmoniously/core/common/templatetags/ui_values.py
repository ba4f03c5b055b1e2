"""The filters of `{% load ui %}`: moments, days, amounts, numbers and zones as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import template
from django.utils.formats import date_format

from harmoniously.core.common import clock, money, phones

register = template.Library()


@register.filter
def in_zone(at: datetime | None, zone: str) -> str:
    """`Tuesday 3 March, 4:30 pm Eastern (EST)` in the IANA zone, or an empty string when there is no moment."""
    return clock.describe(at, zone) if at and zone else ""


@register.filter
def day_in_zone(at: datetime | None, zone: str) -> str:
    """`Tuesday 3 March` as it is in the zone."""
    return day(clock.local(at, zone)) if at and zone else ""


@register.filter
def time_in_zone(at: datetime | None, zone: str) -> str:
    """`4:30 pm` as it is in the zone."""
    return clock.hour_words(at, zone) if at and zone else ""


@register.filter
def on_wall(value: time) -> str:
    """`4:30 pm`, whatever the place."""
    return clock.wall_words(value)


@register.filter
def minutes(span: timedelta) -> str:
    """A span in minutes, with one decimal below ten."""
    value = span.total_seconds() / 60
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


@register.filter
def day(value: date | None) -> str:
    """`Tuesday 3 March` for a date."""
    return clock.date_words(value) if value else ""


@register.filter
def long_day(value: date | None) -> str:
    """`3 March 1985` for a date."""
    return clock.long_date_words(value) if value else ""


@register.filter
def short_day(at: datetime | None, zone: str) -> str:
    """`3 Mar` as it is in the zone."""
    return date_format(clock.local(at, zone), "j M") if at and zone else ""


@register.filter
def short_date(at: datetime | None, zone: str) -> str:
    """`3 Mar 2026` as it is in the zone."""
    return date_format(clock.local(at, zone), "j M Y") if at and zone else ""


@register.filter
def cents(amount: int | None) -> str:
    """An amount in cents as dollars: 14900 is `$149.00`."""
    return "" if amount is None else money.format_cents(amount)


@register.filter
def dollars(amount: int | None) -> str:
    """A price in cents without the cents when there are none: 14900 is `$149`."""
    return cents(amount).removesuffix(".00")


@register.filter
def initials(name: str) -> str:
    """At most two letters for an avatar: `Mary Ann Lee` is `ML`."""
    words = str(name).split()
    if not words:
        return "?"
    letters = words[0][0] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


@register.filter
def dialled(number: str) -> str:
    """A telephone number as a `tel:` link wants it: `+1 555 010 0199` is `+15550100199`; an extension is left out."""
    spoken = re.split(r"[a-zA-Z,;#]", str(number or ""), maxsplit=1)[0]
    digits = re.sub(r"\D", "", spoken)
    return f"+{digits}" if spoken.strip().startswith("+") else digits


@register.filter
def phone_words(number: str) -> str:
    """A stored telephone number as it is read out: `+15550100199` is `(555) 010-0199`."""
    return phones.in_words(str(number or ""))


@register.filter
def unbroken(words: str) -> str:
    """The words without a place where a line may end: `8:00 pm` stays together."""
    return words.replace(" ", "\u00a0")


@register.filter
def zone_place(zone: str) -> str:
    """`Pacific (Los Angeles)` for an IANA zone."""
    return clock.zone_place(zone)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """A key of a mapping that is only known in the template."""
    return mapping.get(key, "")


@register.filter
def split(words: str) -> list[str]:
    """Words set apart by spaces, for a short list in a template."""
    return words.split()
