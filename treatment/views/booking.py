"""The day, hour and place of one session, and leaving it out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, policy, selectors, services, words
from treatment.booking_forms import ALL_HOURS, SkipForm, SlotForm, WhereForm
from treatment.models import DoseSession
from treatment.rules.booking import Bounds, DayOffer, offer_days
from treatment.rules.phases import RHYTHMS, Phase
from treatment.selecting import booking as selecting
from treatment.selecting import phases as standings
from treatment.views.helping import heed, help_first

DAYS_SHOWN = 21


def _day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Choice:
    """What decides about a day now, and why none can be chosen at all (empty when one can)."""

    bounds: Bounds
    full: str = ""


def _choice(request: PatientRequest, session: DoseSession | None) -> Choice | None:
    """None when nothing can be planned at all."""
    patient, rules = request.patient, policy.load()
    chart = selectors.open_chart_of(patient)
    prescription = session.prescription if session else selectors.prescription_in_force(patient)
    if chart is None or prescription is None or prescription.issued_on is None or Phase(chart.status) not in RHYTHMS:
        return None
    sessions = list(selectors.sessions_of(patient))
    bounds = selecting.bounds_of(
        chart=chart,
        prescription=prescription,
        zone=session.zone if session else patient.zone,
        policy=rules,
        sessions=sessions,
        apart_from=session,
    )
    if session is not None:
        return Choice(bounds)
    at_home = selectors.supply_of(prescription).sessions_at_home
    against = selecting.room_for_one(prescription=prescription, at_home=at_home, frame=bounds.frame, sessions=sessions)
    return Choice(bounds, words.patient_text(against[0]) if against else "")


def _rows(offers: tuple[DayOffer, ...], request: PatientRequest) -> list[dict[str, Any]]:
    """Days as the page lists them; neighbours that are impossible for the same reason stand in one line."""
    name, cannot = selecting.sitter_cannot(request.patient)
    rows: list[dict[str, Any]] = []

    def why(offer: DayOffer) -> str:
        return "" if offer.bookable else words.patient_text(offer.reasons[0])

    for reason, group in groupby(offers, key=why):
        days = list(group)
        if reason:
            rows.append({"first": days[0].day, "last": days[-1].day if len(days) > 1 else None, "why": reason})
            continue
        for offer in days:
            busy = offer.day.isoformat() in cannot
            rows.append({"first": offer.day, "hours": _span(offer), "busy": name if busy else ""})
    return rows


def _span(offer: DayOffer) -> str:
    """The possible hours of a day: "7 am to 8 pm", or with what is missing of it."""
    first, last = offer.hours[0], offer.hours[-1]
    said = [f"{hour.hour % 12 or 12} {_('am') if hour.hour < 12 else _('pm')}" for hour in (first, last)]
    return said[0] if first == last else _("%(first)s to %(last)s") % {"first": said[0], "last": said[1]}


def _choose(
    request: PatientRequest, session: DoseSession | None, bounds: Bounds, form: SlotForm | None
) -> dict[str, Any]:
    """The page's context: the days, or the hours of the day that was picked."""
    now, rules = clock.now(), policy.load()
    today = clock.today(bounds.zone, now)
    context: dict[str, Any] = {"session": session, "zone": bounds.zone, "today": today}
    picked = _day_of(request.POST.get("day") or request.GET.get("day"))
    if picked is not None and today <= picked <= today + timedelta(days=400):
        (offer,) = offer_days(picked, 1, ALL_HOURS, bounds, now=now, policy=rules)
        name, cannot = selecting.sitter_cannot(request.patient)
        return context | {
            "offer": offer,
            "why": "" if offer.bookable else words.patient_text(offer.reasons[0]),
            "form": (form or SlotForm(initial={"day": picked})).offer(offer.hours),
            "busy": name if picked.isoformat() in cannot else "",
        }
    first = max(today, _day_of(request.GET.get("from")) or today)
    first = min(first, today + timedelta(days=300))
    offers = offer_days(first, DAYS_SHOWN, ALL_HOURS, bounds, now=now, policy=rules)
    later = first + timedelta(days=DAYS_SHOWN)
    return context | {
        "rows": _rows(offers, request),
        "none": not any(offer.bookable for offer in offers),
        "later": later,
        "earlier": max(today, first - timedelta(days=DAYS_SHOWN)) if first > today else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def book(request: PatientRequest) -> HttpResponse:
    """Pick the day, then the hour, of one more session."""
    own_page(request, "session_days")
    choice = _choice(request, None)
    if choice is None:
        return _nothing_to_plan(request)
    form = SlotForm(request.POST) if request.method == "POST" else None
    refusal = ""
    if form is not None and form.is_valid():
        try:
            session = services.book_session(
                patient=request.patient, by=request.user, now=clock.now(), **form.cleaned_data
            )
        except RuleViolation as error:
            refusal = error.message
        else:
            messages.success(request, _("Your session is planned. Next, ask your sitter."))
            return redirect("treatment:session", pk=session.pk)
    context = _choose(request, None, choice.bounds, form) | {"refusal": refusal, "full": choice.full}
    return render(request, "treatment/choose.html", context, status=422 if request.method == "POST" else 200)


def _nothing_to_plan(request: PatientRequest) -> HttpResponse:
    chart = standings.latest_chart(request.patient)
    known = chart is not None and Phase(chart.status) not in RHYTHMS
    messages.info(
        request,
        str(words.PATIENT[f"phase_{chart.status}"]) if known and chart else _("There is nothing to plan now."),
    )
    return redirect("treatment:home")


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def move(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Pick another day and hour for one session."""
    row = access.session_for(request.user, pk)
    choice = _choice(request, row) if row.status in selecting.MOVABLE else None
    if choice is None:
        if request.method == "POST":
            return _refused(request, row)
        messages.info(request, _("This session cannot be moved any more."))
        return redirect("treatment:session", pk=row.pk)
    form = SlotForm(request.POST) if request.method == "POST" else None
    refusal = ""
    if form is not None and form.is_valid():
        try:
            moved = services.move_session(session=row, by=request.user, now=clock.now(), **form.cleaned_data)
        except RuleViolation as error:
            refusal = error.message
        else:
            messages.success(request, _moved_words(moved))
            return redirect("treatment:session", pk=row.pk)
    context = _choose(request, row, choice.bounds, form) | {"refusal": refusal}
    return render(request, "treatment/choose.html", context, status=422 if request.method == "POST" else 200)


def _refused(request: PatientRequest, session: DoseSession) -> HttpResponse:
    messages.error(request, _("This session cannot be moved any more."))
    return redirect("treatment:session", pk=session.pk)


def _moved_words(session: DoseSession) -> str:
    """What happened with the move, and whether the sitter still has to be asked."""
    asked = selectors.live_invitation(session)
    if asked is None:
        return _("Moved. Your reminders moved with it. Please invite your sitter again.")
    return _("Moved. Your reminders moved with it, and we asked %(name)s for the new time.") % {"name": asked.name}


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def skip(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Leave one session out, and say why."""
    row = access.session_for(request.user, pk)
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            left_out = services.skip_session(session=row, by=request.user, now=clock.now(), **form.cleaned_data)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return heed(request, "words") or redirect("treatment:session", pk=row.pk)
        messages.success(request, _("That session is left out. You will get no reminder for it."))
        said = form.cleaned_data["words"]
        # What a second click says anew is told to a clinician and not kept.
        help_page = help_first(request, said, kept=said == (left_out.skip_words or ""))
        return help_page or redirect("treatment:session", pk=row.pk)
    help_page = heed(request, "words") if request.method == "POST" else None
    if row.status not in selecting.MOVABLE:
        return help_page or redirect("treatment:session", pk=row.pk)
    context = {"form": form, "session": row, "zone": row.zone}
    return render(request, "treatment/skip.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def where(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Where the patient will be for a session: at home, or on a journey."""
    row = access.session_for(request.user, pk)
    if row.status not in selecting.MOVABLE:
        return redirect("treatment:session", pk=row.pk)
    form = WhereForm(
        request.POST if request.method == "POST" else None, session=row, home=request.patient.address or {}
    )
    refusal = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        zone = data["zone"] or selecting.usual_zone(data["state"], request.patient)
        now = clock.now()
        try:
            there = services.say_where(
                session=row, place=form.place(), zone=zone, hour=data["hour"], by=request.user, now=now
            )
        except RuleViolation as error:
            refusal = error.message
        else:
            _say_where_words(request, there, now)
            return redirect("treatment:session", pk=row.pk)
    context = {"form": form, "session": row, "zone": row.zone, "refusal": refusal}
    return render(request, "treatment/where.html", context, status=422 if request.method == "POST" else 200)


def _say_where_words(request: PatientRequest, session: DoseSession, now: datetime) -> None:
    if selecting.check_place(session):
        messages.warning(
            request,
            _("Noted. Your prescriber may not treat you in that state, so your session waits. The clinic calls you."),
        )
        return
    when = clock.describe(session.starts_at, session.zone)
    messages.success(request, _("Noted. Your session is on %(when)s. Your reminders follow.") % {"when": when})
