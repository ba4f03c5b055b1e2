"""What needs doing now, by role: the first page of the staff site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from harmoniously.core.accounts.licences import WARN_AT
from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts import work_selectors as work
from harmoniously.core.alerts.duty import rota
from harmoniously.core.alerts.models import AlertStatus
from harmoniously.core.alerts.work_rules import is_overdue
from harmoniously.core.common import clock
from harmoniously.core.notifications.selectors import outbox_health
from harmoniously.portal.system import checks
from telemedicine.models import Appointment
from telemedicine.notes.rules.writing import DUE_WITHIN
from telemedicine.notes.selectors import to_finish
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews import to_read
from telemedicine.reviews.rules.triage import Urgency
from telemedicine.reviews.wording import URGENCY_WORDS, span
from treatment import policy
from treatment.selecting import phases

SHOWN = 5
LICENCE_WARNING = timedelta(days=max(WARN_AT))
PRACTICE_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: what, for whom, since when, and where."""

    title: str
    url: str = ""
    detail: str = ""
    tag: str = ""
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Panel:
    """One list of things to do, with where the whole list is and what its emptiness means."""

    title: str
    empty: str
    url: str = ""
    total: int = 0
    lines: list[Line] = field(default_factory=list)
    wide: bool = False
    # What the way to the whole list says; empty: that it leads there.
    more: str = ""


def panels(user: User, now: datetime) -> list[Panel]:
    """The lists that this person works on, the most urgent first."""
    makers: tuple[tuple[Permission, Callable[[User, datetime], Panel]], ...] = (
        (Permission.ACKNOWLEDGE_ALERTS, _alerts),
        (Permission.REVIEW_CASES, _to_read),
        (Permission.REVIEW_CASES, _queue),
        (Permission.PRESCRIBE, _phases),
        (Permission.VIEW_SCHEDULE, _visits),
        (Permission.VIEW_CLINICAL, _notes),
        (Permission.WORK_FOLLOW_UPS, _follow_ups),
        (Permission.MANAGE_PEOPLE, _practice),
        (Permission.WORK_FOLLOW_UPS, _outbox),
        (Permission.VIEW_SYSTEM, _system),
    )
    return [make(user, now) for permission, make in makers if can(user, permission)]


def _alerts(user: User, now: datetime) -> Panel:
    rows = list(alerts.unattended(now)[: SHOWN + 1])
    sees_case = can(user, Permission.REVIEW_CASES)
    lines = [
        Line(
            title=_("Alert about %(record)s") % {"record": row.patient.mrn},
            detail=_("%(kind)s, %(age)s") % {"kind": row.get_kind_display(), "age": ago(row.opened_at, now)}
            if sees_case or can(user, Permission.VIEW_CLINICAL)
            else ago(row.opened_at, now),
            url=_address("admin:alert_detail", row.pk),
            tag=_("Open") if row.status == AlertStatus.OPEN else _("Not reached"),
            tone="danger" if row.rings else "caution",
        )
        for row in rows[:SHOWN]
    ]
    return Panel(
        _("Alerts"), _("No open alert. New ones appear here at once."), _address("admin:alerts"), len(rows), lines
    )


def _to_read(user: User, now: datetime) -> Panel:
    """What the own patients told, what is unclear about their medicine, and drafts that wait for a colleague."""
    rows, more = to_read.rows(user, now, to_read.kinds(user, now))
    lines = [
        Line(
            title=row.patient.display_name,
            detail=f"{row.what}, {ago_words(row.when)}",
            url=row.url,
            tag=row.weight.words,
            tone=row.weight.tone,
        )
        for row in rows[:SHOWN]
    ]
    empty = _("Nothing to read. What check-ins tell, and what is unclear about medicine at home, appears here.")
    return Panel(_("To read"), empty, reverse("admin:review_queue"), len(rows) + more, lines)


