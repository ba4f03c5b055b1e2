"""What stands on every staff page: where a person may go, how much waits there, and that an alert waits."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, F, Func, IntegerField, JSONField, QuerySet, Value, Window
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import policy as alert_policy
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts.models import RINGING
from harmoniously.core.alerts.work_selectors import follow_ups_due
from harmoniously.core.common import clock, compiled, context
from telemedicine.conversation import selectors as conversation
from telemedicine.reviews import selectors as reviews
from telemedicine.work import lines, neighbours, sources
from treatment.selecting import adverse

# (permission, URL name, words, which count). The first permission that fits shows the entry once.
ENTRIES = (
    (None, "admin:index", _("Today"), None),
    (Permission.REVIEW_CASES, "admin:review_queue", _("Review queue"), "queue"),
    (Permission.ACKNOWLEDGE_ALERTS, "admin:alerts", _("Alerts"), "alerts"),
    (Permission.VIEW_ON_CALL, "admin:on_call", _("On call"), None),
    (Permission.WORK_FOLLOW_UPS, "admin:worklist", _("Worklist"), "follow_ups"),
    (Permission.VIEW_SCHEDULE, "admin:schedule", _("Schedule"), None),
    (Permission.TRACK_PARCELS, "admin:parcels", _("Parcels"), None),
    (Permission.VIEW_CLINICAL, "admin:messages", _("Messages"), "messages"),
    (Permission.WORK_FOLLOW_UPS, "admin:messages", _("Messages"), "messages"),
    (Permission.VIEW_PEOPLE, "admin:patients", _("Patients"), None),
    (Permission.VIEW_CLINICAL, "admin:patients", _("My patients"), None),
    (Permission.VIEW_CLINICAL, "admin:adverse_events", _("Adverse events"), "events"),
    (Permission.READ_SHARED_JOURNAL, "admin:shared_journal", _("Shared journal"), None),
    (Permission.MANAGE_PEOPLE, "admin:setup", _("Setup"), None),
    (Permission.VIEW_PRACTICE, "admin:practice", _("Figures"), None),
    (Permission.VIEW_AUDIT, "admin:audit_trail", _("Audit trail"), None),
    (Permission.VIEW_AUDIT, "admin:access_reviews", _("Access reviews"), None),
    (Permission.VIEW_SYSTEM, "admin:system_health", _("System health"), None),
)
# Whoever has as many before them needs no number to know what to do; the page of the queue tells all of them.
COUNTED_TO = 1000
# Of the alerts that wait: the moment since when they do.
SINCE = {"open": "opened_at", "silent": "taken_at"}


@dataclass(frozen=True, slots=True)
class NavItem:
    title: Any
    url: str
    count: int | str
    active: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some alerts that wait: how many, and the one that has waited longest of those that ring."""

    count: int
    url: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alerts that nobody took yet, and those that somebody took and left silent.

    Who `takes` them is led to the first, everybody else to whom to telephone.
    """

    open: Waiting | None
    silent: Waiting | None
    rings: bool
    takes: bool
    now: datetime


def staff_nav(request: HttpRequest) -> dict[str, Any]:
    """`staff_nav`, a list of entries, and `staff_alarm`, made only when a staff page asks for them; one query.

    And `staff_emergency`, where the page is of a record that this person opened in an emergency.
    """

    return {
        "staff_nav": SimpleLazyObject(lambda: entries(request, counted(request))),
        "staff_alarm": SimpleLazyObject(lambda: alarm(request, counted(request), clock.now())),
        "staff_emergency": emergency(request),
        "staff_hands": SimpleLazyObject(lambda: hands(request)),
        "staff_walk": walk(request),
    }


def walk(request: HttpRequest) -> neighbours.Walk | None:
    """Where a prescriber goes on through the queue from the page of one of its lines."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or not isinstance(user, User) or not can(user, Permission.REVIEW_CASES):
        return None
    return neighbours.walk_of(match.view_name, match.kwargs, request.GET.get("line", ""))


def hands(request: HttpRequest) -> dict[str, Any]:
    """Who has in hand what this page is about, so that two people do not do one thing; empty where nobody has."""
    match, user = request.resolver_match, request.user
    if match is None or not isinstance(user, User) or not can(user, Permission.VIEW_CLINICAL):
        return {}
    key = match.kwargs.get("patient_id") or match.kwargs.get("pk")
    found = lines.hands_at(match.view_name, key, user) if key else None
    if found is None:
        return {}
    kind, subject, who = found
    clinician = reviews.clinician_of(user)
    return {"kind": kind, "key": subject, "who": who, "zone": clinician.zone if clinician else "UTC"}


def counted(request: HttpRequest) -> dict[str, Any]:
    """What waits for whoever asks, counted once for a request; nothing for somebody who is no member of the staff."""
    known: dict[str, Any] | None = getattr(request, "counted", None)
    if known is None:
        user = getattr(request, "user", None)
        queue: int | None = getattr(request, "queue_total", None)
        known = counts(user, clock.now(), queue=queue) if isinstance(user, User) and user.is_staff else {}
        request.counted = known  # type: ignore[attr-defined]
    return known


