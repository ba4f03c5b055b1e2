"""Parcels underway, for coordinators and prescribers: who gets one, from where, how far it is. Never what is in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, services
from treatment.models import Shipment, ShipmentStatus
from treatment.order_forms import DeliveredForm, ShippedForm
from treatment.selecting.parcels import MOST_ROWS, may_go_again, pharmacy_of, underway

parcel_page = staff_with(Permission.TRACK_PARCELS)


@require_safe
@parcel_page
def parcels(request: StaffRequest) -> HttpResponse:
    """Every parcel that is not with its patient yet, of those whom this person may know of."""
    now = clock.now()
    record(actor=request.user, action="parcels.listed", now=now)
    rows = underway(request.user, now)
    full = len(rows) == MOST_ROWS
    return render(request, "treatment/staff/parcels.html", {"title": _("Parcels"), "rows": rows, "full": full})


@require_safe
@parcel_page
def parcel(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One parcel, and what can be noted of it now."""
    return _page(request, access.parcel_for(request.user, pk))


def _page(request: StaffRequest, row: Shipment, *, status: int = 200, **forms: Any) -> HttpResponse:
    stopped = row.status in Shipment.AT_PHARMACY and services.is_stopped(row, now=clock.now())
    pharmacy = pharmacy_of(row)
    # What was called off may have left before the pharmacy heard of it.
    late = row.status == ShipmentStatus.CANCELLED and pharmacy is not None
    at_pharmacy, away = row.status in Shipment.AT_PHARMACY, row.status in Shipment.AWAY
    context = {
        "title": _("Parcel for %(name)s") % {"name": row.patient.display_name},
        "row": row,
        "patient": row.patient,
        "zone": row.patient.zone,
        "pharmacy": pharmacy,
        "stopped": stopped,
        "may_go_again": not stopped and may_go_again(row),
        "late": late,
        "fills": row.status == ShipmentStatus.ORDERED and not stopped,
        "shipped_form": ShippedForm(initial={"left_anyway": stopped or late}) if at_pharmacy or late else None,
        "delivered_form": DeliveredForm() if at_pharmacy or late or away else None,
        "loses": row.status == ShipmentStatus.SHIPPED,
        "returns": row.status in (ShipmentStatus.SHIPPED, ShipmentStatus.LOST),
        **forms,
    }
    return render(request, "treatment/staff/parcel.html", context, status=status)


def _act(act: Callable[..., str | HttpResponse]) -> Callable[..., HttpResponse]:
    """A button on the parcel's page."""

    @require_POST
    @parcel_page
    @wraps(act)
    def view(request: StaffRequest, pk: UUID) -> HttpResponse:
        row = access.parcel_for(request.user, pk)
        try:
            said = act(request, row)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            if isinstance(said, HttpResponse):
                return said
            messages.success(request, said)
        return redirect("admin:parcel", pk=row.pk)

    return view


def _stood(row: Shipment) -> str:
    """Somebody noted it before: what stands there, and that this click changed nothing."""
    known = ", ".join(part for part in (row.carrier, row.tracking, row.received_by) if part)
    stands = f"{row.get_status_display()} ({known})" if known else str(row.get_status_display())
    return _("Nothing was changed. It was noted before: %(stands)s.") % {"stands": stands}


@_act
def filled(request: StaffRequest, row: Shipment) -> str:
    """The pharmacy has prepared it."""
    noted = services.note_filled(shipment=row, by=request.user, now=clock.now())
    return _("Noted as filled.") if noted.status == ShipmentStatus.FILLED else _stood(noted)


@_act
def shipped(request: StaffRequest, row: Shipment) -> str | HttpResponse:
    """It left the pharmacy."""
    form = ShippedForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, shipped_form=form)
    data = form.cleaned_data
    noted = services.note_shipped(shipment=row, by=request.user, now=clock.now(), **data)
    if (noted.status, noted.carrier, noted.tracking) != (ShipmentStatus.SHIPPED, data["carrier"], data["tracking"]):
        return _stood(noted)
    return _("Noted as on its way. The patient sees the carrier and the tracking number.")


@_act
def undelivered(request: StaffRequest, row: Shipment) -> str:
    """It was noted as delivered by mistake."""
    services.take_delivery_back(shipment=row, by=request.user, now=clock.now())
    return _("Taken back. The parcel stands where it stood before.")


@_act
def delivered(request: StaffRequest, row: Shipment) -> str | HttpResponse:
    """The carrier says who received it."""
    form = DeliveredForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, delivered_form=form)
    noted = services.note_delivered(shipment=row, by=request.user, now=clock.now(), **form.cleaned_data)
    return _("Noted as delivered.") if noted.received_by == form.cleaned_data["received_by"] else _stood(noted)


@_act
def returned(request: StaffRequest, row: Shipment) -> str:
    """Nobody took it, and it went back."""
    services.note_returned(shipment=row, by=request.user, now=clock.now())
    return _("Noted as come back. The prescriber is told.")


@_act
def lost(request: StaffRequest, row: Shipment) -> str:
    """The carrier lost it."""
    services.note_lost(shipment=row, by=request.user, now=clock.now())
    return _("Noted as lost. The prescriber is told.")