def _queue(user: User, now: datetime) -> Panel:
    # The queue adds columns of its own to each decision.
    rows: list[Any] = list(reviews.review_queue(user, now)[: SHOWN + 1])
    lines = []
    for row in rows[:SHOWN]:
        tone, words = URGENCY_WORDS[Urgency(row.rung)]
        lines.append(
            Line(
                title=row.patient.display_name,
                detail=_("%(state)s, waiting %(age)s")
                % {"state": row.patient.state, "age": span(row.waiting_since, now)},
                url=reverse("admin:case", args=[row.patient_id]),
                tag=str(words),
                tone=tone,
            )
        )
    empty = _("Nobody waits for a decision in your states. New cases appear when a patient finishes the questions.")
    return Panel(_("Review queue"), empty, reverse("admin:review_queue"), len(rows), lines)


def _phases(user: User, now: datetime) -> Panel:
    """Whose induction is over, and who waits in review."""
    clinician = reviews.clinician_of(user)
    found = phases.to_decide(clinician, now, policy.load()) if clinician is not None else []
    lines = [
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
    return Panel(_("Phases to decide"), empty, "", len(found), lines)


def _visits(user: User, now: datetime) -> Panel:
    clinician = reviews.clinician_of(user)
    zone = zone_of(user)
    rows = Appointment.objects.booked().with_people().filter(ends_at__gte=now, starts_at__lt=_end_of_day(zone, now))
    if clinician is not None:
        rows = rows.filter(clinician=clinician)
    found = list(rows.order_by("starts_at")[: SHOWN + 1])
    lines = [
        Line(
            title=f"{clock.hour_words(row.starts_at, zone)} {row.patient.display_name}",
            detail=f"{row.get_kind_display()}" + ("" if clinician else f", {row.clinician}"),
            url=_address("admin:visit" if clinician else "admin:appointment", row.pk),
            tag=_("Now") if row.starts_at <= now else "",
            tone="info",
        )
        for row in found[:SHOWN]
    ]
    title = _("Visits today, %(zone)s") % {"zone": clock.zone_words(now, zone)}
    return Panel(title, _("No more visits today."), _address("admin:day_board"), len(found), lines)


def _notes(user: User, now: datetime) -> Panel:
    """The own visits whose note was begun, or is missing a day after them: until it is signed."""
    clinician = reviews.clinician_of(user)
    rows = list(to_finish(clinician, now)[: SHOWN + 1]) if clinician is not None else []
    lines = [
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
    return Panel(_("Notes to sign"), empty, "", len(rows), lines)


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


def _follow_ups(user: User, now: datetime) -> Panel:
    """The head of the worklist: what is the own or nobody's, the most urgent first."""
    due = work.follow_ups_due(now)
    lines = [
        Line(
            title=row.patient.display_name,
            detail=row.title if row.owner_id != user.pk else _("%(what)s, yours") % {"what": row.title},
            url=_address("admin:follow_up_close", row.pk),
            tag=_("Due %(age)s") % {"age": ago(row.due_at, now)},
            tone="caution" if is_overdue(row.kind, due_at=row.due_at, now=now) else "neutral",
        )
        for row in due.filter(Q(owner=user) | ~work.able())[:SHOWN]
    ]
    empty = _("Nothing waits for you. Check-ins that nobody answers and messages that do not arrive appear here.")
    count = due.count()
    more = _("Show all %(count)d") % {"count": count}
    return Panel(_("Worklist"), empty, _address("admin:worklist"), count, lines, more=more)


def _practice(user: User, now: datetime) -> Panel:
    lines = list(_practice_lines(now))
    empty = _("Licences, the on-call list and second factors are in order.")
    return Panel(_("The practice"), empty, _address("admin:accounts_clinician_changelist"), len(lines), lines[:SHOWN])


def _practice_lines(now: datetime) -> Iterator[Line]:
    yield from _duty_lines(now)
    for person in User.objects.filter(is_staff=True, is_active=True, authenticator__isnull=True).order_by("email"):
        yield Line(
            title=person.display_name,
            detail=_("Has no second factor yet and cannot open anything."),
            url=_address("admin:accounts_user_change", person.pk),
            tag=_("Remind"),
            tone="caution",
        )
    today = clock.today(PRACTICE_ZONE, now)
    ending = Licence.objects.select_related("clinician").filter(expires_on__lte=today + LICENCE_WARNING)
    for licence in ending.filter(clinician__user__is_active=True).order_by("expires_on"):
        over = licence.expires_on < today
        yield Line(
            title=_("%(name)s, licence %(state)s") % {"name": licence.clinician, "state": licence.state},
            detail=_("Until %(day)s") % {"day": f"{licence.expires_on:%-d %B %Y}"},
            url=_address("admin:accounts_clinician_change", licence.clinician_id),
            tag=_("Expired") if over else _("Ends soon"),
            tone="danger" if over else "caution",
        )


def _duty_lines(now: datetime) -> Iterator[Line]:
    """Whether alerts have somebody to go to, now and in the week ahead."""
    found, url = rota(now), _address("admin:on_call")
    if not found.duty.first:
        detail = _("Alerts have nobody to go to. Add at least one clinician.")
        yield Line(title=_("Nobody is on call"), detail=detail, url=url, tag=_("Mend now"), tone="danger")
    if found.duty.gap:
        detail = _("Alerts go to the first of the list until somebody is entered.")
        yield Line(title=_("The rota names nobody now"), detail=detail, url=url, tag=_("Mend now"), tone="danger")
    elif found.gaps:
        detail = _("From %(when)s") % {"when": clock.describe(found.gaps[0][0], PRACTICE_ZONE)}
        yield Line(title=_("The rota has a gap"), detail=detail, url=url, tag=_("Within 7 days"), tone="caution")
    for shift in found.duty.awaited:
        detail = _("The shift began %(age)s and is not accepted.") % {"age": ago(shift.starts_at, now)}
        name = found.people[shift.person].display_name
        yield Line(title=name, detail=detail, url=url, tag=_("On call"), tone="caution")
    for clinician in {person for step in found.order for person in step if not person.phone}:
        detail = _("Is told of alerts by e-mail only: there is no phone number.")
        yield Line(title=clinician.display_name, detail=detail, url=url, tag=_("On call"), tone="caution")


def _outbox(user: User, now: datetime) -> Panel:
    """How the messages get out: a page that nobody tells is quiet too, so silence here must be worth something."""
    health = outbox_health(now)
    lines, works = [], can(user, Permission.WORK_FOLLOW_UPS)
    if health.waiting:
        words = ngettext("%(count)s message waits", "%(count)s messages wait", health.waiting)
        lines.append(
            Line(
                title=words % {"count": health.waiting},
                detail=_("the oldest was due %(age)s") % {"age": ago(now - health.oldest_waits, now)},
                tag=_("Late: tell whoever runs the service") if health.alarm else _("Going out"),
                tone="danger" if health.alarm else "info",
            )
        )
    for count, detail in (
        (health.unknown, _("The provider does not say whether they arrived.")),
        (health.failed, _("They did not arrive in the last 7 days. Who needs a call is on the worklist.")),
    ):
        if count:
            title = ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}
            url = f"{reverse('admin:worklist')}?kind=message_not_delivered" if works else ""
            lines.append(Line(title=title, url=url, detail=detail, tag=_("Look"), tone="caution"))
    return Panel(_("Messages going out"), _("Everything that was due has gone out."), "", len(lines), lines)


def _system(_user: User, now: datetime) -> Panel:
    """What of the running service asks for a look, as far as the database knows."""
    found = checks.amiss(now)
    lines = [
        Line(title=check.title, detail=check.now, tag=check.word, tone=check.standing.value) for check in found[:SHOWN]
    ]
    empty = _("Messages go out, and all regular work is done.")
    return Panel(_("System health"), empty, reverse("admin:system_health"), len(found), lines)


def zone_of(user: User) -> str:
    """The zone that a member of staff lives by: the clinician's own, else the practice's."""
    clinician = reviews.clinician_of(user)
    return clinician.zone if clinician else PRACTICE_ZONE


def ago(since: datetime, now: datetime) -> str:
    """The same with the word "ago"."""
    return ago_words(span(since, now))


def ago_words(how_long: str) -> str:
    """A span with the word "ago"."""
    return _("%(span)s ago") % {"span": how_long}


def _end_of_day(zone: str, now: datetime) -> datetime:
    there = clock.local(now, zone)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
