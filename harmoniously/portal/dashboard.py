"""What needs doing now for coordinators and administrators, below what everybody sees first (today.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from harmoniously.core.accounts.licences import Standing
from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import work_selectors as work
from harmoniously.core.alerts.duty import rota
from harmoniously.core.alerts.work_rules import is_overdue
from harmoniously.core.common import clock
from harmoniously.core.notifications.selectors import outbox_health
from harmoniously.portal.practice import licences
from harmoniously.portal.system import checks
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.wording import span

SHOWN = 5


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
    total: int | str = 0
    lines: list[Line] = field(default_factory=list)
    # What the way to the whole list says; empty: that it leads there.
    more: str = ""


def panels(user: User, now: datetime) -> list[Panel]:
    """The lists that this person works on, the most urgent first."""
    makers: tuple[tuple[Permission, Callable[[User, datetime], Panel]], ...] = (
        (Permission.WORK_FOLLOW_UPS, _follow_ups),
        (Permission.MANAGE_PEOPLE, _practice),
        (Permission.WORK_FOLLOW_UPS, _outbox),
        (Permission.VIEW_SYSTEM, _system),
    )
    return [make(user, now) for permission, make in makers if can(user, permission)]


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
    lines = sorted(_practice_lines(now), key=lambda line: line.tone != "danger")  # what is wrong, then what will be
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
    ending = Licence.objects.select_related("clinician").exclude(licences.stands(now, Standing.GOOD))
    for licence in ending.filter(clinician__user__is_active=True).order_by("expires_on"):
        over = licence.expires_on < clock.today(licence.clinician.zone, now)
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
        detail = _("From %(when)s") % {"when": clock.describe(found.gaps[0][0], clock.PRACTICE_ZONE)}
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
    return clinician.zone if clinician else clock.PRACTICE_ZONE


def ago(since: datetime, now: datetime) -> str:
    """The same with the word "ago"."""
    return ago_words(span(since, now))


def ago_words(how_long: str) -> str:
    """A span with the word "ago"."""
    return _("%(span)s ago") % {"span": how_long}


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
