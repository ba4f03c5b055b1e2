"""What waits for a prescriber, of every kind, as rows that can be put behind each other and ordered in SQL.

One query orders everything and reads one page of it, one counts; what a line says is read afterwards, for the lines of
the page only (work/lines.py). Whoever may not see a row does not find it here: the rules of access are those of each
kind's own list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock, compiled
from telemedicine.models import Thread, Topic, WorkClaim
from telemedicine.refills import selectors as refills
from telemedicine.reviews import ladder, turns
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR
from telemedicine.reviews.rules.triage import ASKED_FOR, CASES, LADDER, RISKS, TELLING, TOLD, VISIT_SOON, Kind, Urgency
from telemedicine.reviews.rules.verdicts import IN_PERSON_WITHIN
from treatment import policy as policies
from treatment.selecting.adverse import due_for
from treatment.selecting.check_ins import check_ins_to_read, holds_to_read
from treatment.selecting.ledger import flags_to_read
from treatment.selecting.second import may_sign_off

COLUMNS = ("what", "key", "whose", "rung", "risk", "since", "holder", "fact")
ORDER = ("rung", "risk", "since", "key")
Rows = QuerySet[Any]


def waiting(user: User, now: datetime) -> dict[Kind, Rows]:
    """Everything that waits for this person, by kind and in no order. The cases stand under APPLICATION."""
    rows: dict[Kind, Rows] = {
        Kind.APPLICATION: reviews.queued(user, now),
        Kind.CHECK_IN: check_ins_to_read(user, now),
        Kind.SESSION: holds_to_read(user, now),
        Kind.SUPPLY: flags_to_read(user, now),
        Kind.EVENT: due_for(user, now),
        Kind.SECOND: may_sign_off(user, now),
        Kind.REFILL: refills.queue(user, now),
        Kind.RENEWAL: refills.renewals(user, now),
    }
    return {kind: found.order_by() for kind, found in rows.items()}


@dataclass(frozen=True, slots=True)
class Source:
    """How a row of one kind is placed: since when it waits, and what puts it on a higher rung than the last.

    `fact` is what its line says beside that: a column, or the name of the first test that holds.
    """

    since: str
    fact: str | Callable[[datetime], Case] = ""
    stops: Q | None = None
    always_stops: bool = False
    late: Callable[[datetime], Q] | None = None
    arrived: Callable[[], Q] | None = None
    asked: Q | None = None


def _answer_late(now: datetime) -> Q:
    return Q(requested_at__lte=now - timedelta(hours=policies.load().refill.answer_hours))


def _wrote() -> Q:
    threads = Thread.objects.filter(topic=Topic.HEALTH, waiting_since__isnull=False)
    return Q(status="asked", patient__in=threads.values("patient"))


def _event_late(now: datetime) -> Q:
    return Q(look_due_at__lte=now) | _unsent(now)


def _unsent(now: datetime) -> Q:
    return Q(report_due_at__lte=now, submitted_on__isnull=True)


def _event_fact(now: datetime) -> Case:
    reported = When(status="reported", then=Value("reported"))
    return Case(reported, When(_unsent(now), then=Value("unsent")), default=Value("look"), output_field=CharField())


SOURCES: Mapping[Kind, Source] = {
    # Of check-ins of an earlier time it is not known: they stand as if they stopped the treatment.
    Kind.CHECK_IN: Source("flagged_at", stops=Q(stops__isnull=True) | Q(stops=True)),
    Kind.SESSION: Source("held_at", always_stops=True),
    Kind.SUPPLY: Source("raised_at", always_stops=True),
    Kind.EVENT: Source("known_at", _event_fact, stops=Q(serious=True, status="reported"), late=_event_late),
    Kind.SECOND: Source("created_at", "prescriber__display_name"),
    Kind.REFILL: Source(
        "requested_at",
        "prescription__prescriber__display_name",
        late=_answer_late,
        arrived=_wrote,
        asked=Q(status="asked"),
    ),
    Kind.RENEWAL: Source("done_at"),
}


def placed(user: User, now: datetime) -> dict[Kind, Rows]:
    """The same with what each row is ordered by, and whose hands it is in."""
    found = waiting(user, now)
    cases = ladder.ranked(found.pop(Kind.APPLICATION), now)
    cases = cases.annotate(fact=Value(""))
    known = {Kind.APPLICATION: _labelled(cases, Kind.APPLICATION, F("waiting_since"), _case_holder())}
    for kind, rows in found.items():
        source = SOURCES[kind]
        ranked = rows.annotate(rung=_rung(kind, source, now), risk=Value(RISKS["none"]))
        fact = source.fact(now) if callable(source.fact) else F(source.fact) if source.fact else Value("")
        holder = Subquery(claim_of(kind).values("clinician")[:1])
        known[kind] = _labelled(ranked.annotate(fact=fact), kind, F(source.since), holder)
    return known


def _labelled(rows: Rows, kind: Kind, since: F, holder: Case | Subquery) -> Rows:
    labels = {"what": Value(kind.value), "key": F("pk"), "whose": F("patient_id")}
    labelled: Rows = rows.annotate(**labels, since=since, holder=holder)
    return labelled


def _case_holder() -> Case:
    """Of a case its review says it: joined, for there may be ten thousand of them."""
    here = Q(review__clinician__user__is_active=True, review__clinician__user__role=Role.PRESCRIBER)
    held = When(here, review__status__in=turns.IN_HAND, then=F("review__clinician"))
    return Case(held, default=Value(None), output_field=UUIDField())


# Who left the practice, or does other work now, has nothing in hand any more.
STILL_HERE = Q(clinician__user__is_active=True, clinician__user__role=Role.PRESCRIBER)


def claim_of(kind: Kind) -> QuerySet[WorkClaim]:
    """Who has the row of the query outside in hand."""
    return WorkClaim.objects.filter(
        STILL_HERE, kind=kind.value, subject=OuterRef("pk"), ended_at__isnull=True
    ).order_by()


def _rung(kind: Kind, source: Source, now: datetime) -> Case:
    """The same steps as `triage.work_urgency`, in SQL."""
    held = [(rung, ladder.held_by(levels)) for rung, levels, _risks in LADDER if levels] if kind in TELLING else []
    found = {
        "stops": source.stops,
        "late": source.late(now) if source.late else None,
        "arrived": source.arrived() if source.arrived else None,
        "asked": source.asked,
    }
    steps = TOLD if kind in TELLING else ASKED_FOR
    own = [(rung, found[name]) for rung, name in steps if name]
    whens = [When(test, then=Value(rung.value)) for rung, test in (*held, *own) if test is not None]
    last = Urgency.STOPPED if source.always_stops else steps[-1][0]
    return Case(*whens, default=Value(last.value), output_field=IntegerField())


# Which part of the queue is shown


@dataclass(frozen=True, slots=True)
class Show:
    """One part of the queue: everything, what is in the own hands or in nobody's, what the patient has, or one kind."""

    name: str = "all"

    @property
    def kind(self) -> Kind | None:
        """The kind, when the part is one."""
        return Kind(self.name) if self.name in set(Kind) else None


