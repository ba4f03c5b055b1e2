"""What of the set-up needs somebody, beside the way to it. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import ngettext

from harmoniously.core.accounts.licences import Standing
from harmoniously.core.accounts.models import Licence, User
from harmoniously.portal.practice import licences, states


@dataclass(frozen=True, slots=True)
class Mark:
    """A few words beside an entry, and how urgent they are."""

    words: str
    tone: str


def marks(now: datetime) -> dict[str, list[Mark]]:
    """By the part of the set-up: what is wrong there, or will be. Six queries."""
    rows = states.states(now)
    uncovered, off = sum(row.uncovered for row in rows), sum(not row.is_open for row in rows)
    expired, ending = _licences(now)
    without = User.objects.filter(is_staff=True, is_active=True, authenticator__isnull=True).count()
    found = {
        "accounts": [(ngettext("%s without a second step", "%s without a second step", without), without, "caution")],
        "licences": [
            (ngettext("%s has expired", "%s have expired", expired), expired, "danger"),
            (ngettext("%s ends within 60 days", "%s end within 60 days", ending), ending, "caution"),
        ],
        "states": [
            (ngettext("%s visit without a licence", "%s visits without a licence", uncovered), uncovered, "danger"),
            (ngettext("%s switched off", "%s switched off", off), off, "neutral"),
        ],
    }
    return {key: [Mark(words % number, tone) for words, number, tone in all_ if number] for key, all_ in found.items()}


def _licences(now: datetime) -> tuple[int, int]:
    """How many of those who work here have expired, and how many end soon."""
    ends = licences.stands(now, Standing.ENDS, Standing.ENDS_SOON, Standing.ENDS_NOW)
    counted = Licence.objects.filter(clinician__user__is_active=True).aggregate(
        expired=Count("pk", filter=licences.stands(now, Standing.EXPIRED)), ending=Count("pk", filter=ends)
    )
    return counted["expired"], counted["ending"]
