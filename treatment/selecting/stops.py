"""Whose treatment stands still: what the gate, an order and a parcel ask of one patient, and of many (policy 4, 9)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from treatment.models import CheckIn, SupplyFlag
from treatment.selecting.adverse import may_stop
from treatment.selecting.check_ins import UNREAD, sign_to_review, signs_since


def marks(patient: str = "patient") -> dict[str, Exists]:
    """Annotations of a row with what may stop its patient, for `stops_on`; `patient` is the row's column of the key."""
    own = {"patient": OuterRef(patient)}
    return {
        "safety_held": Exists(SafetyHold.objects.filter(**own, cleared_at__isnull=True)),
        "case_held": Exists(case_holds().filter(**own)),
        "supply_unread": Exists(SupplyFlag.objects.filter(**own, read_at__isnull=True)),
        "flags_unread": Exists(CheckIn.objects.filter(UNREAD, **own)),
        "events_open": Exists(may_stop().filter(**own)),
    }


def stops_on(row: Any, patient: Patient) -> frozenset[str]:
    """Of "safety_hold", "case_hold", "sign_to_review", "supply_to_review", from a row with `marks`.

    No query more for the many of whom there is nothing to read.
    """
    found = {
        "safety_hold": row.safety_held,
        "case_hold": row.case_held,
        "sign_to_review": sign_to_review(patient, flags=row.flags_unread, events=row.events_open),
        "supply_to_review": row.supply_unread,
    }
    return frozenset(name for name, stands in found.items() if stands)


def stops_of(patient: Patient) -> frozenset[str]:
    """The same, read now: for the gate, the start and a shipment, under their lock."""
    return stops_on(Patient.objects.only("pk").annotate(**marks("pk")).get(pk=patient.pk), patient)


def stopped_since(patients: Collection[UUID]) -> dict[UUID, datetime]:
    """Those of these patients for whom nothing may be sent or taken now, with the moment of the newest reason.

    A safety hold, a case hold, a sign in a check-in or an adverse event, or units that a prescriber has to read about.
    Five queries at most, however many patients.
    """
    own = {"patient__in": patients}
    found = [
        *SafetyHold.objects.filter(**own, cleared_at__isnull=True).values_list("patient", "opened_at"),
        *case_holds().filter(**own).values_list("patient", "opened_at"),
        *SupplyFlag.objects.filter(**own, read_at__isnull=True).values_list("patient", "raised_at"),
        *signs_since(patients),
    ]
    # The newest of a patient comes last.
    return dict(sorted(found, key=lambda one: one[1]))
