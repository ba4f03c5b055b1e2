"""Questions about who waits: what suits them, where they stand, what is offered to them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from harmoniously.core.accounts.models import Patient
from telemedicine import may_book, selectors
from telemedicine.models import Appointment, OfferedTime, WaitingWish
from telemedicine.rules import slots
from telemedicine.rules import waiting as rules
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.selectors import Ignoring, Offer

LOOK_AHEAD = timedelta(days=28)


def may_wait(patient: Patient, kind: VisitKind, now: datetime) -> bool:
    """Whether the patient could book this kind, or has it booked and could have it earlier."""
    place = may_book.place_of(patient)
    stop = may_book.booking_stop(patient, now, place)
    return kind in may_book.kinds_open_to(patient, place) and stop in {None, "already_booked"}


def wish_of(patient: Patient, kind: str) -> WaitingWish | None:
    """What the patient waits for, of this kind."""
    rows = WaitingWish.objects.filter(patient=patient, kind=kind, status="waiting").select_related("clinician")
    wish = rows.first()
    if wish is not None:
        wish.patient = patient
    return wish


def booked_of(patient: Patient, kind: str, now: datetime) -> Appointment | None:
    """The visit of this kind that they have already: an earlier time would replace it."""
    rows = Appointment.objects.for_patient(patient).booked().with_people().filter(kind=kind, starts_at__gt=now)
    return rows.order_by("starts_at").first()


def offer_to(patient: Patient, kind: str, now: datetime) -> OfferedTime | None:
    """The time that is kept for them now."""
    return next((offer for offer in offers_to(patient, now) if offer.wish.kind == kind), None)


def offers_to(patient: Patient, now: datetime) -> list[OfferedTime]:
    """Everything that is kept for them now, of whatever kind, and that can still be had."""
    rows = OfferedTime.objects.filter(patient=patient, status="open", until__gt=now, held__status="held")
    rows = rows.select_related("held__clinician__user", "held__patient__user", "wish", "patient__user")
    return [offer for offer in rows if stands(offer, now)]


def stands(offer: OfferedTime, now: datetime) -> bool:
    """Whether the clinician still works then, here and there: hours may have passed since it was offered."""
    held = offer.held
    calendars, _people = selectors.calendars_of(
        kind=VisitKind(held.kind),
        state=held.place,
        windows=[Span(held.starts_at, held.ends_at)],
        now=now,
        clinicians=[held.clinician_id],
        ignoring=Ignoring(patient=offer.patient, appointment=booked_of(offer.patient, held.kind, now)),
    )
    return any(
        slots.is_offered(calendar, kind=VisitKind(held.kind), starts_at=held.starts_at, earliest=now)
        for calendar in calendars
    )


def gone_offer(wish: WaitingWish, now: datetime) -> OfferedTime | None:
    """The last time that was offered, when its clinician cannot be there after all; to be said while it lies ahead."""
    last = wish.offers.select_related("held").order_by("-offered_at").first()
    if last is None or last.held.starts_at <= now:
        return None
    away = last.status == OfferedTime.Status.WITHDRAWN
    kept = last.held.status == Appointment.Status.HELD and last.until > now
    return last if away or (last.status == OfferedTime.Status.OPEN and kept) else None


def offer_made(patient: Patient, kind: str, pk: str) -> OfferedTime | None:
    """A time that was offered to them, whatever became of it."""
    rows = OfferedTime.objects.filter(patient=patient, wish__kind=kind)
    rows = rows.select_related("held__clinician__user", "held__patient__user", "wish", "patient__user")
    return next((offer for offer in rows if str(offer.pk) == pk), None)


def taken_visit(offer: OfferedTime) -> Appointment | None:
    """The visit that an offer became: the held time itself, or the visit that was moved to it."""
    held = offer.held
    if held.status == Appointment.Status.BOOKED:
        return held
    if offer.status != OfferedTime.Status.TAKEN:
        return None
    rows = Appointment.objects.for_patient(offer.patient).booked().with_people()
    return rows.filter(kind=held.kind, starts_at=held.starts_at, clinician=held.clinician_id).first()


def is_offered(appointment: Appointment) -> bool:
    """Whether this held time was offered to somebody who waits: its page is the one of the waiting."""
    return OfferedTime.objects.filter(held=appointment).exists()


def place_of(wish: WaitingWish) -> int:
    """Where they stand among those in the same state who wait for the same kind; 1 is the first."""
    ahead = WaitingWish.objects.filter(status="waiting", kind=wish.kind, state=wish.state, asked_at__lt=wish.asked_at)
    return ahead.count() + 1


def suiting(wish: WaitingWish, before: datetime | None) -> rules.Wish:
    """What suits, as the pure rule wants it; `before` is the visit that an earlier one would replace."""
    return rules.Wish(wish.patient.zone, wish.weekdays, wish.starts, wish.ends, before)


def times_for(wish: WaitingWish, now: datetime) -> Iterator[Offer]:
    """The free times that suit, earliest first, without those that were offered to them already."""
    patient = wish.patient
    have = booked_of(patient, wish.kind, now)
    suits = suiting(wish, have.starts_at if have else None)
    # A time of a clinician who came back may be offered once more.
    answered = wish.offers.exclude(status=OfferedTime.Status.WITHDRAWN)
    offered = set(answered.values_list("held__starts_at", "held__clinician"))
    found = selectors.offers(
        kind=VisitKind(wish.kind),
        state=wish.place,
        window=Span(now, min(now + LOOK_AHEAD, suits.before or now + LOOK_AHEAD)),
        now=now,
        lead=rules.LEAD_TIME + rules.SHORTEST,
        clinicians=[wish.clinician_id] if wish.clinician_id else None,
        ignoring=Ignoring(patient=patient),
    )
    for time in selectors.one_per_time(found):
        if (time.starts_at, time.clinician.pk) not in offered and rules.suits(suits, time.starts_at, time.ends_at):
            yield time
