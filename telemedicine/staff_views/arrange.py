"""Finding a time, booking, holding and moving for a patient: the coordinators' pages. Nothing clinical."""

from collections.abc import Callable, Sequence
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
from telemedicine import access, services, staff_grid
from telemedicine.choosing import Asked, read_with, times_of_week
from telemedicine.forms import RepeatForm
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules import slots
from telemedicine.rules.series import series_starts
from telemedicine.rules.slots import Part, VisitKind
from telemedicine.selectors import NOTHING_IGNORED, Ignoring, Offer, Read, around, nearest_offers
from telemedicine.services.series import book_series
from telemedicine.services.taking import SlotTaken, Wanted
from telemedicine.staff_conflicts import explain, planned_days
from telemedicine.staff_forms import ArrangeForm
from telemedicine.staff_grid import People
from telemedicine.staff_lookers import others_at
from telemedicine.staff_views.schedule import zones_to_choose
from telemedicine.week import Choice, choice_of, parse_first, parse_value, span_of
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
Times = Callable[[datetime], Sequence[datetime]]


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
    people = staff_grid.people_to_see(kind, None, now)
    context |= _times(_asked(request, Asked(kind, state, zone, None), now), people, NOTHING_IGNORED, now)
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

    def times(starts_at: datetime) -> tuple[datetime, ...]:
        return series_starts(starts_at, zone=patient.zone, **repeat.asked())

    context = {"patient": patient, "title": _("Book for a patient"), "kinds": Kind.choices, "can_hold": True}
    if kind != VisitKind.EVALUATION:
        context["repeat"] = repeat
    return _pick(request, patient, (kind, state), Ignoring(patient=patient), act, context, now=now, times=times)


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


def _asked(request: HttpRequest, asked: Asked, now: datetime) -> Asked:
    """The week, the clinician and the part of the day that are asked for."""
    given = _given(request)
    part = given.get("part", "")
    try:
        clinician = UUID(given.get("clinician", ""))
    except ValueError:
        clinician = None
    return replace(
        asked,
        first=parse_first(given.get("week", ""), zone=asked.zone, now=now) or asked.first,
        lead=services.NO_LEAD,
        each=True,
        clinician=clinician,
        part=Part(part) if part in set(Part) else None,
        beside=clock.PRACTICE_ZONE,
    )


def _times(asked: Asked, people: People, ignoring: Ignoring, now: datetime, read: Read | None = None) -> dict[str, Any]:
    """A week of free times as asked for, and what the filters beside it offer."""
    week, own = times_of_week(asked, people.own, ignoring, now, read)
    at_first = FEW if len(people.everybody) > CROWD else MANY
    return {
        "asked": asked,
        "kind_words": Kind(asked.kind.value).label,
        "kind_choices": Kind.choices,
        "week": week,
        "own": own,
        "states": [(code, name, code in people.served) for code, name in STATE_CHOICES],
        "state_words": STATE_NAMES.get(asked.state, ""),
        "clinicians": people.everybody,
        "parts": PARTS,
        "first": clock.today(asked.zone, now),
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
    times: Times = lambda starts_at: (starts_at,),
) -> HttpResponse:
    """Show a week and, on POST, act on the pressed time; a refusal keeps the page and says why.

    `times` are those of the series that begins then.
    """
    kind, state = what
    status, read = 200, None
    people = staff_grid.people_to_see(kind, patient, now)
    asked = _asked(request, Asked(kind, state, patient.zone, clock.today(patient.zone, now)), now)
    wanted = _wanted(request, patient, what, people)
    if request.method == "POST":
        try:
            return redirect("admin:appointment", _acted(request, act, wanted).pk)
        except RuleViolation as refused:
            status = 409 if isinstance(refused, Conflict) else 422
            context["problem"] = refused.message
            if wanted and (isinstance(refused, SlotTaken) or refused.code == "not_licensed"):
                series = [replace(wanted, starts_at=at) for at in times(wanted.starts_at)]
                read = read_with(asked, [one.starts_at for one in series], ignoring, now)
                context |= _why(series, read, ignoring, now)
                if isinstance(refused, SlotTaken):
                    context["nearest"] = _nearest(series, times, read, ignoring, now)
                    context["of_series"] = (
                        _("The nearest times from which the whole series is free") if len(series) > 1 else ""
                    )
    elif wanted is not None:
        context |= {"slot": request.GET["slot"], "starts_at": wanted.starts_at, "chosen": wanted.clinician}
    context |= _times(asked, people, ignoring, now, read)
    week = context["week"]
    context["planned"] = planned_days(patient, span_of(week.first, week.zone))
    return render(request, "telemedicine/staff/pick.html", context, status=status)


def _wanted(request: HttpRequest, patient: Patient, what: tuple[VisitKind, str], people: People) -> Wanted | None:
    """The time that was pressed, or chosen before; None without one, or with somebody who does not work here."""
    picked = parse_value(_given(request).get("slot", ""))
    if picked is None:
        return None
    known = {who.pk: who for who in people.everybody}
    clinician = known.get(picked.clinician_id) or access.clinician_to_see(picked.clinician_id)
    return Wanted(patient, clinician, picked.starts_at, *what) if clinician else None


def _why(wanted: list[Wanted], read: Read, ignoring: Ignoring, now: datetime) -> dict[str, Any]:
    """Why the times cannot be had; of a series each that cannot, by its name."""
    said = explain(wanted, read, ignoring, now)
    if len(wanted) == 1:
        return {"why": said[0]}
    named = [(clock.describe(one.starts_at, one.patient.zone), why) for one, why in zip(wanted, said, strict=True)]
    context: dict[str, Any] = {"why": [f"{when}: {reason}" for when, reasons in named for reason in reasons]}
    refused = sum(1 for reasons in said if reasons)
    if refused > 1:
        told = _("%(count)s of the %(all)s times cannot be had. Nothing was booked.")
        context["problem"] = told % {"count": refused, "all": len(wanted)}
    return context


def _nearest(wanted: list[Wanted], times: Times, read: Read, ignoring: Ignoring, now: datetime) -> list[Choice]:
    """The nearest times that can be had; for a series those from which all of it can, with the same clinician."""
    first, *later = wanted
    free = {
        (slot.clinician_id, slot.starts_at)
        for one in later
        for slot in slots.free_slots(read[0], kind=one.kind, window=around(one.starts_at, now), earliest=now)
    }

    def fits(offer: Offer) -> bool:
        others = times(offer.starts_at)[1:]
        return len(others) == len(later) and all((offer.clinician.pk, at) in free for at in others)

    found = nearest_offers(
        wanted=first.starts_at, kind=first.kind, state=first.state, now=now, lead=services.NO_LEAD, ignoring=ignoring,
        read=read, fits=fits,
    )  # fmt: skip
    return [choice_of(offer, first.patient.zone, clock.PRACTICE_ZONE) for offer in found]


def _acted(request: HttpRequest, act: Act, wanted: Wanted | None) -> Appointment:
    if wanted is None:
        raise RuleViolation(_("Choose one of the times."), "no_time")
    done = act(wanted.starts_at, wanted.clinician)
    if len(done) > 1:
        days = ", ".join(clock.day_words(visit.starts_at, visit.patient.zone) for visit in done)
        said = _("%(count)s visits are booked: %(days)s. The patient is told by e-mail.")
        messages.success(request, said % {"count": len(done), "days": days})
    elif done[0].status == Status.HELD:
        messages.success(request, _("The time is held. Nothing is booked, and the patient is told nothing."))
    else:
        messages.success(request, _("Done. The patient is told by e-mail."))
    return done[0]
