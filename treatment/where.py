"""Where the medicine is, in the patient's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from treatment.models import Prescription, PrescriptionStatus, Shipment, ShipmentStatus


@dataclass(frozen=True)
class Place:
    """Where one parcel, or the order itself, is; `tracking` only while it is on its way."""

    title: str
    text: str
    tracking: str = ""


def where_is(prescription: Prescription, shipments: Sequence[Shipment], zone: str) -> list[Place]:
    """What the patient reads about an order: where it stands, what is coming, and what came last."""
    order = _order(prescription)
    known = [] if prescription.status == PrescriptionStatus.SIGNED else sorted(shipments, key=lambda row: -row.number)
    arrived = [row for row in known if row.status == ShipmentStatus.DELIVERED]
    parcels = [_parcel(row, zone) for row in known if row not in arrived[1:]]
    return [order, *parcels] if order else parcels


def _order(prescription: Prescription) -> Place | None:
    """What is to be said of the order before or beside its parcels; None while they say everything."""
    match prescription.status:
        case PrescriptionStatus.SIGNED:
            return Place(
                _("Signed by your prescriber"),
                _("Your clinic gives the order to the pharmacy next. You need to do nothing."),
            )
        case PrescriptionStatus.PAUSED:
            return Place(
                _("Your treatment is paused"),
                _("Take no dose, and keep the medicine locked away. You hear from us when it goes on."),
            )
        case PrescriptionStatus.STOPPED | PrescriptionStatus.CANCELLED:
            return Place(
                _("This prescription has ended"),
                _("Take no more of it. Keep what is left locked away, and ask us how to give it back."),
            )
        case PrescriptionStatus.REPLACED:
            return Place(
                _("A newer prescription has taken its place"),
                _("Take no more of this one. Keep what is left locked away, and ask us how to give it back."),
            )
        case _:
            return None


def _parcel(row: Shipment, zone: str) -> Place:
    match row.status:
        case ShipmentStatus.ORDERED:
            return Place(_("At the pharmacy"), _("The pharmacy has your order and prepares it."))
        case ShipmentStatus.FILLED:
            return Place(_("Ready at the pharmacy"), _("It is prepared and goes to the carrier next."))
        case ShipmentStatus.SHIPPED:
            text = _("It left the pharmacy with %(carrier)s. Somebody has to sign for it.") % {"carrier": row.carrier}
            return Place(_("On its way to you"), text, row.tracking or "")
        case ShipmentStatus.LOST:
            return Place(
                _("It got lost on the way"), _("The carrier cannot find it. Your prescriber knows and contacts you.")
            )
        case ShipmentStatus.RETURNED:
            return Place(
                _("It went back to the pharmacy"),
                _("It could not be handed over to you. Your prescriber knows and contacts you."),
            )
        case ShipmentStatus.CANCELLED:
            return Place(_("Called off"), _("This parcel does not come. If it does, leave it closed and call us."))
        case _:
            when = clock.describe(row.delivered_at, zone) if row.delivered_at else ""
            text = _("It arrived %(when)s and was received by %(who)s.") % {"when": when, "who": row.received_by or "?"}
            return Place(_("With you"), text)
