"""Questions of the access reviews: who opened what, what was done near it, which accounts there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Extract, Floor

from harmoniously.core.accounts.models import EmergencyAccess, User
from harmoniously.core.accounts.roles import STAFF_ROLES
from harmoniously.core.audit.models import AccessFinding, AccessItem, AccessReview, AuditEvent
from harmoniously.core.audit.review_models import ItemKind
from harmoniously.core.audit.rules import Kind, kind_of
from harmoniously.portal.access_reviews import rules
from harmoniously.portal.access_reviews.rules import NEAR_DAYS, Account, Opening, Pair, Reading
from harmoniously.portal.staff_pages.audit_selectors import actions
from telemedicine.models import Appointment

A_DAY = 86_400


def openings(since: datetime, until: datetime) -> list[Opening]:
    """What the staff opened in a span of time, and nothing explains; four queries.

    What was opened in an emergency is looked at by itself. Days are counted in UTC.
    """
    kinds = defaultdict(list)
    for name in actions():
        kinds[kind_of(name)].append(name)
    read = _of_staff(since, until, [*kinds[Kind.READ], *kinds[Kind.TAKEN_OUT]]).exclude(facts__has_key="break_glass")
    readings = [Reading((who, str(patient)), day, number) for who, patient, day, number in _by_day(read)]
    near = timedelta(days=NEAR_DAYS)
    done: dict[Pair, list[int]] = defaultdict(list)
    changed = _of_staff(since - near, until + near, kinds[Kind.CHANGE])
    for who, patient, day, _number in _by_day(changed):
        done[(who, str(patient))].append(day)
    for user, seen, day in _visits(since - near, until + near):
        done[(str(user), str(seen))].append(day)
    return rules.unexplained(readings, done)


def _of_staff(since: datetime, until: datetime, names: list[str]) -> QuerySet[AuditEvent]:
    roles = [role.value for role in STAFF_ROLES]
    rows = AuditEvent.objects.filter(action__in=names, role__in=roles, patient__isnull=False)
    return rows.filter(at__gte=since, at__lt=until)


def _day_of(column: str) -> Any:
    passed = ExpressionWrapper(F(column) - Value(datetime.fromtimestamp(0, UTC)), output_field=DurationField())
    return Cast(Floor(Extract(passed, "epoch") / Value(A_DAY)), IntegerField())


def _by_day(rows: QuerySet[AuditEvent]) -> Iterator[tuple[str, UUID | None, int, int]]:
    days = rows.order_by().annotate(day=_day_of("at")).values("actor", "patient", "day")
    counted = days.annotate(number=Count("pk")).values_list("actor", "patient", "day", "number")
    return counted.iterator(chunk_size=5000)


def _visits(since: datetime, until: datetime) -> Iterator[tuple[UUID, UUID, int]]:
    rows = Appointment.objects.filter(starts_at__gte=since, starts_at__lt=until).exclude(status=Appointment.Status.HELD)
    days = rows.order_by().annotate(day=_day_of("starts_at"))
    return days.values_list("clinician__user", "patient", "day").iterator(chunk_size=5000)


def moment(day: int) -> datetime:
    """The first moment of a day that is counted in UTC."""
    return datetime.fromtimestamp(day * A_DAY, UTC)


def emergencies(since: datetime, until: datetime) -> QuerySet[EmergencyAccess]:
    """Every opening in an emergency of a span of time, and earlier ones that nobody looked at."""
    rows = EmergencyAccess.objects.filter(since__lt=until).select_related("clinician__user")
    return rows.filter(Q(since__gte=since) | Q(reviewed_at__isnull=True)).order_by("since")


def pages_in(found: Iterable[EmergencyAccess]) -> dict[str, int]:
    """How many pages were opened in each of these emergencies; one query."""
    keys = [str(row.pk) for row in found]
    rows = AuditEvent.objects.filter(facts__has_key="break_glass", facts__break_glass__in=keys).order_by()
    return dict(
        rows.values("facts__break_glass").annotate(number=Count("pk")).values_list("facts__break_glass", "number")
    )


def accounts(now: datetime) -> Iterator[tuple[User, list[str]]]:
    """Every account of the staff that may sign in, with what is noticeable about it; one query."""
    rows: QuerySet[Any] = User.objects.filter(is_staff=True, is_active=True).order_by("email")
    for user in rows.annotate(factors=Count("authenticator")):
        known = Account(user.is_active, bool(user.factors), user.last_login, user.created_at)
        yield user, rules.marks(known, now)


def people(keys: set[str]) -> dict[str, User]:
    """Accounts by their keys as the trail writes them."""
    return {str(user.pk): user for user in User.objects.filter(pk__in=keys)}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a review is: how many things there are, how many have a finding, how many the reader may not judge."""

    items: int
    judged: int
    own: int

    @property
    def left(self) -> int:
        """How many the reader still has to judge."""
        return self.items - self.judged - self.own


def reviews() -> list[AccessReview]:
    """The newest reviews."""
    return list(AccessReview.objects.select_related("opened_by", "finished_by").order_by("-opened_at")[:20])


def review_of(pk: UUID) -> AccessReview | None:
    """One review."""
    return AccessReview.objects.select_related("opened_by", "finished_by").filter(pk=pk).first()


def items_of(review: AccessReview, kind: ItemKind) -> QuerySet[AccessItem]:
    """What is looked at, of one kind, with its findings, the newest first; what has none yet stands first."""
    findings = AccessFinding.objects.select_related("by").order_by("-at", "-created_at")
    judged = Exists(AccessFinding.objects.filter(item=OuterRef("pk")))
    rows = AccessItem.objects.filter(review=review, kind=kind).annotate(judged=judged)
    rows = rows.select_related("person", "patient", "emergency").prefetch_related(Prefetch("findings", findings))
    return rows.order_by("judged", "-readings", "person__email", "pk")


def others_of(review: AccessReview, kind: ItemKind, items: Collection[UUID]) -> set[UUID]:
    """Everything of one kind without a finding that is of the people of these items."""
    rows = AccessItem.objects.filter(review=review, kind=kind)
    people = rows.filter(pk__in=items).values("person")
    return set(rows.filter(person__in=people, findings=None).values_list("pk", flat=True))


def people_in(review: AccessReview, kind: ItemKind) -> int:
    """Of how many people something of a kind is looked at."""
    return AccessItem.objects.filter(review=review, kind=kind).order_by().values("person").distinct().count()


def standing(review: AccessReview, reader: User) -> Standing:
    """How far it is; one query."""
    judged = Exists(AccessFinding.objects.filter(item=OuterRef("pk")))
    rows = AccessItem.objects.filter(review=review).annotate(judged=judged).values_list("judged", "person")
    found = list(rows)
    own = sum(not done and person == reader.pk for done, person in found)
    return Standing(len(found), sum(done for done, _person in found), own)


def last_finished() -> AccessReview | None:
    """The newest review that is done."""
    return next_due().first()


def next_due() -> QuerySet[AccessReview]:
    """The review that says when the next one is due."""
    return AccessReview.objects.filter(finished_at__isnull=False).order_by("-finished_at")
