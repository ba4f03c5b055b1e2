"""What waits for a prescriber, of every kind, as rows that can be put behind each other and ordered in SQL.

One query places everything, reads one page of it and counts (work/reading.py); what a line says is read afterwards, for
the lines of the page only (work/lines.py). Whoever may not see a row does not find it here: the rules of access are
those of each kind's own list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock, compiled
from telemedicine.models import Thread, Topic, WorkClaim
from telemedicine.refills import selectors as refills
from telemedicine.reviews import ladder, turns
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR
from telemedicine.reviews.rules.triage import ASKED_FOR, LADDER, RISKS, TELLING, TOLD, VISIT_SOON, Kind, Urgency
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
    cases = cases.annotate(fact=Value(""), arrived=ExpressionWrapper(turns.arrived(), output_field=BooleanField()))
    known = {Kind.APPLICATION: _labelled(cases, Kind.APPLICATION, F("waiting_since"), _case_holder())}
    for kind, rows in found.items():
        source = SOURCES[kind]
        ranked = rows.annotate(rung=_rung(kind, source, now), risk=Value(RISKS["none"]))
        fact = source.fact(now) if callable(source.fact) else F(source.fact) if source.fact else Value("")
        holder = Subquery(claim_of(kind).values("clinician")[:1])
        ranked = ranked.annotate(fact=fact, arrived=Value(False))
        known[kind] = _labelled(ranked, kind, F(source.since), holder)
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


def head(user: User, now: datetime, length: int) -> list[dict[str, Any]]:
    """The first rows of `ordered`."""
    key = ("head", *shape(user), length)
    found = compiled.rows(key, lambda at: ordered(user, at)[:length], lambda at: values(user, at), now)
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


def ordered(user: User, now: datetime) -> Rows:
    """The whole queue, the most urgent first: rows of COLUMNS."""
    return unordered(user, now, COLUMNS).order_by(*ORDER)


def unordered(user: User, now: datetime, columns: tuple[str, ...]) -> Rows:
    """The same rows in any order, with some of their columns; beside COLUMNS there is `arrived`."""
    first, *others = (rows.values(*columns) for rows in placed(user, now).values())
    return first.union(*others, all=True)