PARTS = ("all", "mine", "free", "patient")


def show_of(name: str | None) -> Show:
    """The part that an address names; everything for any other word."""
    return Show(name) if name and name in {*PARTS, *Kind} else Show()


def page(user: User, now: datetime, show: Show, first: int, last: int) -> list[dict[str, Any]]:
    """Some rows of `ordered`, by place; put together once for each part of the queue."""
    key = ("queue", *shape(user), show.name, first, last)
    found = compiled.rows(key, lambda at: ordered(user, at, show)[first:last], lambda at: values(user, at), now)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def shape(user: User) -> tuple[Hashable, ...]:
    """What the text of these queries depends on beside `values`."""
    return user.role, user.is_active, reviews.clinician_of(user) is None, policies.load().version


def values(user: User, now: datetime) -> compiled.Values:
    """Everything that changes in these queries from one request to the next."""
    clinician = reviews.clinician_of(user)
    found: dict[str, datetime | date | UUID] = {
        "now": now,
        "user": user.pk,
        "visit_soon": now + VISIT_SOON,
        "just_begun": now - ladder.JUST_BEGUN,
        "visit_counts": now - VISIT_COUNTS_FOR,
        "in_person": now - IN_PERSON_WITHIN,
        "promised": ladder.promised_before(now),
        "answer_late": now - timedelta(hours=policies.load().refill.answer_hours),
    }
    if clinician is not None:
        found |= {"clinician": clinician.pk, "today": clock.today(clinician.zone, now)}
    return found


