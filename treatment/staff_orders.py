"""One order on the staff site: what it says, its checks, its way, and its buttons. Each button does one thing."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.accounts.selectors import on_care_team, prescribers_in
from harmoniously.core.accounts.stepup import fresh_second_factor
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from treatment import access, selectors, services, words
from treatment import policy as policies
from treatment.models import HandoverMethod, Prescription, PrescriptionStatus, SessionStatus, Shipment
from treatment.order_forms import END_WORDS, EndForm, HandoverForm, PauseForm, ResumeForm
from treatment.rules.ledger import Line
from treatment.rules.reasons import Reason
from treatment.selecting.history import history_of
from treatment.selecting.picture import Picture, picture_of
from treatment.selecting.refill_words import staff_words
from treatment.selecting.refills import next_supply
from treatment.services.orders import OrderCheck, computed
from treatment.services.prescriptions import check_prescription, order_of, order_stand

prescriber_page = staff_with(Permission.PRESCRIBE)
Status = PrescriptionStatus
_TONES = {"refuse": "danger", "ask": "caution", "note": "info"}


def reason_rows(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Reasons as the pages show them."""
    return [
        {"text": words.staff_text(item), "source": item.source, "tone": _TONES[item.weight.value], "code": item.code}
        for item in reasons
    ]


def check_rows(check: OrderCheck | None) -> dict[str, Any]:
    """What the rules say of an order, in the three groups of the page, and whether a reason is written."""
    return {
        "dose_reasons": reason_rows(check.dose.reasons) if check else [],
        "today_reasons": reason_rows(check.today) if check else [],
        "law_reasons": reason_rows(check.law) if check else [],
        "written": check is not None and check.written,
    }


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def prescription_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One order with its checks, its way to the patient, its sessions and its history."""
    return _page(request, access.order_to_read_for(request.user, pk))


def _page(
    request: StaffRequest,
    row: Prescription,
    *,
    status: int = 200,
    conflict: str = "",
    typed: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page; `typed` are forms that were sent and could not be used, with what was written in them.

    Who agreed with the order and does not care for the patient sees the order, and nothing of the treatment.
    """
    guest = _as_colleague(row, request) and not on_care_team(request.user, row.patient, at=clock.now())
    now, signed = clock.now(), row.signed_at is not None and not guest
    judged = row.status == Status.DRAFT and not (guest and row.second_signed_at)
    picture = picture_of(row.patient, now) if judged else None
    sessions = list(selectors.sessions_of(row.patient).order_by("starts_at")) if signed else []
    supply = next_supply(row.patient, now, sessions=sessions, with_request=False) if signed else None
    line = supply.line if supply is not None and supply.prescription == row else None
    shipments = list(row.shipments.all()) if signed else []
    context = {
        "prescription": row,
        "patient": row.patient,
        "title": _("Prescription for %(name)s") % {"name": row.patient.display_name},
        "zone": row.prescriber.zone,
        "patient_zone": row.patient.zone,
        "supply": selectors.supply_of(row, line if signed else Line()),
        "shipments": shipments,
        "sessions": [
            {"row": one, "flags": supply.flags_of(one)}
            for one in sessions
            if supply is not None and one.prescription_id == row.pk and one.status != SessionStatus.CANCELLED
        ],
        "refill": staff_words(supply) if supply is not None else None,
        "guest": guest,
        "judged": judged,
        "may_order": can(request.user, Permission.PRESCRIBE) and not guest,
        "conflict": conflict,
        **_draft_context(row, picture, request),
        **_standing_context(row, shipments, request.user, guest=guest),
        **(typed or {}),
    }
    return render(request, "treatment/staff/prescription.html", context, status=status)


def _as_colleague(row: Prescription, request: StaffRequest) -> bool:
    """Whether the reader may be here as the second prescriber only."""
    waits = row.status == Status.DRAFT and row.prescriber.user_id != request.user.pk
    return waits or (row.second_prescriber is not None and row.second_prescriber.user_id == request.user.pk)


def _seconds(row: Prescription) -> list[str]:
    """Who may sign the draft off: it stands in their queue."""
    today = clock.today(row.prescriber.zone, clock.now())
    return [str(who) for who in prescribers_in(row.visit_state, on=today) if who.pk != row.prescriber_id]


def _draft_context(row: Prescription, picture: Picture | None, request: StaffRequest) -> dict[str, Any]:
    """What the page of a draft shows beside the order."""
    check = check_prescription(row, now=picture.at, picture=picture) if picture else None
    own = row.prescriber.user_id == request.user.pk
    codes = {item.code for item in check.dose.reasons} if check else set()
    return {
        "own": own,
        "seen": order_stand(row, picture.standing) if picture else "",
        "computed": computed(order_of(row), row.prescriber, now=clock.now(), policy=policies.load()) if check else None,
        **check_rows(check),
        "blocked": bool(check and check.blocking),
        "seconds": _seconds(row) if "second_prescriber_needed" in codes and own else None,
        "may_second": "second_prescriber_needed" in codes and not own and can(request.user, Permission.PRESCRIBE),
    }


