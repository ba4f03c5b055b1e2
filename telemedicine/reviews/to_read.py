"""What waits beside the cases: what the own patients told or what became of their medicine, and a colleague's draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from telemedicine.refills import selectors as refills
from telemedicine.reviews.wording import Tagged, span
from treatment import words
from treatment.check_in_words import flag_words
from treatment.models import CheckIn, Prescription, SupplyFlag
from treatment.rules.checkin import STOP_CODES
from treatment.selecting.check_ins import check_ins_to_read
from treatment.selecting.ledger import flags_to_read
from treatment.selecting.second import may_sign_off

MOST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line: whose it is, what it is and why, and where it is read."""

    patient: Patient
    weight: Tagged
    what: str
    why: str
    when: str
    url: str


def waiting(user: User, now: datetime) -> dict[str, QuerySet[Any]]:
    """Everything that is counted as waiting beside the cases."""
    return {
        "check_ins": check_ins_to_read(user, now),
        "flags": flags_to_read(user, now),
        "drafts": may_sign_off(user, now),
        "refills": refills.queue(user, now),
        "renewals": refills.renewals(user, now),
    }


def kinds(user: User, now: datetime) -> set[str]:
    """Which of them there are, in one query: mostly there are few."""
    found = waiting(user, now).items()
    first, *others = (rows.order_by().annotate(kind_of=Value(kind)).values_list("kind_of") for kind, rows in found)
    return {kind for (kind,) in first.union(*others)}


def rows(user: User, now: datetime, present: set[str]) -> tuple[list[Row], int]:
    """What stops a treatment first, then what else has to be read, and how many more wait.

    A query for each kind that is present, and one more for one of which not all are shown.
    """
    stops, reads = Tagged("danger", _("Stops sessions")), Tagged("caution", _("To read"))

    def told(row: CheckIn) -> Row:
        weight = stops if any(flag["code"] in STOP_CODES for flag in row.flags) else reads
        url, why = reverse("admin:check_in", args=[row.pk]), "; ".join(flag_words(row))
        return Row(row.patient, weight, row.get_kind_display(), why, span(row.flagged_at or now, now), url)

    def counted(row: SupplyFlag) -> Row:
        url, why = (
            reverse("admin:supply_ledger", args=[row.patient_id]),
            words.stored_text(row.code, row.facts, for_staff=True),
        )
        return Row(row.patient, stops, _("Medicine at home"), why, span(row.raised_at, now), url)

    def asked(row: Prescription) -> Row:
        why = _("%(who)s asks a second prescriber to agree with the dose.") % {"who": row.prescriber}
        url = reverse("admin:prescription_detail", args=[row.pk])
        return Row(row.patient, reads, _("Draft of an order"), why, span(row.created_at, now), url)

    made: dict[str, Callable[[Any], Row]] = {"check_ins": told, "flags": counted, "drafts": asked}
    there = waiting(user, now)
    found, more = [], 0
    for kind in (kind for kind in made if kind in present):
        listed = [made[kind](row) for row in there[kind][:MOST]]
        more += there[kind].count() - MOST if len(listed) == MOST else 0
        found += listed
    return sorted(found, key=lambda row: row.weight is not stops), more
