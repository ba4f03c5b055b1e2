"""Booking, moving and cancelling for a patient: the coordinator's pages. Who and when; nothing clinical."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.states import STATE_CHOICES
from harmoniously.core.notifications import reminders_off
from telemedicine import access, selectors, services
from telemedicine.choosing import Asked, states_to_choose, times_of_week
from telemedicine.forms import ArrangeForm, CancelForm, RepeatForm
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import Ignoring
from telemedicine.services import visits
from telemedicine.services.series import book_series
from telemedicine.services.taking import SlotTaken
from telemedicine.week import choice_of, parse_first, parse_value
from treatment.selecting.visits import waiting_visit

STATE_NAMES = dict(STATE_CHOICES)
arranging = staff_with(Permission.MANAGE_SCHEDULE)


# /admin/schedule/book/


@arranging
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Which patient, and for what. The address that follows holds neither name nor e-mail."""
    form = ArrangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        patient = access.patient_to_arrange(access.person(request), form.cleaned_data["patient"].strip(), now)
        if patient is not None:
            response = redirect("admin:book_for", patient.pk)
            response["Location"] += f"?kind={form.cleaned_data['kind']}"
            return response
        form.add_error("patient", _("Nobody is known by that number or address. Check it letter by letter."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "title": _("Book for a patient")}
    return render(request, "telemedicine/staff/find.html", context, status=status)


@arranging
@require_http_methods(["GET", "HEAD", "POST"])
def book_for(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Free times of a week of everybody who may see this patient; pressing one books it, or a series from it."""
    now = clock.now()
    patient = patient_for(request.user, patient_id, clinical=False)
    kind, state = _kind(request, patient), _state(request, patient.state)

    repeat = RepeatForm(request.POST) if "count" in request.POST else RepeatForm()

    def act(starts_at: datetime, clinician: Clinician) -> list[Appointment]:
        return book_series(
            patient=patient,
            clinician=clinician,
            starts_at=starts_at,
            kind=kind.value,
            **repeat.asked(),
            by=access.person(request),
            now=now,
            state=state,
        )

    context = {"patient": patient, "title": _("Book for a patient"), "kinds": Kind.choices}
    if kind != VisitKind.EVALUATION:
        context["repeat"] = repeat
    return _pick(request, patient, (kind, state), Ignoring(patient=patient), act, context, now=now)


@arranging
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same times for a visit that is moved; its own time counts as free."""
    now = clock.now()
    row = access.visit_for(request.user, pk)
    if row.status != Status.BOOKED:
        return redirect("admin:appointment", row.pk)
    state = _state(request, row.place)

    def act(starts_at: datetime, clinician: Clinician) -> list[Appointment]:
        moved = services.reschedule(
            appointment=row,
            starts_at=starts_at,
            clinician=clinician,
            by=access.person(request),
            now=now,
            state=state,
        )
        return [moved]

    context = {"patient": row.patient, "visit": row, "title": _("Move a visit")}
    ignoring = Ignoring(patient=row.patient, appointment=row)
    return _pick(request, row.patient, (VisitKind(row.kind), state), ignoring, act, context, now=now)


def _kind(request: HttpRequest, patient: Patient) -> VisitKind:
    """What was asked for; without a wish what the patient's treatment asks for, else a first visit."""
    asked = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if asked in set(VisitKind):
        return VisitKind(asked)
    due = waiting_visit(patient)
    return VisitKind(due.kind) if due is not None else VisitKind.EVALUATION


def _state(request: HttpRequest, known: str) -> str:
    """Where the patient will be: what was asked for, else what is known."""
    asked = (request.POST if request.method == "POST" else request.GET).get("state", "")
    return asked if asked in STATE_NAMES else known


def _pick(
    request: HttpRequest,
    patient: Patient,
    what: tuple[VisitKind, str],
    ignoring: Ignoring,
    act: Callable[[datetime, Clinician], list[Appointment]],
    context: dict[str, Any],
    *,
    now: datetime,
) -> HttpResponse:
    """Show a week and, on POST, act on the pressed time; a refusal keeps the page and says why."""
    kind, state = what
    status = 200
    if request.method == "POST":
        try:
            return redirect("admin:appointment", _acted(request, act).pk)
        except SlotTaken as taken:
            status = 409
            nearest = [choice_of(offer, patient.zone) for offer in taken.alternatives]
            context |= {"problem": taken.message, "nearest": nearest}
        except RuleViolation as refused:
            status = 409 if isinstance(refused, Conflict) else 422
            context |= {"problem": refused.message}
    given = request.POST if request.method == "POST" else request.GET
    first = parse_first(given.get("week", ""), zone=patient.zone, now=now) or clock.today(patient.zone, now)
    asked = Asked(kind, state, patient.zone, first, lead=services.NO_LEAD, each=True)
    week, own = times_of_week(asked, selectors.clinicians_of(patient, now), ignoring, now)
    context |= {
        "asked": asked,
        "kind_words": Kind(kind.value).label,
        "week": week,
        "own": own,
        "states": states_to_choose(kind, now),
        "state_words": STATE_NAMES.get(state, ""),
    }
    return render(request, "telemedicine/staff/pick.html", context, status=status)


def _acted(request: HttpRequest, act: Callable[[datetime, Clinician], list[Appointment]]) -> Appointment:
    picked = parse_value(request.POST.get("slot", ""))
    clinician = access.clinician_to_see(picked.clinician_id) if picked else None
    if picked is None or clinician is None:
        raise RuleViolation(_("Choose one of the times."), "no_time")
    done = act(picked.starts_at, clinician)
    if len(done) == 1:
        messages.success(request, _("Done. The patient is told by e-mail."))
    else:
        days = ", ".join(clock.day_words(visit.starts_at, visit.patient.zone) for visit in done)
        said = _("%(count)s visits are booked: %(days)s. The patient is told by e-mail.")
        messages.success(request, said % {"count": len(done), "days": days})
    return done[0]


# /admin/appointments/<appointment>/


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def appointment(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One visit: who, when, and what can be done about it."""
    row = access.visit_for(request.user, pk)
    return _appointment_page(request, row)


def _appointment_page(
    request: HttpRequest, row: Appointment, *, form: CancelForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    arranges = can(request.user, Permission.MANAGE_SCHEDULE)
    context = {
        "title": _("Visit"),
        "visit": row,
        "patient": row.patient,
        "problem": problem,
        "reminded": reminders_off.reminded(row.patient),
        "cancel_form": form or CancelForm(),
        "can_change": arranges and row.status == Status.BOOKED and row.started_at is None,
        "can_mark_missed": arranges and row.status == Status.BOOKED and row.started_at is None and now >= row.starts_at,
        "is_own": row.clinician.user_id == request.user.pk,
    }
    return render(request, "telemedicine/staff/appointment.html", context, status=status)


@arranging
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel for the patient, with a reason from the list."""
    row = access.visit_for(request.user, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _appointment_page(request, row, form=form, status=422)
    return _answered(
        request,
        row,
        lambda: services.cancel(
            appointment=row,
            by=access.person(request),
            now=clock.now(),
            reason_code=form.cleaned_data["reason"],
        ),
    )


@arranging
@require_POST
def missed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The patient did not come."""
    row = access.visit_for(request.user, pk)
    return _answered(request, row, lambda: visits.no_show(appointment=row, by=access.person(request), now=clock.now()))


def _answered(request: HttpRequest, row: Appointment, act: Callable[[], Appointment]) -> HttpResponse:
    try:
        act()
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return _appointment_page(request, row, problem=refused.message, status=status)
    return redirect("admin:appointment", row.pk)