def emergency(request: HttpRequest) -> dict[str, Any] | None:
    """What the door noted while this page was made; its end in the reader's zone."""
    known = context.current()
    if known is None or known.emergency is None or not isinstance(request.user, User):
        return None
    clinician = reviews.clinician_of(request.user)
    return {"key": known.emergency.key, "until": known.emergency.until, "zone": clinician.zone if clinician else "UTC"}


def entries(request: HttpRequest, counted: dict[str, Any]) -> list[NavItem]:
    """What this person may open, with the number of things that wait there."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_staff:
        return []
    found = []
    for permission, name, title, count in ENTRIES:
        url = _address(name)
        if url and (permission is None or can(user, permission)):
            active = request.path == url or (name != "admin:index" and request.path.startswith(url))
            found.append(NavItem(title, url, how_many(counted.get(count or "", 0)), active))
    return found


def how_many(number: int) -> int | str:
    """A number of the menu, or that there are more than are counted for it."""
    return f"{COUNTED_TO:,}+" if number > COUNTED_TO else number


def alarm(request: HttpRequest, counted: dict[str, Any], now: datetime) -> Alarm | None:
    """What the banner says; None while no alert waits, and for somebody who is no member of the staff."""
    takes = isinstance(request.user, User) and can(request.user, Permission.ACKNOWLEDGE_ALERTS)
    waiting, silent = (_waiting(counted, name, since, takes=takes) for name, since in SINCE.items())
    if waiting is None and silent is None:
        return None
    return Alarm(waiting, silent, silent is not None or counted["first_open"]["kind"] in RINGING, takes, now)


def _waiting(counted: dict[str, Any], name: str, since: str, *, takes: bool) -> Waiting | None:
    first = counted.get(f"first_{name}")
    if first is None:
        return None
    url = reverse("admin:alert_detail", args=[first["pk"]]) if takes else reverse("admin:on_call")
    return Waiting(counted[name], url, datetime.fromisoformat(first[since]))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def counts(user: User, now: datetime, *, queue: int | None = None) -> dict[str, Any]:
    """How much waits in each list this person works on, and of the alerts which first, in one query.

    It stands on every page of the staff: it is put together once for a role, and then only filled in. The page of the
    queue has counted the `queue` already.
    """
    key = ("menu", queue is None, *sources.shape(user))
    found: dict[str, Any] = defaultdict(int, {} if queue is None else {"queue": queue})
    build = partial(_lists, user, with_queue=queue is None)
    for name, number, first in compiled.rows(key, build, lambda at: _values(user, at), now):
        found[name] += number
        known = json.loads(first) if isinstance(first, str) else first
        if known is not None:
            found[f"first_{name}"] = known
    return {**found, "alerts": found["open"] + found["silent"]}


def _values(user: User, now: datetime) -> compiled.Values:
    return {**sources.values(user, now), "contact_due": now - alert_policy.load().contact_due}


def _lists(user: User, now: datetime, *, with_queue: bool = True) -> QuerySet[Any, Any]:
    """A query for each list behind the other: as subqueries of one row Django would resolve each of them twice."""
    parts: list[QuerySet[Any, Any]] = []
    if can(user, Permission.VIEW_ON_CALL):
        parts += [_first("open", alerts.longest_waiting()), _first("silent", alerts.silent(now))]
    if can(user, Permission.REVIEW_CASES):
        parts += [_up_to_some("queue", rows) for rows in sources.waiting(user, now).values()] if with_queue else []
        # Of patients in nobody's care: unread to no one, and answered only once somebody takes them.
        parts.append(_count("messages", conversation.beyond(user, now)))
    if can(user, Permission.VIEW_CLINICAL):
        parts.append(_count("events", adverse.due_for(user, now)))
    if can(user, Permission.VIEW_CLINICAL) or can(user, Permission.WORK_FOLLOW_UPS):
        parts.append(_count("messages", conversation.waiting_for(user, now)))
    if can(user, Permission.WORK_FOLLOW_UPS):
        parts.append(_count("follow_ups", follow_ups_due(now)))
    return parts[0].union(*parts[1:], all=True)


def _count(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    number = Func("pk", function="COUNT", output_field=IntegerField())
    return rows.order_by().values_list(Value(name), number, Value(None, JSONField()))


def _up_to_some(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The same, counted no further than the menu tells: all that wait would be looked at for every page."""
    return _count(name, rows.model._base_manager.filter(pk__in=rows.order_by().values("pk")[: COUNTED_TO + 1]))


def _first(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many there are with the first of them; no row where there is none."""
    columns = {column: F(column) for column in ("pk", "kind", SINCE[name])}
    return rows.values_list(Value(name), Window(Count("pk")), JSONObject(**columns))[:1]
