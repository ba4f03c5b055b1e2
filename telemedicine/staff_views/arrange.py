"""Finding a time, booking, holding and moving for a patient: the coordinators' pages. Nothing clinical."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.states import STATE_CHOICES, ZONE_OF_STATE, ZONES
from telemedicine import access, selectors, services, staff_grid
from telemedicine.choosing import Asked, times_of_week
from telemedicine.forms import RepeatForm
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules.slots import Part, VisitKind
from telemedicine.selectors import NOTHING_IGNORED, Ignoring
from telemedicine.services.series import book_series
from telemedicine.services.taking import SlotTaken, Wanted
from telemedicine.staff_conflicts import explain, planned_days
from telemedicine.staff_forms import ArrangeForm
from telemedicine.staff_lookers import others_at
from telemedicine.staff_views.schedule import zones_to_choose
from telemedicine.week import choice_of, parse_first, parse_value, span_of
from treatment.selecting.visits import waiting_visit

STATE_NAMES = dict(STATE_CHOICES)
HOLD = "hold"
PARTS = [
    (Part.MORNING, gettext_lazy("Before noon")),
    (Part.AFTERNOON, gettext_lazy("Noon to 5 pm")),
    (Part.EVENING, gettext_lazy("From 5 pm")),
]
# Times of one clinician on one day, while a coordinator looks at everybody's; a crowd's are told more shortly.
MANY, FEW, CROWD = 12, 6, 4
arranging = staff_with(Permission.MANAGE_SCHEDULE)
Act = Callable[[datetime, Clinician], list[Appointment]]


# /admin/schedule/free/


@arranging
@require_safe
def free(request: StaffRequest) -> HttpResponse:
    """Free times for somebody who asks before we know who they are: where they are, what for, when. Names nobody."""
    now, given = clock.now(), request.GET
    state = _state(request, "")
    zone = given["zone"] if given.get("zone") in ZONES else ZONE_OF_STATE.get(state, clock.PRACTICE_ZONE)
    context: dict[str, Any] = {"title": _("Find a free time"), "zones": zones_to_choose(), "zone": zone}
    kind = _kind_asked(request) or VisitKind.EVALUATION
    context |= _times(request, Asked(kind, state, zone, None), [], NOTHING_IGNORED, now)
    return render(request, "telemedicine/staff/free.html", context)


# /admin/schedule/book/


@arranging
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Which patient, and for what. The address that follows holds neither name nor e-mail."""
    given = _given(request)
    picked = parse_value(given.get("slot", ""))
    form = ArrangeForm(request.POST or None, initial={"kind": given.get("kind", "")})
    context: dict[str, Any] = {"form": form, "title": _("Book for a patient"), "state": _state(request, "")}
    if request.method == "POST" and form.is_valid():
        now, typed, by = clock.now(), form.cleaned_data["patient"].strip(), access.person(request)
        more = {"kind": form.cleaned_data["kind"], "state": context["state"], "slot": given["slot"] if picked else ""}
        on = "?" + urlencode({name: value for name, value in more.items() if value})
        patient = access.patient_to_arrange(by, typed, now)
        if patient is not None:
            return redirect(reverse("admin:book_for", args=[patient.pk]) + on)
        found = access.patients_to_arrange(by, typed, clock.today(clock.PRACTICE_ZONE, now), now)
        context |= {"found": found, "on": on}
        if not found.patients:
            form.add_error("patient", _("Nobody is known by that. Check it letter by letter, or try the birth date."))
    status = 422 if form.errors else 200
    if picked is not None:
        context |= {"slot": given["slot"], "starts_at": picked.starts_at, "zone": clock.PRACTICE_ZONE}
        context["clinician"] = access.clinician_to_see(picked.clinician_id)
    return render(request, "telemedicine/staff/find.html", context, status=status)


