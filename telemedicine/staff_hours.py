"""What stands about a clinician's hours, as the page that keeps them shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock
from telemedicine.models import Appointment, AvailabilityRule, CalendarFeed, DateHours, TimeOff, WorkingLimits
from telemedicine.models.appointment import Kind
from telemedicine.rules import slots
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.selectors import as_date_hours, as_weekly_hours

MOST = 100  # lines of each list


@dataclass(frozen=True)
class Line:
    """One thing that is kept: `value` names it to be taken away."""

    value: str
    words: str
    more: str


@dataclass(frozen=True)
class KeptHours:
    """A clinician's week, what differs from it, and the booked visits that it no longer has room for."""

    weekly: list[Line]
    dates: list[Line]
    away: list[Line]
    limits: WorkingLimits | None
    unfitting: list[Appointment]

    @property
    def limits_initial(self) -> dict[str, int | None]:
        row = self.limits
        if row is None:
            return {"before": 0, "after": 0, "daily_maximum": None}
        return {"before": row.minutes_before, "after": row.minutes_after, "daily_maximum": row.daily_maximum}


def all_clinicians() -> list[Clinician]:
    """Everybody who can have hours, by name."""
    seeing = [Role.PRESCRIBER, Role.THERAPIST]
    found = Clinician.objects.select_related("user").filter(user__is_active=True, user__role__in=seeing)
    return list(found.order_by("display_name"))


def kept_hours(clinician: Clinician, now: datetime) -> KeptHours:
    """Everything that counts from today on."""
    today = clock.today(clinician.zone, now)
    weekly = list(AvailabilityRule.objects.filter(clinician=clinician).order_by("weekday", "starts"))
    dates = list(DateHours.objects.filter(clinician=clinician, day__gte=today)[:MOST])
    away = list(TimeOff.objects.filter(clinician=clinician, ends_at__gt=now)[:MOST])
    return KeptHours(
        weekly=[
            Line(f"weekly:{rule.pk}", f"{rule.get_weekday_display()}, {stretch(rule)}", _kinds(rule.kinds))
            for rule in weekly
        ],
        dates=[
            Line(f"date:{row.pk}", f"{clock.date_words(row.day)}, {stretch(row)}", _date_more(row)) for row in dates
        ],
        away=[Line(f"time_off:{row.pk}", _away(row, clinician.zone), "") for row in away],
        limits=WorkingLimits.objects.filter(clinician=clinician).first(),
        unfitting=_unfitting(clinician, weekly, dates, away, now),
    )


def feed_of(clinician: Clinician) -> CalendarFeed | None:
    """The calendar address that answers now."""
    return CalendarFeed.objects.filter(clinician=clinician, ended_at__isnull=True).first()


def row_of(clinician: Clinician, value: str) -> AvailabilityRule | DateHours | TimeOff | None:
    """The row of a line of this clinician; None when it has gone, or was never theirs."""
    kind, __, text = value.partition(":")
    try:
        key = UUID(text)
    except ValueError:
        return None
    if kind == "weekly":
        return AvailabilityRule.objects.filter(clinician=clinician, pk=key).select_related("clinician").first()
    if kind == "date":
        return DateHours.objects.filter(clinician=clinician, pk=key).select_related("clinician").first()
    if kind == "time_off":
        return TimeOff.objects.filter(clinician=clinician, pk=key).select_related("clinician").first()
    return None


def _unfitting(
    clinician: Clinician, weekly: list[AvailabilityRule], dates: list[DateHours], away: list[TimeOff], now: datetime
) -> list[Appointment]:
    calendar = slots.Calendar(
        clinician_id=clinician.pk,
        zone=clinician.zone,
        hours=tuple(as_weekly_hours(rule) for rule in weekly),
        busy=tuple(Span(row.starts_at, row.ends_at) for row in away),
        licensed_through=date.max,
        dates=tuple(as_date_hours(row) for row in dates),
    )
    ahead = Appointment.objects.booked().with_people().filter(clinician=clinician, starts_at__gt=now)
    return [
        visit
        for visit in ahead.order_by("starts_at")[:MOST]
        if not slots.is_within_hours(calendar, VisitKind(visit.kind), Span(visit.starts_at, visit.ends_at))
    ]


def stretch(row: AvailabilityRule | DateHours) -> str:
    """The hours of a row: "9:00 am–5:00 pm"."""
    return f"{clock.wall_words(row.starts)}–{clock.wall_words(row.ends)}"


def _kinds(names: list[str]) -> str:
    return ", ".join(str(Kind(name).label) for name in Kind.values if name in names)


def _date_more(row: DateHours) -> str:
    how = _("instead of the weekly hours") if row.instead else _("beside the weekly hours")
    return f"{_kinds(row.kinds)}; {how}"


def _away(row: TimeOff, zone: str) -> str:
    begins, ends = (f"{clock.day_words(at, zone)}, {clock.hour_words(at, zone)}" for at in (row.starts_at, row.ends_at))
    same_day = clock.today(zone, row.starts_at) == clock.today(zone, row.ends_at)
    return f"{begins}–{clock.hour_words(row.ends_at, zone)}" if same_day else f"{begins} – {ends}"
