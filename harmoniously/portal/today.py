"""Today: what a clinician sees first. Alerts, the visits of the day, then the work; coordinators see the first two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts.models import AlertStatus
from harmoniously.core.common import clock
from harmoniously.portal.dashboard import SHOWN, Line, Panel, ago, ago_words, zone_of
from harmoniously.portal.staff_context import how_many
from telemedicine import today as visits
from telemedicine.conversation import selectors as conversation
from telemedicine.models import Appointment
from telemedicine.notes.rules.writing import DUE_WITHIN
from telemedicine.notes.selectors import to_finish
from telemedicine.reviews import selectors as reviews
from telemedicine.work import sources
from telemedicine.work.lines import Reader, brief
from treatment import policy
from treatment.selecting import journal, phases

Counted = Mapping[str, Any]
Maker = Callable[[User, datetime, Counted], Panel]
WEEK = timedelta(days=7)


def panels(user: User, now: datetime, counted: Counted) -> list[Panel]:
    """The lists that this person works on, the most urgent first; `counted` is what the menu counted."""
    makers: tuple[tuple[Permission, Maker], ...] = (
        (Permission.ACKNOWLEDGE_ALERTS, _alerts),
        (Permission.VIEW_SCHEDULE, _visits),
        (Permission.REVIEW_CASES, _queue),
        (Permission.READ_SHARED_JOURNAL, _journal),
        (Permission.READ_SHARED_JOURNAL, _week),
        (Permission.READ_SHARED_JOURNAL, _messages),
        (Permission.READ_SHARED_JOURNAL, _own_patients),
        (Permission.PRESCRIBE, _phases),
        (Permission.VIEW_CLINICAL, _notes),
    )
    return [make(user, now, counted) for permission, make in makers if can(user, permission)]


def _alerts(user: User, now: datetime, counted: Counted) -> Panel:
    sees_why = can(user, Permission.VIEW_CLINICAL)
    shown = [
        Line(
            title=_("Alert about %(record)s") % {"record": row.patient.mrn},
            detail=_("%(kind)s, %(age)s") % {"kind": row.get_kind_display(), "age": ago(row.opened_at, now)}
            if sees_why
            else ago(row.opened_at, now),
            url=reverse("admin:alert_detail", args=[row.pk]),
            tag=_("Open") if row.status == AlertStatus.OPEN else _("Not reached"),
            tone="danger" if row.rings else "caution",
        )
        for row in alerts.unattended(now)[:SHOWN]
    ]
    empty = _("No open alert. New ones appear here at once.")
    return Panel(_("Alerts"), empty, reverse("admin:alerts"), counted["alerts"], shown)


# Visits


def _visits(user: User, now: datetime, _counted: Counted) -> Panel:
    """The visits of the day that are not over, and who waits in the room."""
    clinician, zone = reviews.clinician_of(user), zone_of(user)
    rows = visits.with_presence(Appointment.objects.booked().with_people(), now)
    rows = rows.filter(ends_at__gte=now, starts_at__lt=_midnight(zone, now))
    if clinician is not None:
        rows = rows.filter(clinician=clinician)
    found = list(rows.order_by("starts_at"))
    shown = [
        Line(
            title=f"{clock.hour_words(row.starts_at, zone)} {row.patient.display_name}",
            detail=row.get_kind_display() if clinician else f"{row.get_kind_display()}, {row.clinician}",
            url=reverse("admin:visit" if clinician else "admin:appointment", args=[row.pk]),
            tag=words,
            tone=tone,
        )
        for row in found[:SHOWN]
        for words, tone in [_presence(row, now)]
    ]
    title = _("Visits today, %(zone)s") % {"zone": clock.zone_words(now, zone)}
    return Panel(title, _("No more visits today."), reverse("admin:day_board"), len(found), shown)


def _presence(row: Any, now: datetime) -> tuple[str, str]:
    """Where a visit of today stands, with its tone."""
    if row.telephone:
        return _("Wants the telephone"), "caution"
    if row.started_at is not None:
        return _("In progress"), "info"
    if row.there:
        return _("Waits in the room"), "caution"
    return (_("Now"), "info") if row.starts_at <= now else ("", "neutral")


def _week(user: User, now: datetime, _counted: Counted) -> Panel:
    """The integration visits of the next seven days, today's not among them."""
    clinician, zone = reviews.clinician_of(user), zone_of(user)
    begins = _midnight(zone, now)
    rows = (
        Appointment.objects.booked()
        .with_people()
        .filter(
            clinician=clinician, kind=Appointment.Kind.INTEGRATION, starts_at__gte=begins, starts_at__lt=begins + WEEK
        )
    )
    found = list(rows.order_by("starts_at"))
    shown = [
        Line(
            title=row.patient.display_name,
            detail=clock.describe(row.starts_at, zone),
            url=reverse("admin:visit", args=[row.pk]),
        )
        for row in found[:SHOWN]
    ]
    empty = _("No integration visit in the next seven days. Coordinators book them; they appear here.")
    return Panel(_("Integration visits of the week"), empty, reverse("admin:schedule"), len(found), shown)


