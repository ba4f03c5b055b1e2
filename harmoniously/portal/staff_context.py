"""The staff navigation: where a person may go, and how much waits there. For base_staff.html."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.common import clock
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews import to_read
from treatment.selecting import adverse

# (permission, URL name, words, which count). The first permission that fits shows the entry once.
ENTRIES = (
    (None, "admin:index", _("Today"), None),
    (Permission.REVIEW_CASES, "admin:review_queue", _("Review queue"), "queue"),
    (Permission.ACKNOWLEDGE_ALERTS, "admin:alerts", _("Alerts"), "alerts"),
    (Permission.WORK_FOLLOW_UPS, "admin:worklist", _("Worklist"), "follow_ups"),
    (Permission.VIEW_SCHEDULE, "admin:schedule", _("Schedule"), None),
    (Permission.TRACK_PARCELS, "admin:parcels", _("Parcels"), None),
    (Permission.VIEW_CLINICAL, "admin:messages", _("Messages"), None),
    (Permission.WORK_FOLLOW_UPS, "admin:messages", _("Messages"), None),
    (Permission.VIEW_PEOPLE, "admin:patients", _("Patients"), None),
    (Permission.VIEW_CLINICAL, "admin:patients", _("My patients"), None),
    (Permission.VIEW_CLINICAL, "admin:adverse_events", _("Adverse events"), "events"),
    (Permission.READ_SHARED_JOURNAL, "admin:shared_journal", _("Shared journal"), None),
    (Permission.MANAGE_FORMULARY, "admin:treatment_product_changelist", _("Formulary"), None),
    (Permission.MANAGE_FORMULARY, "admin:treatment_pharmacy_changelist", _("Pharmacies"), None),
    (Permission.MANAGE_DIRECTORY, "admin:intake_facility_changelist", _("Other care"), None),
    (Permission.MANAGE_PEOPLE, "admin:accounts_user_changelist", _("People"), None),
    (Permission.MANAGE_PEOPLE, "admin:accounts_clinician_changelist", _("Clinicians"), None),
    (Permission.MANAGE_PEOPLE, "admin:accounts_oncall_changelist", _("On call"), None),
    (Permission.VIEW_AUDIT, "admin:audit_trail", _("Audit trail"), None),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    title: Any
    url: str
    count: int
    active: bool


def staff_nav(request: HttpRequest) -> dict[str, Any]:
    """`staff_nav`, a list of entries, made only when a staff page asks for it."""
    return {"staff_nav": SimpleLazyObject(lambda: entries(request))}


def entries(request: HttpRequest) -> list[NavItem]:
    """What this person may open, with the number of things that wait there."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_staff:
        return []
    counted = counts(user)
    found = []
    for permission, name, title, count in ENTRIES:
        url = _address(name)
        if url and (permission is None or can(user, permission)):
            active = request.path == url or (name != "admin:index" and request.path.startswith(url))
            found.append(NavItem(title, url, counted.get(count or "", 0), active))
    return found


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def counts(user: User) -> dict[str, int]:
    """How much waits in each list this person works on, in one query."""
    now = clock.now()
    wanted: dict[str, QuerySet[Any]] = {}
    if can(user, Permission.REVIEW_CASES):
        wanted["queue"] = reviews.queued(user, now)
        wanted |= {f"to_read_{kind}": rows for kind, rows in to_read.waiting(user, now).items()}
    if can(user, Permission.ACKNOWLEDGE_ALERTS):
        wanted["alerts"] = alerts.open_alerts()
    if can(user, Permission.VIEW_CLINICAL):
        wanted["events"] = adverse.due_for(user, now)
    if can(user, Permission.WORK_FOLLOW_UPS):
        wanted["follow_ups"] = alerts.follow_ups_due(now)
    if not wanted:
        return {}
    counted = User.objects.filter(pk=user.pk).values(**{name: _count(rows) for name, rows in wanted.items()})
    found: dict[str, Any] = dict(counted[0])
    if "queue" in found:
        found["queue"] += sum(number for name, number in found.items() if name.startswith("to_read_"))
    return found


def _count(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().values(number=Func("pk", function="COUNT", output_field=IntegerField())))
