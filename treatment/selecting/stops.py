"""Whose treatment stands still: what the gate, an order and a parcel ask of one patient, and of many (policy 4, 9)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from harmoniously.core.common.columns import as_column
from harmoniously.core.common.encryption import Sealed
from treatment import policy as policies
from treatment.models import AdverseEvent, CheckIn, DoseSession, SessionStatus, SupplyFlag
from treatment.selecting.adverse import may_stop, stopping
from treatment.selecting.check_ins import UNREAD, signs_since, stops_by


def release_limit() -> timedelta:
    """How long a session runs at most before its sitter releases (policy 9)."""
    return timedelta(minutes=policies.load().session.no_release_minutes)


def unreleased_by(now: datetime) -> QuerySet[DoseSession]:
    """Sessions that still run although their sitter should have released by now."""
    return DoseSession.objects.filter(status=SessionStatus.STARTED, started_at__lte=now - release_limit()).order_by()


def marks(now: datetime, patient: str = "patient") -> dict[str, Exists | ArraySubquery]:
    """Annotations of a row with what may stop its patient, for `stops_on`; `patient` is the row's column of the key."""
    own = {"patient": OuterRef(patient)}
    return {
        "safety_held": Exists(SafetyHold.objects.filter(**own, cleared_at__isnull=True)),
        "case_held": Exists(case_holds().filter(**own)),
        "supply_unread": Exists(SupplyFlag.objects.filter(**own, read_at__isnull=True)),
        "release_missed": Exists(unreleased_by(now).filter(**own)),
        "flags_unread": as_column(CheckIn.objects.filter(UNREAD, **own), "id", "session", "flags"),
        "events_open": as_column(may_stop().filter(**own), "id", "status", "onset_at", "judgement", "last_word"),
    }


def stops_on(row: Any) -> frozenset[str]:
    """Of "safety_hold", "case_hold", "sign_to_review", "supply_to_review" and "unreleased_session".

    From a row with `marks`: no query more.
    """
    found = {
        "safety_hold": row.safety_held,
        "case_hold": row.case_held,
        "sign_to_review": _signs(row),
        "supply_to_review": row.supply_unread,
        "unreleased_session": row.release_missed,
    }
    return frozenset(name for name, stands in found.items() if stands)


def _signs(row: Any) -> bool:
    """Whether a check-in or an adverse event tells of something that stops the treatment, for a prescriber to read.

    The one answer for the gate, the start, an order, a shipment, a refill and a proposal of the next dose. What is
    sealed opens only as part of its own row.
    """
    unread = [CheckIn(pk=item["id"], flags=Sealed(item["flags"])) for item in row.flags_unread]
    return stops_by(unread) or bool(stopping(_event(item) for item in row.events_open))


def _event(item: dict[str, Any]) -> AdverseEvent:
    event = AdverseEvent(
        pk=item["id"],
        status=item["status"],
        onset_at=datetime.fromisoformat(item["onset_at"]),
        judgement=Sealed(item["judgement"]),
    )
    event.last_word = item["last_word"]  # type: ignore[attr-defined]  # as `may_stop` has it
    return event


def stops_of(patient: Patient, *, now: datetime) -> frozenset[str]:
    """The same, read now: for the gate, the start and a shipment, under their lock."""
    return stops_on(Patient.objects.only("pk").annotate(**marks(now, "pk")).get(pk=patient.pk))


def stopped_since(patients: Collection[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """Those of these patients for whom nothing may be sent or taken now, with the moment of the newest reason.

    A safety hold, a case hold, a sign in a check-in or an adverse event, units that a prescriber has to read about, or
    a session that its sitter did not release in time. Six queries at most, however many patients.
    """
    own = {"patient__in": patients}
    running = unreleased_by(now).filter(**own).values_list("patient", "started_at")
    found = [
        *SafetyHold.objects.filter(**own, cleared_at__isnull=True).values_list("patient", "opened_at"),
        *case_holds().filter(**own).values_list("patient", "opened_at"),
        *SupplyFlag.objects.filter(**own, read_at__isnull=True).values_list("patient", "raised_at"),
        *((pk, began + release_limit()) for pk, began in running if began is not None),
        *signs_since(patients),
    ]
    # The newest of a patient comes last.
    return dict(sorted(found, key=lambda one: one[1]))
