"""Whose treatment stands still: of many patients what the gate, an order and a parcel ask of one (policy 4 and 9)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from treatment.models import SupplyFlag
from treatment.selecting.check_ins import signs_since


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
