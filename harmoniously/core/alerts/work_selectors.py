"""Questions about the worklist: what waits, in which order, for whom, and what was done about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import ROLE_PERMISSIONS, Permission
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpKind, FollowUpState, FollowUpStep, StepKind
from harmoniously.core.alerts.work_rules import PROMISES, TIERS, Tier
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import label_of
from harmoniously.core.notifications.models import InboundText

OWNERS = ("mine", "nobody")
SHOWN = ("overdue", "snoozed", "later")
# How long a colleague who opened one counts as looking at it.
LOOKING = timedelta(minutes=3)


@dataclass(frozen=True)
class View:
    """What of the worklist somebody looks at, as the address says it."""

    kind: str = ""
    owner: str = ""
    show: str = ""
    order: str = ""
    page: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "View":
        """From an address or a form; what is unknown counts as not said."""
        known = {"kind": FollowUpKind.values, "owner": OWNERS, "show": SHOWN, "order": ("age",)}
        said = {name: query.get(name, "") for name, values in known.items() if query.get(name) in values}
        page = query.get("page", "")
        return cls(**said, page=page if page.isdecimal() and len(page) < 6 else "")

    @property
    def query(self) -> str:
        """The same for an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def able() -> Q:
    """Whoever has it still works on the list."""
    roles = [role for role, allowed in ROLE_PERMISSIONS.items() if Permission.WORK_FOLLOW_UPS in allowed]
    return Q(state=FollowUpState.CLAIMED, owner__is_active=True, owner__role__in=roles)


def asleep(now: datetime) -> Q:
    """Put off, and not back yet."""
    return Q(snoozed_until__gt=now)


def overdue(now: datetime) -> Q:
    """`work_rules.is_overdue` in SQL."""
    found = Q(pk__in=[])
    for tier, promise in PROMISES.items():
        found |= Q(kind__in=_of(tier), due_at__lt=now - promise)
    return found


def _of(tier: Tier) -> list[str]:
    return [kind for kind, its in TIERS.items() if its == tier]


def ranked(rows: QuerySet[FollowUp], now: datetime) -> QuerySet[FollowUp, Any]:
    """The most urgent first (`work_rules.rank` in SQL), then what has waited longest."""
    cases = []
    for tier, (in_time, late) in rules.RANKS.items():
        its = Q(kind__in=_of(tier))
        cases += [When(its & Q(due_at__lt=now - PROMISES[tier]), then=Value(late)), When(its, then=Value(in_time))]
    rank = Case(*cases, default=Value(len(rules.RANKS)), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", "due_at", "pk")


def waiting() -> QuerySet[FollowUp]:
    """Everything that somebody still has to do."""
    return FollowUp.objects.exclude(state=FollowUpState.CLOSED)


def follow_ups_due(now: datetime) -> QuerySet[FollowUp]:
    """What coordinators have to do now, the most urgent first."""
    rows = waiting().filter(due_at__lte=now).exclude(asleep(now))
    return ranked(rows.select_related("patient__user", "owner"), now)


def listed(view: View, *, by: User, now: datetime) -> QuerySet[FollowUp, Any]:
    """What one view shows, each with its last attempt to reach somebody."""
    tries = FollowUpStep.objects.filter(follow_up=OuterRef("pk"), kind=StepKind.CONTACT).order_by("-at")
    rows: QuerySet[FollowUp, Any] = ranked(waiting().select_related("patient__user", "owner"), now).annotate(
        tried_at=Subquery(tries.values("at")[:1]), tried_reached=Subquery(tries.values("reached")[:1])
    )
    rows = rows.filter(_shown(view.show, now))
    if view.kind:
        rows = rows.filter(kind=view.kind)
    if view.owner == "mine":
        rows = rows.filter(state=FollowUpState.CLAIMED, owner=by)
    elif view.owner == "nobody":
        rows = rows.exclude(able())
    return rows.order_by("due_at", "pk") if view.order == "age" or view.show == "later" else rows


def _shown(show: str, now: datetime) -> Q:
    if show == "snoozed":
        return asleep(now)
    if show == "later":
        return Q(due_at__gt=now) & ~asleep(now)
    due = Q(due_at__lte=now) & ~asleep(now)
    return due & overdue(now) if show == "overdue" else due


def totals(*, by: User, now: datetime) -> dict[str, int]:
    """How many there are of each; one query."""
    due = _shown("", now)
    return waiting().aggregate(
        due=Count("pk", filter=due),
        mine=Count("pk", filter=due & Q(state=FollowUpState.CLAIMED, owner=by)),
        nobody=Count("pk", filter=due & ~able()),
        overdue=Count("pk", filter=due & overdue(now)),
        snoozed=Count("pk", filter=_shown("snoozed", now)),
        later=Count("pk", filter=_shown("later", now)),
    )


def colleagues() -> QuerySet[User]:
    """Who works on the list."""
    roles = [role for role, allowed in ROLE_PERMISSIONS.items() if Permission.WORK_FOLLOW_UPS in allowed]
    return User.objects.filter(role__in=roles, is_active=True).order_by("email")


def steps_of(follow_up: FollowUp) -> QuerySet[FollowUpStep]:
    """Everything that was done about it, the newest first."""
    return FollowUpStep.objects.filter(follow_up=follow_up).select_related("by", "to").order_by("-at", "-created_at")


@dataclass(frozen=True)
class Undoable:
    """What somebody did a moment ago and can still take back."""

    batch: UUID
    kind: str
    count: int
    # The line that it was done to, where it was one.
    row: UUID | None


def undoable(user: User, now: datetime) -> Undoable | None:
    """The newest of it; one query."""
    since = now - rules.UNDO_WITHIN
    steps = FollowUpStep.objects.filter(by=user, at__gt=since, at__lte=now, undone_at__isnull=True)
    steps = steps.exclude(kind__in=(StepKind.CONTACT, StepKind.WOKEN))
    found = list(steps.order_by("-at").values_list("batch", "kind", "follow_up_id")[:50])
    if not found:
        return None
    batch, kind, row = found[0]
    count = sum(other == batch for other, *_rest in found)
    return Undoable(batch, kind, count, row if count == 1 else None)


def looking(follow_up: FollowUp, *, by: User, now: datetime) -> list[User]:
    """Colleagues who opened it a moment ago and may be at it."""
    events = AuditEvent.objects.filter(patient=follow_up.patient_id, at__gt=now - LOOKING, at__lte=now)
    actors = events.filter(action="followup.viewed", subject=label_of(follow_up)).exclude(actor=str(by.pk))
    return list(User.objects.filter(pk__in=[UUID(actor) for actor in set(actors.values_list("actor", flat=True))]))


def text_behind(follow_up: FollowUp) -> InboundText | None:
    """The text that a patient sent, for a follow-up that asks somebody to answer it."""
    group, _, key = follow_up.about.partition(":")
    if follow_up.kind != FollowUpKind.TEXT_RECEIVED or group != "text":
        return None
    return InboundText.objects.filter(pk=key).first()