@arranging
@require_http_methods(["GET", "HEAD", "POST"])
def book_for(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Free times of a week of everybody who may see this patient; pressing one books it, a series from it, or holds it.

    A time that was chosen before the patient was known (`slot`) stands first.
    """
    now = clock.now()
    patient = patient_for(request.user, patient_id, clinical=False)
    kind, state = _kind(request, patient), _state(request, patient.state)
    repeat = RepeatForm(request.POST) if "count" in request.POST else RepeatForm()
    by = access.person(request)

    def act(starts_at: datetime, clinician: Clinician) -> list[Appointment]:
        asked = repeat.asked()
        what: dict[str, Any] = {"patient": patient, "clinician": clinician, "starts_at": starts_at, "kind": kind.value}
        if request.POST.get("do") != HOLD:
            return book_series(**what, count=asked["count"], weeks=asked["weeks"], state=state, by=by, now=now)
        if asked["count"] > 1:
            raise RuleViolation(_("A series is booked as a whole. Hold one visit, or book the series."), "series_held")
        return [services.hold(**what, state=state, by=by, now=now)]

    context = {"patient": patient, "title": _("Book for a patient"), "kinds": Kind.choices, "can_hold": True}
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
            seen=version_seen(request),
            can_undo=True,
        )
        if moved.sequence == version_seen(request):  # of two clicks the second one has read an older version
            raise RuleViolation(_("The visit is at this time already. Nothing changed, and nobody is told."), "same")
        return [moved]

    context = {"patient": row.patient, "visit": row, "title": _("Move a visit")}
    context["lookers"] = others_at(row, access.person(request), now)
    ignoring = Ignoring(patient=row.patient, appointment=row)
    return _pick(request, row.patient, (VisitKind(row.kind), state), ignoring, act, context, now=now)


def _given(request: HttpRequest) -> QueryDict:
    """What the address says, or the form that was sent."""
    return request.POST if request.method == "POST" else request.GET


def _kind_asked(request: HttpRequest) -> VisitKind | None:
    asked = _given(request).get("kind", "")
    return VisitKind(asked) if asked in set(VisitKind) else None


def _kind(request: HttpRequest, patient: Patient) -> VisitKind:
    """What was asked for; without a wish what the patient's treatment asks for, else a first visit."""
    asked = _kind_asked(request)
    if asked is not None:
        return asked
    due = waiting_visit(patient)
    return VisitKind(due.kind) if due is not None else VisitKind.EVALUATION


def _state(request: HttpRequest, known: str) -> str:
    """Where the patient will be: what was asked for, else what is known."""
    asked = _given(request).get("state", "")
    return asked if asked in STATE_NAMES else known


def version_seen(request: HttpRequest) -> int | None:
    """Which version of a visit whoever changes it has read."""
    word = request.POST.get("seen", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None


def _times(
    request: HttpRequest, asked: Asked, own_clinicians: list[Clinician], ignoring: Ignoring, now: datetime
) -> dict[str, Any]:
    """A week of free times as asked for, and what the filters beside it offer."""
    given = _given(request)
    part, zone = given.get("part", ""), asked.zone
    try:
        clinician = UUID(given.get("clinician", ""))
    except ValueError:
        clinician = None
    asked = replace(
        asked,
        first=parse_first(given.get("week", ""), zone=zone, now=now) or asked.first,
        lead=services.NO_LEAD,
        each=True,
        clinician=clinician,
        part=Part(part) if part in set(Part) else None,
        beside=clock.PRACTICE_ZONE,
    )
    week, own = times_of_week(asked, own_clinicians, ignoring, now)
    clinicians, served = staff_grid.people_and_states(asked.kind, now)
    at_first = FEW if len(clinicians) > CROWD else MANY
    return {
        "asked": asked,
        "kind_words": Kind(asked.kind.value).label,
        "kind_choices": Kind.choices,
        "week": week,
        "own": own,
        "states": [(code, name, code in served) for code, name in STATE_CHOICES],
        "state_words": STATE_NAMES.get(asked.state, ""),
        "clinicians": clinicians,
        "parts": PARTS,
        "first": clock.today(zone, now),
        "at_first": at_first,
        "beyond": -at_first,
        "keys": [("n", _("later week")), ("p", _("earlier week"))],
    }


def _pick(
    request: HttpRequest,
    patient: Patient,
    what: tuple[VisitKind, str],
    ignoring: Ignoring,
    act: Act,
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
        except RuleViolation as refused:
            status = 409 if isinstance(refused, Conflict) else 422
            context["problem"] = refused.message
            if isinstance(refused, SlotTaken):
                beside = clock.PRACTICE_ZONE
                context["nearest"] = [choice_of(offer, patient.zone, beside) for offer in refused.alternatives]
            if isinstance(refused, SlotTaken) or refused.code == "not_licensed":
                context["why"] = _why(request, patient, what, ignoring, now)
    elif (picked := parse_value(request.GET.get("slot", ""))) is not None:
        context |= {"slot": request.GET["slot"], "starts_at": picked.starts_at}
        context["chosen"] = access.clinician_to_see(picked.clinician_id)
    asked = Asked(kind, state, patient.zone, clock.today(patient.zone, now))
    context |= _times(request, asked, list(selectors.clinicians_of(patient, now)), ignoring, now)
    week = context["week"]
    context["planned"] = planned_days(patient, span_of(week.first, week.zone))
    return render(request, "telemedicine/staff/pick.html", context, status=status)


def _why(
    request: HttpRequest, patient: Patient, what: tuple[VisitKind, str], ignoring: Ignoring, now: datetime
) -> list[str]:
    picked = parse_value(request.POST.get("slot", ""))
    clinician = access.clinician_to_see(picked.clinician_id) if picked else None
    if picked is None or clinician is None:
        return []
    return explain(Wanted(patient, clinician, picked.starts_at, what[0], what[1]), ignoring, now)


def _acted(request: HttpRequest, act: Act) -> Appointment:
    picked = parse_value(request.POST.get("slot", ""))
    clinician = access.clinician_to_see(picked.clinician_id) if picked else None
    if picked is None or clinician is None:
        raise RuleViolation(_("Choose one of the times."), "no_time")
    done = act(picked.starts_at, clinician)
    if len(done) > 1:
        days = ", ".join(clock.day_words(visit.starts_at, visit.patient.zone) for visit in done)
        said = _("%(count)s visits are booked: %(days)s. The patient is told by e-mail.")
        messages.success(request, said % {"count": len(done), "days": days})
    elif done[0].status == Status.HELD:
        messages.success(request, _("The time is held. Nothing is booked, and the patient is told nothing."))
    else:
        messages.success(request, _("Done. The patient is told by e-mail."))
    return done[0]