def ordered(user: User, now: datetime, show: Show = Show()) -> Rows:
    """One part of the queue, the most urgent first: rows of COLUMNS."""
    return unordered(user, now, COLUMNS, show).order_by(*ORDER)


def unordered(user: User, now: datetime, columns: tuple[str, ...], show: Show = Show()) -> Rows:
    """The same rows in any order, with some of their columns."""
    known = placed(user, now)
    parts = [_part(rows, kind, user, show) for kind, rows in known.items() if _fits(kind, show)]
    return reduce(lambda one, other: one.union(other, all=True), [rows.values(*columns) for rows in parts])


def _fits(kind: Kind, show: Show) -> bool:
    return show.kind is None or kind == show.kind or (kind is Kind.APPLICATION and show.kind in CASES)


def _part(rows: Rows, kind: Kind, user: User, show: Show) -> Rows:
    if show.name == "mine":
        return rows.filter(holder=_own(user))
    if show.name == "free":
        return rows.filter(holder__isnull=True)
    if show.name == "patient":
        return rows.filter(rung=Urgency.WITH_PATIENT.value)
    if show.kind in CASES:
        return rows.filter(turns.arrived() if show.kind is Kind.INFORMATION else ~turns.arrived())
    return rows


def _own(user: User) -> UUID | None:
    clinician: Clinician | None = reviews.clinician_of(user)
    return clinician.pk if clinician else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits: of each part of the queue, by its name. Everything is `all`."""

    parts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Everything."""
        return self.parts["all"]

    def of(self, show: Show) -> int:
        """Of one part."""
        return self.parts.get(show.name, 0)


def counts(user: User, now: datetime) -> Counts:
    """What every part of the queue holds, in one query."""
    key = ("counts", *shape(user))
    found: dict[str, int] = dict.fromkeys(PARTS, 0)
    for kind, arrived, *parts in compiled.rows(key, lambda at: _numbers(user, at), lambda at: values(user, at), now):
        found[kind] = parts[0] - arrived
        found[Kind.INFORMATION] = found.get(Kind.INFORMATION, 0) + arrived
        for name, number in zip(PARTS, parts, strict=True):
            found[name] += number
    return Counts(found)


def _numbers(user: User, now: datetime) -> Rows:
    own, nothing = _own(user), Value(0)
    numbers = [
        rows.values_list(
            Value(kind.value),
            _count_if(turns.arrived()) if kind is Kind.APPLICATION else nothing,
            Func("pk", function="COUNT", output_field=IntegerField()),
            _count_if(Q(holder=own)),
            _count_if(Q(holder__isnull=True)),
            _count_if(Q(rung=Urgency.WITH_PATIENT.value)),
        )
        for kind, rows in placed(user, now).items()
    ]
    return numbers[0].union(*numbers[1:], all=True)


def _count_if(test: Q) -> Func:
    # Not an aggregate to Django, which would group by every other column.
    return Func(test, template="COUNT(*) FILTER (WHERE %(expressions)s)", output_field=IntegerField())
