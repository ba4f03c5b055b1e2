"""What becomes of a parcel: filled, on its way, delivered, lost, called off. The order moves along with its first."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.audit.services import advance, label_of, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    DoseSession,
    Prescription,
    PrescriptionStatus,
    SessionStatus,
    Shipment,
    ShipmentStatus,
)
from treatment.rules import law
from treatment.rules.supply import check_shipment
from treatment.selecting.stops import stops_of
from treatment.services.locks import lock_chart
from treatment.services.pharmacy_calls import ask_to_stop, end_calls, end_lateness
from treatment.services.reasons import refuse
from treatment.services.seen import require_evaluated

# How far an order got, in this order.
_WAY = (
    PrescriptionStatus.SIGNED,
    PrescriptionStatus.SENT,
    PrescriptionStatus.FILLED,
    PrescriptionStatus.SHIPPED,
    PrescriptionStatus.DELIVERED,
)


def order_shipment(*, prescription: Prescription, units: int, by: User, now: datetime) -> Shipment:
    """Order a further shipment: never beyond what was prescribed (I2), none under a hold, a pause or without consent.

    Raises PermissionDenied for anybody but a prescriber, RuleViolation with the reason.
    """
    require(by, Permission.PRESCRIBE)
    with transaction.atomic():
        lock_chart(prescription.patient)
        row = (
            Prescription.objects.select_for_update(of=("self",))
            .select_related("patient", "chart")
            .get(pk=prescription.pk)
        )
        require_may_go_out(row, now=now)
        refuse(check_shipment(selectors.supply_of(row), units))
        number = row.shipments.count() + 1
        shipment = Shipment.objects.create(
            patient=row.patient, prescription=row, number=number, units=units, ordered_at=now, created_at=now
        )
        record(actor=by, action="shipment.ordered", now=now, subject=shipment, units=units)
    return shipment


def require_may_go_out(prescription: Prescription, *, now: datetime) -> None:
    """Raise RuleViolation unless something of this order may be handed over, filled or shipped now."""
    require_not_held(prescription.patient, now=now)
    if prescription.status == PrescriptionStatus.PAUSED:
        raise RuleViolation(_("The treatment is paused. Nothing ships until a prescriber resumes it."), "paused")
    consents.require_by_clinic(prescription.patient, Activity.ORDER, now)
    if prescription.status not in Prescription.IN_FORCE or prescription.issued_on is None:
        raise RuleViolation(_("This prescription is not in force."), "not_in_force")
    today = clock.today(prescription.patient.zone, now)
    refuse(law.check_unexpired(prescription.issued_on, today, policies.load()))
    require_evaluated(prescription.patient, prescription.chart, now)


def require_not_held(patient: Patient, *, now: datetime) -> None:
    """Raise RuleViolation with the code of what stops it while nothing may ship (policy 4 and 9)."""
    stops = stops_of(patient, now=now)
    if "safety_hold" in stops:
        raise RuleViolation(_("A safety hold stops shipments until a clinician has cleared it."), "safety_hold")
    if "case_hold" in stops:
        raise RuleViolation(
            _("Newer answers speak against the treatment. Nothing ships until a prescriber has decided on them."),
            "case_hold",
        )
    if "sign_to_review" in stops:
        raise RuleViolation(
            _("A check-in or a reported event tells of something that stops the treatment. Read it first."),
            "sign_to_review",
        )
    if "supply_to_review" in stops:
        raise RuleViolation(
            _("Units at home are not accounted for, or more was asked for too early. Read the ledger first."),
            "supply_to_review",
        )
    if "unreleased_session" in stops:
        raise RuleViolation(_("The sitter never released the last session. End it first."), "unreleased_session")


def _held(shipment: Shipment) -> Shipment:
    """The parcel and its order as they are now, locked; also after the chart was closed."""
    if selectors.open_chart_of(shipment.patient) is not None:
        lock_chart(shipment.patient)
    order = Prescription.objects.select_for_update(of=("self",)).select_related("patient__user", "chart")
    prescription = order.get(pk=shipment.prescription_id)
    row = Shipment.objects.select_for_update(of=("self",)).select_related("patient__user").get(pk=shipment.pk)
    row.prescription = prescription
    return row


def _require_handed(shipment: Shipment) -> None:
    """Raise RuleViolation while no pharmacy has the order: nothing of it can have left one."""
    if not shipment.prescription.handovers.exists():
        raise RuleViolation(_("The order has not been handed over to the pharmacy yet."), "not_sent")


def _require_tracks(shipment: Shipment, by: User, now: datetime) -> None:
    """Raise unless a parcel of this order may leave the pharmacy; who may not read the record learns no reason."""
    try:
        require_may_go_out(shipment.prescription, now=now)
    except RuleViolation as refusal:
        if can(by, Permission.VIEW_CLINICAL):
            raise
        raise RuleViolation(
            _("Nothing of this order may go out now. Ask the prescriber, and the pharmacy to keep it."), refusal.code
        ) from None


def is_stopped(shipment: Shipment, *, now: datetime) -> bool:
    """Whether nothing of its order may leave the pharmacy now."""
    try:
        require_may_go_out(shipment.prescription, now=now)
    except RuleViolation:
        return True
    return False


def note_filled(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """The pharmacy has prepared it. A second click does nothing. Raises PermissionDenied or RuleViolation."""
    require(by, Permission.TRACK_PARCELS)
    with transaction.atomic():
        row = _held(shipment)
        if row.status != ShipmentStatus.ORDERED:
            return _already(row, ShipmentStatus.FILLED, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
        _require_handed(row)
        _require_tracks(row, by, now)
        advance(row, ShipmentStatus.FILLED, by=by, now=now)
        _follow(row.prescription, PrescriptionStatus.FILLED, by=by, now=now)
    return row


def note_shipped(
    *, shipment: Shipment, carrier: str, tracking: str, by: User, now: datetime, left_anyway: bool = False
) -> Shipment:
    """It left the pharmacy with this carrier. A second click does nothing. Raises like `note_filled`.

    `left_anyway`: it left although something stops it, or before it was called off. It is recorded as it is, and those
    who care for the patient are told.
    """
    require(by, Permission.TRACK_PARCELS)
    if not carrier.strip():
        raise RuleViolation(_("Say which carrier has it."), "carrier_missing")
    with transaction.atomic():
        row = _held(shipment)
        late = left_anyway and row.status == ShipmentStatus.CANCELLED
        if row.status not in Shipment.AT_PHARMACY and not late:
            return _already(row, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
        _require_handed(row)
        end_calls(row, by=by, now=now)
        try:
            _require_tracks(row, by, now)
        except RuleViolation:
            if not left_anyway:
                raise
            _tell_of(row, "left", by=by, now=now)
        if row.status == ShipmentStatus.ORDERED:
            advance(row, ShipmentStatus.FILLED, by=by, now=now)
        row.tracking = tracking.strip()
        row.save(update_fields=["tracking"])
        advance(row, ShipmentStatus.SHIPPED, by=by, now=now, shipped_at=now, carrier=carrier.strip())
        _follow(row.prescription, PrescriptionStatus.SHIPPED, by=by, now=now)
    return row


def confirm_delivery(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """The patient says that the medicine has arrived; a second click does nothing.

    Also of an order that is paused or over, and of a parcel that was called off: what is at home is in the ledger, and
    nothing of it may be taken. Raises RuleViolation while no pharmacy has the order: nothing of it can have come.
    """
    with transaction.atomic():
        row = _held(shipment)
        if not row.prescription.handovers.exists():
            raise RuleViolation(
                _("The pharmacy does not have your order yet. If something came, do not open it and call the clinic."),
                "not_sent",
            )
        return _deliver(row, row.patient.legal_name or row.patient.display_name, by=by, now=now)


def note_delivered(*, shipment: Shipment, received_by: str, by: User, now: datetime) -> Shipment:
    """The carrier says who received it. A second click does nothing. Raises PermissionDenied or RuleViolation."""
    require(by, Permission.TRACK_PARCELS)
    if not received_by.strip():
        raise RuleViolation(_("Write who received it, as the carrier says."), "receiver_missing")
    with transaction.atomic():
        return _deliver(_held(shipment), received_by.strip(), by=by, now=now)


def _deliver(row: Shipment, received_by: str, *, by: User, now: datetime) -> Shipment:
    if row.status == ShipmentStatus.DELIVERED:
        return row
    end_calls(row, by=by, now=now)
    if row.status == ShipmentStatus.CANCELLED:
        _require_handed(row)
    if is_stopped(row, now=now):
        _tell_of(row, "arrived", by=by, now=now)
    row.received_by = received_by
    row.save(update_fields=["received_by"])
    advance(row, ShipmentStatus.DELIVERED, by=by, now=now, delivered_at=now)
    if row.prescription.status in Prescription.IN_FORCE and row.prescription.status != PrescriptionStatus.DELIVERED:
        advance(row.prescription, PrescriptionStatus.DELIVERED, by=by, now=now)
    return row


def note_lost(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """The carrier lost it: its units stay counted as shipped, and those who care for the patient are told."""
    require(by, Permission.TRACK_PARCELS)
    with transaction.atomic():
        row = _held(shipment)
        if row.status == ShipmentStatus.LOST:
            return row
        if row.status == ShipmentStatus.DELIVERED:
            raise RuleViolation(_("This parcel is with the patient, so it is not lost."), "moved")
        end_lateness(row, by=by, now=now)
        advance(row, ShipmentStatus.LOST, by=by, now=now)
        _tell_of(row, "lost", by=by, now=now)
    return row


def note_returned(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """Nobody took it and the pharmacy has it again: its units stay counted as shipped, and the clinicians are told.

    A second click does nothing. Raises PermissionDenied, RuleViolation when it has not left or is with the patient.
    """
    require(by, Permission.TRACK_PARCELS)
    with transaction.atomic():
        row = _held(shipment)
        if row.status == ShipmentStatus.RETURNED:
            return row
        if row.status not in (ShipmentStatus.SHIPPED, ShipmentStatus.LOST):
            raise RuleViolation(_("This parcel is not on its way, so it cannot have come back."), "moved")
        end_lateness(row, by=by, now=now)
        advance(row, ShipmentStatus.RETURNED, by=by, now=now)
        _tell_of(row, "returned", by=by, now=now)
    return row


def _tell_of(row: Shipment, what: str, *, by: User, now: datetime) -> None:
    """Tell those who care for the patient, each time that it happens."""
    alerts.raise_alert(
        kind=AlertKind.SUPPLY,
        patient=row.patient,
        about=f"supply:{row.patient_id}",
        dedupe_key=f"shipment:{row.pk}:{what}:{now.isoformat()}",
        by=by,
        now=now,
    )


def take_delivery_back(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """It was noted as delivered by mistake: the parcel, and the order that moved with it, stand where they stood.

    The pharmacy is called again where the delivery had ended the call and the parcel must not go out.
    A second click does nothing. Raises PermissionDenied, RuleViolation when some of it was used or a session runs.
    """
    require(by, Permission.TRACK_PARCELS)
    with transaction.atomic():
        row = _held(shipment)
        if row.status != ShipmentStatus.DELIVERED:
            return row
        order = row.prescription
        running = DoseSession.objects.filter(patient=row.patient, status=SessionStatus.STARTED).exists()
        if running or selectors.line_of(order).at_home < row.units:
            raise RuleViolation(_("Some of it was taken or given away, so it did arrive."), "used")
        row.received_by = None
        row.save(update_fields=["received_by"])
        advance(row, _before(row), by=by, now=now, reason_code="mistake", delivered_at=None)
        others = order.shipments.filter(status=ShipmentStatus.DELIVERED)
        if order.status == PrescriptionStatus.DELIVERED and not others.exists():
            advance(order, _before(order), by=by, now=now, reason_code="mistake")
        kept = row.status in (*Shipment.AT_PHARMACY, ShipmentStatus.CANCELLED)
        if kept and order.handovers.exists() and is_stopped(row, now=now):
            ask_to_stop(row, key=f"again:{now.isoformat()}", by=by, now=now)
    return row


def _before(row: Shipment | Prescription) -> str:
    """What it was before it was delivered."""
    moves = StatusChange.objects.filter(subject=label_of(row), after="delivered")
    return moves.order_by("-id").values_list("before", flat=True)[0]


def call_off(*, prescription: Prescription, by: Actor, now: datetime) -> None:
    """The order ended: what has not left the pharmacy is called off, and a coordinator calls the pharmacy."""
    rows = Shipment.objects.select_for_update(of=("self",)).select_related("patient")
    for row in rows.filter(prescription=prescription, status__in=Shipment.AT_PHARMACY):
        advance(row, ShipmentStatus.CANCELLED, by=by, now=now)
        ask_to_stop(row, key="ended", by=by, now=now)


def _already(row: Shipment, *further: ShipmentStatus) -> Shipment:
    """The parcel when it is there or further already; else it cannot go that way any more."""
    if row.status == ShipmentStatus.DELIVERED and row.shipped_at is None:
        raise RuleViolation(
            _("This parcel is noted as delivered, so nothing was changed. Take the delivery back if it is a mistake."),
            "moved",
        )
    if row.status in further:
        return row
    raise RuleViolation(_("This parcel was called off, got lost or came back, so nothing was noted."), "moved")


def _follow(prescription: Prescription, to: PrescriptionStatus, *, by: User, now: datetime) -> None:
    """Move the order along its way up to this step, when it is in force and not further already."""
    if prescription.status not in Prescription.IN_FORCE:
        return
    here, there = _WAY.index(PrescriptionStatus(prescription.status)), _WAY.index(to)
    for step in _WAY[here + 1 : there + 1]:
        advance(prescription, step, by=by, now=now)
