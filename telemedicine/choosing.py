"""A week of times as somebody chooses from it: one list, the patient's own clinicians first, then whoever else may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock
from harmoniously.core.common.states import STATE_CHOICES
from telemedicine import selectors
from telemedicine.rules import slots
from telemedicine.rules.slots import Calendar, Part, Span, VisitKind
from telemedicine.selectors import Ignoring, Offer, Read
from telemedicine.week import Choice, Week, choice_of, span_of, week_of

LOOK_AHEAD = timedelta(days=28)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see: which visit, in which state, on whose wall, which week (None: the first with times).

    `lead` is how long before it starts a time can still be had, `each` whether every clinician's times are shown, as
    staff see them, or one clinician for each time. Staff also ask for one clinician, for a `part` of the day, and for
    their own wall `beside` the patient's.
    """

    kind: VisitKind
    state: str
    zone: str
    first: date | None
    lead: timedelta = slots.LEAD_TIME
    each: bool = False
    clinician: UUID | None = None
    part: Part | None = None
    beside: str = ""


@dataclass(frozen=True)
class Own:
    """How it stands with the patient's own clinicians in the week that is shown: names, and what keeps them away."""

    names: str = ""
    is_away: bool = False
    unlicensed: str = ""
    next: Choice | None = None


def window_of(asked: Asked, now: datetime) -> Span:
    """Where the times that are asked for lie."""
    return span_of(asked.first, asked.zone) if asked.first else Span(now, now + LOOK_AHEAD)


def read_with(asked: Asked, wanted: Iterable[datetime], ignoring: Ignoring, now: datetime) -> Read:
    """All calendars that a refusal needs, read once: of the times shown, of those wanted, and of what is near them."""
    windows = [window_of(asked, now)]
    for at in wanted:
        windows += [Span(at, at + MOMENT), selectors.around(at, now)]
    return selectors.calendars_of(kind=asked.kind, state=asked.state, windows=windows, now=now, ignoring=ignoring)


def times_of_week(
    asked: Asked, clinicians: Iterable[Clinician], ignoring: Ignoring, now: datetime, read: Read | None = None
) -> tuple[Week, Own]:
    """The seven days asked for, or those from the first free day of the next four weeks. Three queries.

    `clinicians` are the patient's own; `read` the calendars of `window_of` where they were read already.
    """
    window = window_of(asked, now)
    calendars, people = read or selectors.calendars_of(
        kind=asked.kind,
        state=asked.state,
        windows=[window],
        now=now,
        ignoring=ignoring,
        clinicians=[asked.clinician] if asked.clinician else None,
    )
    calendars = [calendar for calendar in calendars if asked.clinician in (None, calendar.clinician_id)]
    mine = {clinician.pk: clinician for clinician in clinicians if asked.clinician in (None, clinician.pk)}

    def free(among: list[Calendar], span: Span) -> list[Offer]:
        found = slots.free_slots(among, kind=asked.kind, window=span, earliest=now + asked.lead)
        return [
            Offer(slot, people[slot.clinician_id])
            for slot in found
            if slots.in_part(slot.starts_at, asked.zone, asked.part)
        ]

    first = asked.first or clock.today(asked.zone, now)
    found = free(calendars, span_of(first, asked.zone))
    if asked.first is None and not found:
        found = free(calendars, window)
        if found:
            first = clock.today(asked.zone, found[0].starts_at)
            found = free(calendars, span_of(first, asked.zone))
    own = [offer for offer in found if offer.clinician.pk in mine]
    others = [offer for offer in found if offer.clinician.pk not in mine]
    if not asked.each:
        taken = {offer.starts_at for offer in own}
        others = selectors.one_per_time(offer for offer in others if offer.starts_at not in taken)
    week = week_of([*own, *others], first=first, zone=asked.zone, now=now, own=frozenset(mine), beside=asked.beside)
    here = [calendar for calendar in calendars if calendar.clinician_id in mine and (calendar.hours or calendar.dates)]
    later = free(here, window) if here and not own and asked.first is None else []
    return week, Own(
        names=_names([mine[calendar.clinician_id] for calendar in here]),
        is_away=bool(here) and not own,
        unlicensed=_names([who for who in mine.values() if _sees(who, asked.kind) and who.pk not in people]),
        next=choice_of(later[0], asked.zone) if later else None,
    )


def _sees(clinician: Clinician, kind: VisitKind) -> bool:
    """Whether a clinician holds such visits at all; integration is the therapists', and whose hours say so."""
    return clinician.user.role == (Role.THERAPIST if kind == VisitKind.INTEGRATION else Role.PRESCRIBER)


def _names(people: list[Clinician]) -> str:
    return _(" and ").join(str(clinician) for clinician in people)


def states_to_choose(kind: VisitKind, now: datetime) -> list[tuple[str, str, bool]]:
    """Every state with its name, and whether somebody is licensed there for this kind of visit. One query."""
    served = selectors.states_served(kind, now)
    return [(code, name, code in served) for code, name in STATE_CHOICES]
