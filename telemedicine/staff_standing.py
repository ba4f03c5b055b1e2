"""Where visits stand, in the words and tones that the grid, the day board and the list of what is due share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import clock
from telemedicine.models import Appointment, Room
from telemedicine.rules.calls import PRESENT_WITHIN
from telemedicine.rules.standing import PRESSING, Standing, VisitFacts, since, standing_of

WORDS = {
    Standing.HELD: ("neutral", gettext_lazy("Held")),
    Standing.BOOKED: ("success", gettext_lazy("Booked")),
    Standing.CONFIRMED: ("success", gettext_lazy("Confirmed")),
    Standing.BLOCKED: ("danger", gettext_lazy("Cannot begin: no licence there")),
    Standing.WAITING: ("caution", gettext_lazy("In the waiting room")),
    Standing.TELEPHONE: ("caution", gettext_lazy("Waits for the telephone")),
    Standing.LEFT: ("caution", gettext_lazy("Left the waiting room")),
    Standing.LATE: ("danger", gettext_lazy("Late")),
    Standing.GOING_ON: ("info", gettext_lazy("Going on")),
    Standing.NOT_CLOSED: ("danger", gettext_lazy("Over, not closed")),
    Standing.DONE: ("neutral", gettext_lazy("Took place")),
    Standing.MISSED: ("caution", gettext_lazy("Missed")),
    Standing.CANCELLED: ("neutral", gettext_lazy("Cancelled")),
}
# What the patient does at the door is looked up for visits that can be begun about now.
DOOR = timedelta(hours=3)


@dataclass(frozen=True)
class Shown:
    """One visit with where it stands."""

    visit: Appointment
    standing: Standing
    since: datetime | None

    @property
    def words(self) -> str:
        return str(WORDS[self.standing][1])

    @property
    def tone(self) -> str:
        return WORDS[self.standing][0]

    @property
    def is_plain(self) -> bool:
        """Nothing more to say than that it is booked."""
        return self.standing == Standing.BOOKED

    @property
    def presses(self) -> bool:
        return self.standing in PRESSING

    @property
    def kind_tone(self) -> str:
        return {"evaluation": "info", "check_in": "success"}.get(self.visit.kind, "caution")

    @property
    def held_words(self) -> str:
        """Who keeps a time that is held."""
        holder = self.visit.held_by
        return _("for a caller, by %(who)s") % {"who": holder.display_name} if holder else _("being chosen online")


def shown(visits: Iterable[Appointment], now: datetime) -> list[Shown]:
    """Every visit with where it stands now. One query, for those whose door is open."""
    rows = list(visits)
    near = [row.pk for row in rows if row.location_at is not None and abs(row.starts_at - now) < DOOR]
    rooms = {
        (room.appointment_id, room.sequence): room
        for room in (Room.objects.filter(appointment__in=near) if near else ())
    }
    return [one(row, rooms.get((row.pk, row.sequence)), now) for row in rows]


def one(visit: Appointment, room: Room | None, now: datetime) -> Shown:
    """The same for one visit and its room."""
    facts = facts_of(visit, room, now)
    standing = standing_of(facts, now)
    return Shown(visit, standing, since(facts, standing))


def facts_of(visit: Appointment, room: Room | None, now: datetime) -> VisitFacts:
    """A visit as the pure rule wants it."""
    seen = room.patient_seen_at if room is not None else None
    return VisitFacts(
        status=visit.status,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        started_at=visit.started_at,
        confirmed_at=visit.confirmed_at,
        placed_at=visit.location_at,
        licensed=visit.location_licensed,
        entered_at=room.consented_at if room is not None else None,
        there=seen is not None and now - seen <= PRESENT_WITHIN,
        wants_telephone=room is not None and room.phone_asked_at is not None,
    )


def span_words(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "9:00 am–10:15 am"."""
    return f"{clock.hour_words(starts_at, zone)}–{clock.hour_words(ends_at, zone)}"
