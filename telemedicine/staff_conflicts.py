"""Why a time cannot be had, told to whoever books for a patient: which rule, whose visit, since when.

Only for people who arrange visits: it names the patient who has the time. Patients are told that it is gone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Calendar, Obstacle, Span
from telemedicine.selectors import Ignoring, Read
from telemedicine.services.taking import Wanted
from telemedicine.staff_standing import span_words
from treatment.models import DoseSession
from treatment.selectors import sessions_of


def explain(wanted: Sequence[Wanted], read: Read, ignoring: Ignoring, now: datetime) -> list[list[str]]:
    """For each time of one patient with one clinician every reason as a sentence, in the patient's time; none for one
    that can be had. One query; `read` are the calendars of these moments.
    """
    calendars = {calendar.clinician_id: calendar for calendar in read[0]}
    rows = _rows(wanted, ignoring, now)
    return [list(_reasons(one, calendars.get(one.clinician.pk), rows, now)) for one in wanted]


def _reasons(wanted: Wanted, calendar: Calendar | None, rows: list[Appointment], now: datetime) -> Iterator[str]:
    there = [row for row in rows if row.starts_at < wanted.ends_at and row.ends_at > wanted.starts_at]
    yield from (_elsewhere(row, wanted) for row in there if row.clinician_id != wanted.clinician.pk)
    if calendar is None:
        yield _words(Obstacle.UNLICENSED, wanted, None)
        return
    for obstacle in slots.obstacles(calendar, kind=wanted.kind, starts_at=wanted.starts_at, earliest=now):
        if obstacle == Obstacle.TAKEN:
            yield from (_taken(row, wanted) for row in there if row.clinician_id == wanted.clinician.pk)
        elif obstacle == Obstacle.AWAY:
            span = Span(wanted.starts_at, wanted.ends_at)
            yield from (_away(away, wanted) for away in calendar.busy if slots.overlap(away, span))
        else:
            yield _words(obstacle, wanted, calendar)


def planned_days(patient: Patient, span: Span) -> list[str]:
    """The days on which something is planned at home: a visit on such a day is the patient's to wish."""
    open_ones = sessions_of(patient).filter(status__in=DoseSession.OPEN)
    planned = open_ones.filter(starts_at__gte=span.starts_at, starts_at__lt=span.ends_at).order_by("starts_at")
    return list(dict.fromkeys(clock.day_words(at, zone) for at, zone in planned.values_list("starts_at", "zone")))


def _rows(wanted: Sequence[Wanted], ignoring: Ignoring, now: datetime) -> list[Appointment]:
    """What stands at one of the times, of the clinician or of the patient. One query."""
    near = Q()
    for one in wanted:
        whose = Q(clinician=one.clinician) | Q(patient=one.patient)
        near |= Q(whose, starts_at__lt=one.ends_at, ends_at__gt=one.starts_at)
    rows = Appointment.objects.taking_time().filter(near).exclude(status=Status.HELD, held_until__lte=now)
    if ignoring.patient is not None:
        rows = rows.exclude(status=Status.HELD, patient=ignoring.patient)
    if ignoring.appointment is not None:
        rows = rows.exclude(pk=ignoring.appointment.pk)
    return list(rows.select_related("patient__user", "clinician__user", "held_by").order_by("starts_at"))


def _elsewhere(row: Appointment, wanted: Wanted) -> str:
    return _("The patient has another visit then: %(kind)s with %(clinician)s, %(times)s.") % {
        "kind": row.get_kind_display(),
        "clinician": row.clinician,
        "times": span_words(row.starts_at, row.ends_at, wanted.patient.zone),
    }


def _taken(row: Appointment, wanted: Wanted) -> str:
    zone = wanted.patient.zone
    facts = {
        "clinician": row.clinician,
        "patient": row.patient.display_name,
        "times": span_words(row.starts_at, row.ends_at, zone),
        "since": clock.describe(row.created_at, zone),
        "until": clock.hour_words(row.held_until, zone) if row.held_until else "",
        "who": row.held_by.display_name if row.held_by else "",
    }
    if row.status == Status.HELD and row.held_by:
        return _("%(who)s keeps %(times)s for %(patient)s, who is on the telephone, until %(until)s.") % facts
    if row.status == Status.HELD:
        return _("%(patient)s is choosing %(times)s online; it is kept for them until %(until)s.") % facts
    return _("%(clinician)s sees %(patient)s then, %(times)s. Booked since %(since)s.") % facts


def _away(away: Span, wanted: Wanted) -> str:
    return _("%(clinician)s is away from %(first)s to %(last)s.") % {
        "clinician": wanted.clinician,
        "first": clock.describe(away.starts_at, wanted.patient.zone),
        "last": clock.describe(away.ends_at, wanted.patient.zone),
    }


def _words(obstacle: Obstacle, wanted: Wanted, calendar: Calendar | None) -> str:
    """A reason that needs no row: the rule itself."""
    limits = calendar.limits if calendar else slots.NO_LIMITS
    texts = {
        Obstacle.NOTICE: _("This time has passed."),
        Obstacle.UNLICENSED: _("%(clinician)s has no licence on that day in the state where the patient will be."),
        Obstacle.OUTSIDE_HOURS: _("%(clinician)s has no hours for this kind of visit then."),
        Obstacle.OFF_GRID: _("Visits of %(clinician)s begin on the quarter hours of their working hours."),
        Obstacle.NO_ROOM: _("%(clinician)s keeps %(minutes)s minutes between two visits; another one is too near."),
        Obstacle.FULL_DAY: _("%(clinician)s sees %(most)s patients a day at most, and that day is full."),
    }
    minutes = int(limits.gap.total_seconds() // 60)
    return texts[obstacle] % {"clinician": wanted.clinician, "minutes": minutes, "most": limits.daily_maximum}
