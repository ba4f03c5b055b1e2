"""What stands on every staff page: where a person may go, how much waits there, and that an alert waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts.models import RINGING
from harmoniously.core.common import clock
from telemedicine.conversation import selectors as conversation
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews import to_read
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
    (Permission.MANAGE_FORMULARY, "admin:treatment_product_changelist", _("Formulary"), None),
    (Permission.MANAGE_FORMULARY, "admin:treatment_pharmacy_changelist", _("Pharmacies"), None),
    (Permission.MANAGE_DIRECTORY, "admin:intake_facility_changelist", _("Other care"), None),
    (Permission.MANAGE_PEOPLE, "admin:accounts_user_changelist", _("People"), None),
    (Permission.MANAGE_PEOPLE, "admin:accounts_clinician_changelist", _("Clinicians"), None),
    (Permission.VIEW_AUDIT, "admin:audit_trail", _("Audit trail"), None),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    title: Any
    url: str
    count: int
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
    """`staff_nav`, a list of entries, and `staff_alarm`, made only when a staff page asks for them; one query."""

    @cache
    def counted() -> dict[str, Any]:
        return counts(request.user, now) if isinstance(request.user, User) and request.user.is_staff else {}

    now = clock.now()
    return {
        "staff_nav": SimpleLazyObject(lambda: entries(request, counted())),
        "staff_alarm": SimpleLazyObject(lambda: alarm(request, counted(), now)),
    }


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
            found.append(NavItem(title, url, counted.get(count or "", 0), active))
    return found


def alarm(request: HttpRequest, counted: dict[str, Any], now: datetime) -> Alarm | None:
    """What the banner says; None while no alert waits, and for somebody who is no member of the staff."""
    takes = isinstance(request.user, User) and can(request.user, Permission.ACKNOWLEDGE_ALERTS)
    taken, silent = (_waiting(counted, name, takes=takes) for name in ("open", "silent"))
    if taken is None and silent is None:
        return None
    return Alarm(taken, silent, silent is not None or counted["open_kind"] in RINGING, takes, now)


def _waiting(counted: dict[str, Any], name: str, *, takes: bool) -> Waiting | None:
    if not counted.get(name) or counted[f"{name}_key"] is None:
        return None
    url = reverse("admin:alert_detail", args=[counted[f"{name}_key"]]) if takes else reverse("admin:on_call")
    return Waiting(counted[name], url, counted[f"{name}_since"])


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def counts(user: User, now: datetime) -> dict[str, Any]:
    """How much waits in each list this person works on, and which alert first, in one query."""
    wanted: dict[str, QuerySet[Any]] = {}
    first: dict[str, Subquery] = {}
    if can(user, Permission.REVIEW_CASES):
        wanted["queue"] = reviews.queued(user, now)
        wanted |= {f"to_read_{kind}": rows for kind, rows in to_read.waiting(user, now).items()}
    if can(user, Permission.VIEW_ON_CALL):
        wanted |= {"open": alerts.longest_waiting(), "silent": alerts.silent(now)}
        columns = {"open": ("pk", "opened_at", "kind"), "silent": ("pk", "taken_at")}
        first = {
            f"{name}_{word}": Subquery(wanted[name].values(column)[:1])
            for name in columns
            for word, column in zip(("key", "since", "kind"), columns[name], strict=False)
        }
    if can(user, Permission.VIEW_CLINICAL):
        wanted["events"] = adverse.due_for(user, now)
    if can(user, Permission.VIEW_CLINICAL) or can(user, Permission.WORK_FOLLOW_UPS):
        wanted["messages"] = conversation.waiting_for(user, now)
    if can(user, Permission.WORK_FOLLOW_UPS):
        wanted["follow_ups"] = alerts.follow_ups_due(now)
    if not wanted:
        return {}
    counted = User.objects.filter(pk=user.pk).values(**{name: _count(rows) for name, rows in wanted.items()}, **first)
    found: dict[str, Any] = dict(counted[0])
    if "queue" in found:
        found["queue"] += sum(number for name, number in found.items() if name.startswith("to_read_"))
    if "open" in found:
        found["alerts"] = found["open"] + found["silent"]
    return found


def _count(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().values(number=Func("pk", function="COUNT", output_field=IntegerField())))