def _standing_context(row: Prescription, parcels: list[Shipment], user: User, *, guest: bool) -> dict[str, Any]:
    """What the page of an order shows of its way, and which of its buttons this person may press now.

    Whoever prescribes and cares for the patient may pause or stop; the order itself is its prescriber's.
    """
    prescribes = can(user, Permission.PRESCRIBE) and not guest
    own = prescribes and row.prescriber.user_id == user.pk
    standing = row.status in Prescription.STANDING
    pause = selectors.pause_of(row.patient) if row.status == Status.PAUSED and not guest else None
    return {
        "tone": "caution" if row.status in (Status.DRAFT, Status.PAUSED) else "success" if standing else "neutral",
        "handovers": row.handovers.select_related("pharmacy", "by__clinician") if row.signed_at and not guest else (),
        "history": [] if guest else history_of(row, parcels),
        "pause": pause,
        "pause_reason": END_WORDS.get(services.EndReason(pause.reason_code)) if pause else "",
        "handover_form": HandoverForm(prescription=row) if own and row.status in (Status.SIGNED, Status.SENT) else None,
        "pause_form": PauseForm() if prescribes and row.status in Prescription.IN_FORCE else None,
        "resume_form": ResumeForm() if prescribes and row.status == Status.PAUSED else None,
        "end_form": EndForm() if prescribes and (standing or (own and row.status == Status.DRAFT)) else None,
        "cancels": Status.CANCELLED in row.MOVES.get(Status(row.status), ()),
        "rewrites": prescribes and standing,
    }


Do = Callable[[StaffRequest, Prescription, dict[str, Any]], str]


def _act(name: str, make: Callable[[StaffRequest, Prescription], forms.Form], do: Do) -> Callable[..., HttpResponse]:
    """A button on the order's page: does one thing, says so, comes back.

    `name` is its form on the page. What cannot be done shows the page again, as it stands now, with what was written.
    """

    @require_POST
    @prescriber_page
    @wraps(do)
    def view(request: StaffRequest, pk: UUID) -> HttpResponse:
        row = access.prescription_for(request.user, pk)
        form = make(request, row)
        if not form.is_valid():
            return _page(request, row, status=422, typed={name: form})
        try:
            messages.success(request, do(request, row, form.cleaned_data))
        except (Conflict, IllegalMove):
            again = access.prescription_for(request.user, pk)
            moved = _("The order has moved on since you opened this page. Below you see where it stands now.")
            return _page(request, again, status=409, conflict=moved, typed={name: form})
        except RuleViolation as refusal:
            form.add_error(None, refusal.message)
            return _page(request, row, status=422, typed={name: form})
        return returning.done(request, row.patient_id, "admin:prescription_detail", row.pk)

    return view


def _hand_over(request: StaffRequest, row: Prescription, data: dict[str, Any]) -> str:
    """The order was given to a pharmacy."""
    handed = services.Handed(data["pharmacy"], HandoverMethod(data["method"]), data["reference"], data["to_whom"])
    services.hand_over(prescription=row, handed=handed, form_token=data["form_token"], by=request.user, now=clock.now())
    return _("Noted: the pharmacy has the order.")


def _cancel(request: StaffRequest, row: Prescription, data: dict[str, Any]) -> str:
    """Cancel before it left the pharmacy."""
    services.cancel_prescription(prescription=row, by=request.user, now=clock.now(), **data)
    return _("Cancelled. Nothing more goes out for it.")


def _stop(request: StaffRequest, row: Prescription, data: dict[str, Any]) -> str:
    """Stop the treatment under this order."""
    services.stop_prescription(prescription=row, by=request.user, now=clock.now(), **data)
    return _("Stopped. Its sessions and reminders are cancelled, and nothing more ships.")


def _pause(request: StaffRequest, row: Prescription, data: dict[str, Any]) -> str:
    """Pause the treatment under this order."""
    services.pause_prescription(prescription=row, by=request.user, now=clock.now(), **data)
    return _("Paused. Its sessions and reminders are cancelled; nothing ships until it is resumed.")


def _resume(request: StaffRequest, row: Prescription, data: dict[str, Any]) -> str:
    """Go on with a paused order."""
    services.resume_prescription(prescription=row, reason=data["note"], by=request.user, now=clock.now())
    return _("Resumed. The patient is told and plans the sessions anew.")


def _ending(request: StaffRequest, _row: Prescription) -> EndForm:
    return EndForm(request.POST)


hand_over = _act("handover_form", lambda request, row: HandoverForm(request.POST, prescription=row), _hand_over)
cancel_prescription = _act("end_form", _ending, _cancel)
stop_prescription = _act("end_form", _ending, _stop)
pause_prescription = _act("pause_form", lambda request, _row: PauseForm(request.POST), _pause)
resume_prescription = _act("resume_form", lambda request, _row: ResumeForm(request.POST), _resume)


def _sign(do: Callable[..., Prescription], said: Promise) -> Callable[..., HttpResponse]:
    """A signature under what the page showed, with a second factor used in the last five minutes."""

    @prescriber_page
    @fresh_second_factor
    @require_POST
    def view(request: StaffRequest, pk: UUID) -> HttpResponse:
        row = access.order_to_read_for(request.user, pk)
        try:
            do(prescription=row, by=request.user, now=clock.now(), seen=request.POST.get("seen", ""))
            messages.success(request, str(said))
            return returning.done(request, row.patient_id, "admin:prescription_detail", row.pk)
        except Conflict as refusal:
            return _page(request, access.order_to_read_for(request.user, pk), status=409, conflict=refusal.message)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        return returning.onward(request, "admin:prescription_detail", row.pk)

    return view


sign_prescription = _sign(
    services.sign_prescription, gettext_lazy("Signed. The first shipment is ordered and the patient is told.")
)
second_sign = _sign(services.second_sign, gettext_lazy("Your agreement is recorded. The prescriber can sign now."))
