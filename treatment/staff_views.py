"""The prescriber's pages of an order: write it, see what the guard-rails say, sign it, follow it, end it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.pdf import render as render_pdf
from treatment import access, selectors, services, words
from treatment import policy as policies
from treatment.check_in_words import flag_words
from treatment.models import CheckIn, DoseSession
from treatment.rules import safety
from treatment.rules.today import check_today, newest_days
from treatment.selecting.picture import Picture, picture_of
from treatment.services.checkins import stand_of
from treatment.services.orders import Order, OrderCheck, check_order, computed
from treatment.services.prescriptions import order_stand, pdf_data, prescriber_of, starting_order
from treatment.services.sessions import unreleased
from treatment.services.todays import facts_today, to_read
from treatment.staff_forms import PrescriptionForm
from treatment.staff_orders import check_rows, prescriber_page, reason_rows
from treatment.staff_titration import proposal_context, used_values

# What was kept on a phone without a network for longer than this says when it arrived.
_LATE = timedelta(minutes=2)


@require_http_methods(["GET", "HEAD", "POST"])
@prescriber_page
def draft_prescription(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Write or change the patient's draft; "check" computes without saving, "save" saves."""
    now = clock.now()
    patient = access.patient_to_order_for(request.user, patient_id, now)
    try:
        clinician = prescriber_of(request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("admin:index")
    picture = picture_of(patient, now, row=patient)
    start = starting_order(picture)
    data = request.POST if request.method == "POST" else None
    proposed = used_values(request, patient)
    about: dict[str, Any] = {"start": start, "state": patient.state, "proposed": proposed}
    form = PrescriptionForm(data, zone=clinician.zone, products=picture.products, **about)
    # A proposed dose is computed once it is read and sent.
    order = None if data or proposed else start
    seen = data.get("seen") if data else None
    if data and form.is_valid():
        order = form.order()
        if data.get("action") != "check":
            try:
                read = data["read"].split() if "read" in data else None
                saved = services.draft_prescription(
                    patient=patient, order=order, by=request.user, now=now, seen=seen, read=read
                )
            except Conflict as refusal:
                form.add_error(None, refusal.message)
                return _draft_page(request, picture, clinician, form, order, status=409)
            except RuleViolation as refusal:
                name = "written_reason" if refusal.code == "written_reason_missing" else None
                form.add_error(name, refusal.message)
            else:
                messages.success(request, _("The draft is saved. Read it once more, then sign."))
                return returning.onward(request, "admin:prescription_detail", saved.pk)
    status = 422 if form.is_bound and form.errors else 200
    return _draft_page(request, picture, clinician, form, order, status=status, seen=seen)


def _draft_page(
    request: StaffRequest,
    picture: Picture,
    clinician: Clinician,
    form: PrescriptionForm,
    order: Order | None,
    *,
    status: int = 200,
    seen: str | None = None,
) -> HttpResponse:
    """The form with what follows from the order; before there is one, with what is known of today.

    `seen` is what the page that was sent had shown; without it, what there is now.
    """
    patient, policy = picture.patient, policies.load()
    check = None
    if order:
        check = check_order(picture, order=order, prescriber=clinician, second_prescriber=False, policy=policy)
    found: dict[str, Any] = check_rows(check)
    if check is None:
        known = facts_today(picture, product=None, visit_state="", prescriber=clinician, policy=policy)
        found["today_reasons"] = reason_rows(check_today(known, policy))
    context = {
        "form": form,
        "patient": patient,
        "draft": picture.draft,
        "seen": order_stand(picture.draft, picture.standing) if seen is None else seen,
        "read": " ".join(to_read(picture, clinician, policy)),
        "zone": clinician.zone,
        "title": _("Prescription for %(name)s") % {"name": patient.display_name},
        **found,
        "checked": check is not None,
        "usual": check.usual if check else None,
        "computed": computed(order, clinician, now=picture.at, policy=policy) if order else None,
        "pressures": _pressure_words(check) if check else [],
        "standing": picture.standing,
        "last": picture.last_completed,
        "proposal": proposal_context(picture),
    }
    return render(request, "treatment/staff/draft.html", context, status=status)


_PLACES = {"case": gettext_lazy("answers"), "readiness": gettext_lazy("readiness check")}


def _pressure_words(check: OrderCheck) -> list[dict[str, Any]]:
    """The means of the newest days that count, with where they are from."""
    days = newest_days(check.known.pressures, today=check.known.today, policy=policies.load())
    return [
        {"on": day.on, "systolic": day.systolic, "diastolic": day.diastolic, "place": _PLACES.get(day.place, day.place)}
        for day in days[:2]
    ]


@require_POST
@prescriber_page
def review_session(request: StaffRequest, pk: UUID) -> HttpResponse:
    """I have read how this session went."""
    session = access.session_for(request.user, pk)
    try:
        seen = request.POST.get("seen", "")
        services.review_session(session=session, by=request.user, now=clock.now(), seen=seen)
        messages.success(request, _("Marked as reviewed."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return returning.onward(request, "admin:dose_session", session.pk)
    return returning.done(request, session.patient_id, "admin:prescription_detail", session.prescription_id)


@require_POST
@prescriber_page
def read_session_hold(request: StaffRequest, pk: UUID) -> HttpResponse:
    """I have read why this session was held."""
    session = access.session_for(request.user, pk)
    services.read_hold(session=session, by=request.user, now=clock.now())
    messages.success(request, _("Marked as read."))
    return redirect("admin:dose_session", pk=session.pk)


def _reviewed(session: DoseSession, check_ins: list[CheckIn]) -> bool:
    """Whether a prescriber has read the session, and the check-ins that came after it."""
    answered = [row.answered_at for row in check_ins if row.answered_at]
    return session.reviewed_at is not None and all(at <= session.reviewed_at for at in answered)


def told_by_tap(session: DoseSession) -> list[dict[str, Any]]:
    """Notes and calls for help in order, with the minute, and when they arrived where that was later."""
    return [
        {
            "minute": safety.minutes_since(session.started_at or row.at, row.at),
            "text": words.NOTES[row.content["note"]] if row.kind == "note" else row.get_kind_display(),
            "help": row.kind == "help",
            "late": row.created_at if row.created_at - row.at > _LATE else None,
        }
        for row in selectors.taps_of(session)
    ]


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def session_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the gate was decided on, the readings, the sitter's checks, the check-in and its flags."""
    session = access.session_for(request.user, pk)
    check_ins = list(session.check_ins.order_by("due_at"))
    context = {
        "session": session,
        "patient": session.patient,
        "title": _("Session %(number)s of %(name)s") % {"number": session.number, "name": session.patient.display_name},
        "zone": session.zone,
        "reasons": [
            {"text": words.stored_text(item["code"], item["facts"], for_staff=True), "source": item["source"]}
            for item in session.gate_reasons
        ],
        "vitals": (vitals := list(session.vitals.all())),
        "checks": (checks := list(session.sitter_checks.order_by("taken_at"))),
        "late": {row.pk for row in vitals if row.created_at - row.taken_at > _LATE}
        | {row.pk for row in checks if row.created_at - row.taken_at > _LATE},
        "told": told_by_tap(session),
        "check_ins": [{"row": row, "flags": flag_words(row)} for row in check_ins],
        "seen": stand_of(check_ins),
        "reviewed": _reviewed(session, check_ins),
        "unreleased": unreleased(session, now=clock.now()),
        "reads_hold": session.hold_unread and can(request.user, Permission.PRESCRIBE),
    }
    return render(request, "treatment/staff/session.html", context)


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def prescription_pdf(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The order on paper; a draft says that it is one."""
    row = access.order_to_read_for(request.user, pk, action="prescription.printed")
    response = HttpResponse(render_pdf("prescription", pdf_data(row)), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="order.pdf"'
    return response