def _midnight(zone: str, now: datetime) -> datetime:
    there = clock.local(now, zone)
    return there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


# Work


def _queue(user: User, now: datetime, counted: Counted) -> Panel:
    """The first lines of the one queue, and how much waits in it."""
    shown = [
        Line(
            title=line.patient.display_name,
            detail=f"{line.why}, {ago_words(line.since)}",
            url=line.url,
            tag=str(line.urgency.words),
            tone=line.urgency.tone,
        )
        for line in brief(sources.head(user, now, SHOWN), Reader(user, zone_of(user), now))
    ]
    empty = _("Nothing waits. What patients in your states hand in, and what your own patients tell, appears here.")
    return Panel(_("Review queue"), empty, reverse("admin:review_queue"), how_many(counted["queue"]), shown)


def _phases(user: User, now: datetime, _counted: Counted) -> Panel:
    """Whose induction is over, and who waits in review."""
    clinician = reviews.clinician_of(user)
    found = phases.to_decide(clinician, now, policy.load()) if clinician is not None else []
    shown = [
        Line(
            title=chart.patient.display_name,
            detail=_("In review since %(day)s") % {"day": clock.day_words(chart.since, zone_of(user))}
            if why == "in_review"
            else _("The induction is complete"),
            url=reverse("admin:treatment_phase", args=[chart.patient_id]),
            tag=_("Decide"),
            tone="caution",
        )
        for chart, why in found[:SHOWN]
    ]
    empty = _("Nobody waits. Whoever completes the induction, or is in review, appears here.")
    return Panel(_("Phases to decide"), empty, "", len(found), shown)


def _notes(user: User, now: datetime, _counted: Counted) -> Panel:
    """The own visits whose note was begun, or is missing a day after them: until it is signed."""
    clinician = reviews.clinician_of(user)
    rows = list(to_finish(clinician, now)) if clinician is not None else []
    shown = [
        Line(
            title=row.patient.display_name,
            detail=f"{row.get_kind_display()}, {clock.day_words(row.starts_at, zone_of(user))}",
            url=_note_url(row),
            tag=tag,
            tone=tone,
        )
        for row in rows[:SHOWN]
        for tag, tone in [_note_tag(row, now)]
    ]
    empty = _("Every note is signed. A visit without one appears here after 24 hours, a draft at once.")
    return Panel(_("Notes to sign"), empty, "", len(rows), shown)


def _note_url(row: Any) -> str:
    if row.look_again and row.note_signed_at:
        return reverse("admin:signed_note", args=[row.note_key])
    return reverse("admin:visit_note", args=[row.pk])


def _note_tag(row: Any, now: datetime) -> tuple[str, str]:
    """What of the note waits, with its tone."""
    if row.look_again:
        return _("Held back: look again"), "caution"
    if row.note_signed_at:
        return _("Amendment"), "neutral"
    return (_("Overdue"), "caution") if row.ends_at + DUE_WITHIN <= now else (_("Draft"), "neutral")


# The therapist's own


def _journal(user: User, now: datetime, _counted: Counted) -> Panel:
    """What patients share of their journal and this therapist has not opened, newest first; never a word of it."""
    unseen = list(journal.unopened_by(user, now))
    shown = [
        Line(
            title=row.patient.display_name,
            detail=_("shared %(age)s") % {"age": ago(row.shared_at, now)},
            url=reverse("admin:shared_journal_entry", args=[row.entry_id]),
            tag=_("Not opened"),
            tone="info",
        )
        for row in unseen[:SHOWN]
    ]
    empty = _("You have opened everything that is shared with you. New entries appear here.")
    return Panel(_("Journal entries to open"), empty, reverse("admin:shared_journal"), len(unseen), shown)


def _messages(user: User, now: datetime, counted: Counted) -> Panel:
    """The conversations in which something is unread that this person has to read, the longest waiting first."""
    rows = conversation.waiting_for(user, now).select_related("patient__user").order_by("waiting_since", "opened_at")
    shown = [
        Line(
            title=row.patient.display_name,
            detail=_("waiting %(age)s") % {"age": ago(row.waiting_since or row.opened_at, now)},
            url=reverse("admin:message_thread", args=[row.pk]),
        )
        for row in rows[:SHOWN]
    ]
    empty = _("Every message is read. New ones appear here.")
    return Panel(_("Messages"), empty, reverse("admin:messages"), counted["messages"], shown)


def _own_patients(user: User, now: datetime, _counted: Counted) -> Panel:
    """Whom this therapist cares for: first those with whom no integration visit is booked."""
    zone = zone_of(user)
    found = list(visits.own_patients(user, now))
    shown = [
        Line(
            title=row.display_name,
            detail=clock.describe(row.next_visit_at, zone) if row.next_visit_at else _("No visit with you is booked"),
            url=reverse("admin:outcomes", args=[row.pk]),
            tag="" if row.next_visit_at else _("No visit"),
            tone="caution",
        )
        for row in found[:SHOWN]
    ]
    empty = _("Nobody is in your care yet. Patients appear here once a visit with you is booked.")
    return Panel(_("My patients"), empty, reverse("admin:patients"), len(found), shown)
