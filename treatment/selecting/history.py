"""The history of an order: every step with its author, and of its parcels."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.audit.services import label_of
from treatment.models import Prescription, PrescriptionStatus, Shipment, ShipmentStatus


@dataclass(frozen=True)
class Step:
    """One move, in words."""

    at: datetime
    what: str
    who: str
    reason: str = ""


def history_of(prescription: Prescription, parcels: Iterable[Shipment]) -> list[Step]:
    """The steps of an order and of its parcels, oldest first; two queries."""
    names = {label_of(prescription): ""}
    for parcel in parcels:
        names[label_of(parcel)] = _("Shipment %(number)s") % {"number": parcel.number}
    moves = list(StatusChange.objects.filter(subject__in=names).order_by("at", "id"))
    people = _people({move.actor for move in moves})
    return [
        Step(
            at=move.at,
            what=": ".join(part for part in (names[move.subject], _label(move)) if part),
            who=people.get(move.actor, move.actor),
            reason=move.reason_code.replace("_", " "),
        )
        for move in moves
    ]


def _label(move: StatusChange) -> str:
    model = Shipment if move.subject.startswith(Shipment._meta.label_lower) else Prescription
    choices = ShipmentStatus if model is Shipment else PrescriptionStatus
    return str(choices(move.after).label)


def _people(actors: set[str]) -> dict[str, str]:
    """Accounts by their key; the practice's own work keeps its name."""
    keys = []
    for actor in actors:
        try:
            keys.append(UUID(actor))
        except ValueError:
            continue
    rows = User.objects.filter(pk__in=keys).select_related("patient", "clinician")
    return {str(row.pk): row.display_name for row in rows}
