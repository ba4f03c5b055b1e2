"""What the record says around one visit: scores, pressures, doses, the order, what was decided. One query.

A signed note keeps it as it stood. Nothing that came after the visit is shown as if it had been known at it: a visit
that nobody ended, or that was ended days later, was over some time after its planned end (`rules.latest_end`), and for
a clinician who ceased to care before somebody ended it, when the care ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Least

from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.audit.services import label_of
from harmoniously.core.common.columns import as_column
from harmoniously.core.questions.models import Assessment
from telemedicine.models import Appointment, Review
from telemedicine.models.appointment import Status
from telemedicine.notes.rules.codes import ESTABLISHED_YEARS, Seen
from telemedicine.notes.rules.writing import latest_end
from treatment.models import DoseSession, Prescription, RefillRequest, Vital, VitalPhase

SCALES = ("phq9", "gad7", "cssrs")
MOST = 60
# What is done on the same day belongs to the visit.
DECIDED_WITHIN = timedelta(hours=24)
_SCORE = ("instrument", "total", "band", "context", "taken_at")
_VITAL = ("session_id", "phase", "systolic", "diastolic", "taken_at")
_DOSE = ("units", "strength_mg", "started_at")
_ORDER = ("status", "product__name", "strength_mg", "units_per_session", "frequency", "signed_at")


@dataclass(frozen=True)
class Around:
    """Rows as they are in the record, oldest first, each a plain mapping with its moment under "at".

    `since` is the start of the visit before, None for the first one; `until` the end of this one, or now while it goes
    on. `ended_at` is when somebody said that it was over.
    """

    since: datetime | None
    until: datetime
    ended_at: datetime | None
    seen_before: bool
    scores: tuple[dict[str, Any], ...]
    pressures: tuple[dict[str, Any], ...]
    doses: tuple[dict[str, Any], ...]
    order: dict[str, Any] | None
    decisions: tuple[dict[str, Any], ...]

    @property
    def end_is_known(self) -> bool:
        """Whether somebody ended the visit when it was over, and not long after."""
        return self.ended_at is not None and self.ended_at <= self.until


def ended(visit: Appointment) -> QuerySet[StatusChange]:
    """The moment at which the clinician ended a visit."""
    return StatusChange.objects.filter(subject=label_of(visit), after=Status.COMPLETED)


def around(visit: Appointment, now: datetime) -> Around:
    """Read what stands around a visit."""
    own = {"patient": OuterRef("patient")}
    earlier = Appointment.objects.filter(**own, status=Status.COMPLETED, starts_at__lt=visit.starts_at)
    # The bound stands in the query, so that what came since never pushes out what was known then.
    known = OuterRef("known")
    scores = Assessment.objects.filter(**own, instrument__in=SCALES, taken_at__lte=known)
    vitals = Vital.objects.filter(**own, phase__in=(VitalPhase.GATE, VitalPhase.HOME), taken_at__lte=known)
    doses = DoseSession.objects.filter(**own, status__in=DoseSession.TAKEN, started_at__lte=known)
    orders = Prescription.objects.filter(**own, signed_at__lte=now)
    begun = visit.started_at or visit.starts_at
    over = latest_end(starts_at=visit.starts_at, ends_at=visit.ends_at, started_at=visit.started_at)
    cared = CareRelation.objects.filter(**own, clinician=visit.clinician).order_by("-since").values("until")
    reviews = Review.objects.filter(**own, decided_at__gte=begun)
    refills = RefillRequest.objects.filter(**own, decided_at__gte=begun, decided_by__isnull=False)
    row: Any = (
        Appointment.objects.filter(pk=visit.pk)
        .annotate(ended_at=Subquery(ended(visit).values("at")[:1]), care_ended_at=Subquery(cared[:1]))
        .annotate(known=Least("ended_at", Value(min(over, now), output_field=DateTimeField())))
        .annotate(
            earlier=as_column(earlier, "starts_at", order="-starts_at", most=MOST),
            scores=as_column(scores, *_SCORE, order="-taken_at", most=MOST),
            vitals=as_column(vitals, *_VITAL, order="-taken_at", most=3 * MOST),
            doses=as_column(doses, *_DOSE, order="-started_at", most=MOST),
            orders=as_column(orders.exclude(status="draft"), *_ORDER, order="-signed_at", most=MOST),
            reviews=as_column(reviews, "outcome", "decided_at", order="decided_at"),
            refills=as_column(refills, "status", "decided_at", order="decided_at"),
        )
        .get()
    )
    until = row.known
    decided_until = until + DECIDED_WITHIN
    if row.care_ended_at is not None:
        left = max(row.care_ended_at, begun)
        # Who ended the visit was there until then.
        until = until if row.ended_at is not None else min(until, left)
        decided_until = max(until, min(decided_until, left))
    before = [_at(one, "starts_at") for one in row.earlier]
    since = before[0]["at"] if before else None
    return Around(
        since=since,
        until=until,
        ended_at=row.ended_at,
        seen_before=any(one["at"] > _years_before(visit.starts_at) for one in before),
        scores=_newest_and_since(row.scores, since, until),
        pressures=_pressures(_between(row.vitals, "taken_at", since, until)),
        doses=_between(row.doses, "started_at", since, until),
        order=_order_at(row.orders, until),
        decisions=_decisions(row, begun, decided_until),
    )


def seen(visit: Appointment, found: Around, *, prescriber: bool, billing: dict[str, Any]) -> Seen:
    """The visit as the codes depend on it."""
    return Seen(
        kind=visit.kind,
        prescriber=prescriber,
        new_patient=not found.seen_before,
        minutes=billing.get("minutes"),
        therapy_minutes=billing.get("therapy_minutes"),
        decision=billing.get("decision") or "",
    )


def _years_before(at: datetime) -> datetime:
    return at - timedelta(days=365 * ESTABLISHED_YEARS + 1)


def _at(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row[name])}


def _between(rows: Iterable[dict[str, Any]], name: str, since: datetime | None, until: datetime) -> tuple[Any, ...]:
    """Rows given newest first, oldest first, after the visit before and no later than the end of this one."""
    dated = [_at(row, name) for row in rows]
    return tuple(row for row in reversed(dated) if row["at"] <= until and (since is None or row["at"] >= since))


def _newest_and_since(rows: Iterable[dict[str, Any]], since: datetime | None, until: datetime) -> tuple[Any, ...]:
    """The scores since the visit before; of a questionnaire that was not answered since then, the newest there is."""
    known = [row for row in (_at(one, "taken_at") for one in rows) if row["at"] <= until]
    found = [row for row in known if since is None or row["at"] >= since]
    for scale in SCALES:
        if not any(row["instrument"] == scale for row in found):
            found += [row for row in known if row["instrument"] == scale][:1]
    return tuple(sorted(found, key=lambda row: (SCALES.index(row["instrument"]), row["at"])))


def _pressures(rows: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Of the readings before one dose the last: that is the pressure at which it was taken."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found[row["session_id"] or row["taken_at"]] = row
    return tuple(sorted(found.values(), key=lambda row: row["at"]))


def _order_at(rows: Iterable[dict[str, Any]], until: datetime) -> dict[str, Any] | None:
    """The newest order that was signed by then."""
    return next((row for row in (_at(one, "signed_at") for one in rows) if row["at"] <= until), None)


def _decisions(row: Any, begun: datetime, until: datetime) -> tuple[dict[str, Any], ...]:
    """What was signed and answered from the beginning of the visit to a day after it, oldest first."""
    signed = [{"what": "order", **_at(one, "signed_at")} for one in row.orders]
    decided = [{"what": "review", **_at(one, "decided_at")} for one in row.reviews]
    refills = [{"what": "refill", **_at(one, "decided_at")} for one in row.refills]
    found = [one for one in (*signed, *decided, *refills) if begun <= one["at"] <= until]
    return tuple(sorted(found, key=lambda one: one["at"]))
