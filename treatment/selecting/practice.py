"""The treatments of the practice in numbers: check-ins, adverse events, scores. Counts only, nobody is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.audit.models import StatusChange
from treatment.models import AdverseEvent, CheckIn, DoseSession, EventStatus
from treatment.models.checkin import OVERTAKEN, CheckInStatus
from treatment.policy import Policy

# Rows of figures that are read together: what they count, the group, and four numbers.
Counted = QuerySet[Any, Any]


def _since(column: str, since: datetime | None) -> Q:
    return Q() if since is None else Q(**{f"{column}__gte": since})


def check_ins(since: datetime | None, now: datetime) -> Counted:
    """By kind, of those whose time to answer is over: in time, late, never; and how many are still waited for.

    In time is before the second reminder; never is closed, or not answered when a coordinator was asked to call. One
    that ended with the treatment, before that hour, was answered neither way and is left out.
    """
    label = Concat(Value("treatment.checkin:"), Cast(OuterRef("pk"), CharField()))
    ended = StatusChange.objects.filter(subject=label, after=CheckInStatus.CLOSED, at__lt=OuterRef("follow_up_at"))
    ended = ended.exclude(reason_code=OVERTAKEN)
    due = CheckIn.objects.filter(_since("due_at", since), due_at__lte=now)
    rows = due.exclude(Q(status=CheckInStatus.CLOSED) & Exists(ended)).order_by().values("kind")
    answered, unanswered = Q(status=CheckInStatus.ANSWERED), ~Q(status=CheckInStatus.ANSWERED)
    over = Q(follow_up_at__lte=now) | Q(status=CheckInStatus.CLOSED)
    return rows.annotate(
        first=Count("pk", filter=answered & Q(answered_at__lte=F("second_reminder_at"))),
        second=Count("pk", filter=answered & Q(answered_at__gt=F("second_reminder_at"))),
        third=Count("pk", filter=unanswered & over),
        fourth=Count("pk", filter=unanswered & ~over),
    ).values_list(Value("check_ins"), "kind", "first", "second", "third", "fourth")


def sessions(since: datetime | None, now: datetime) -> Counted:
    """How many sessions were begun."""
    rows = DoseSession.objects.filter(_since("started_at", since), started_at__lte=now, status__in=DoseSession.TAKEN)
    return _row("sessions", rows, Count("pk"))


def events(since: datetime | None, now: datetime) -> Counted:
    """Adverse events by when they began: serious, not serious, and those that no clinician has judged yet."""
    rows = AdverseEvent.objects.filter(_since("onset_at", since), onset_at__lte=now)
    judged = ~Q(status__in=[EventStatus.REPORTED, EventStatus.DISMISSED])
    return _row(
        "events",
        rows,
        Count("pk", filter=judged & Q(serious=True)),
        Count("pk", filter=judged & Q(serious=False)),
        Count("pk", filter=Q(status=EventStatus.REPORTED)),
    )


def _row(name: str, rows: QuerySet[Any], *numbers: Any) -> Counted:
    """One row of the same shape, without a group."""
    four = dict(zip(("first", "second", "third", "fourth"), [*numbers, *[Value(0)] * 3], strict=False))
    one: Counted = rows.order_by().annotate(group=Value(""), what=Value(name)).values("what", "group").annotate(**four)
    return one.values_list("what", "group", "first", "second", "third", "fourth")


@dataclass(frozen=True)
class Responses:
    """Of one form in one step of the dose: how many courses have both scores, and how many came down how far."""

    form: str
    step: int
    courses: int
    responded: int
    remitted: int
    worse: int


# Each course of treatment with a dose in it: its score before the first dose (else its first one), the newest score of
# the period that came after, and the form and dose of the last session before that score. The same comparison as
# rules/outcomes.py: a test holds them against each other.
_RESPONSES = """
WITH course AS (
    SELECT chart.patient_id, chart.closed_at, dose.first_dose,
        (SELECT max(earlier.closed_at) FROM treatment_chart earlier
         WHERE earlier.patient_id = chart.patient_id AND earlier.opened_at < chart.opened_at) AS after
    FROM treatment_chart chart
    JOIN (
        SELECT prescription.chart_id, min(session.started_at) AS first_dose FROM treatment_dosesession session
        JOIN treatment_prescription prescription ON prescription.id = session.prescription_id
        WHERE session.status IN ('started', 'completed') GROUP BY prescription.chart_id
    ) dose ON dose.chart_id = chart.id
), scored AS MATERIALIZED (
    SELECT course.patient_id, newest.total AS now, newest.taken_at, began.total AS before
    FROM course
    CROSS JOIN LATERAL (
        SELECT score.total, score.taken_at FROM questions_assessment score
        WHERE score.patient_id = course.patient_id AND score.instrument = 'phq9' AND score.total IS NOT NULL
            AND score.taken_at > course.first_dose AND score.taken_at <= coalesce(course.closed_at, %(now)s)
            AND score.taken_at <= %(now)s AND score.taken_at >= %(since)s
        ORDER BY score.taken_at DESC LIMIT 1) newest
    CROSS JOIN LATERAL (
        SELECT score.total, score.taken_at FROM questions_assessment score
        WHERE score.patient_id = course.patient_id AND score.instrument = 'phq9' AND score.total IS NOT NULL
            AND (course.after IS NULL OR score.taken_at > course.after)
        ORDER BY score.taken_at > course.first_dose,
            CASE WHEN score.taken_at <= course.first_dose THEN score.taken_at END DESC, score.taken_at
        LIMIT 1) began
    WHERE began.taken_at < newest.taken_at
)
SELECT product.form, width_bucket(session.strength_mg * session.units, %(steps)s::numeric[]), count(*),
    count(*) FILTER (WHERE before > 0 AND (before - now) * 100 >= before * %(response)s),
    count(*) FILTER (WHERE now < %(remission)s AND before > 0 AND (before - now) * 100 >= before * %(response)s),
    count(*) FILTER (WHERE now - before >= %(worse)s)
FROM scored
CROSS JOIN LATERAL (
    SELECT taken.strength_mg, taken.units, taken.prescription_id FROM treatment_dosesession taken
    WHERE taken.patient_id = scored.patient_id AND taken.status IN ('started', 'completed')
        AND taken.started_at <= scored.taken_at
    ORDER BY taken.started_at DESC LIMIT 1) session
JOIN treatment_prescription prescription ON prescription.id = session.prescription_id
JOIN treatment_product product ON product.id = prescription.product_id
GROUP BY 1, 2 ORDER BY 1, 2
"""
THE_BEGINNING = "-infinity"


def responses(since: datetime | None, now: datetime, policy: Policy, steps: tuple[int, ...]) -> Iterator[Responses]:
    """How PHQ-9 went, by form and step of the dose (0 is below the first of `steps`); one query."""
    given = {
        "since": since or THE_BEGINNING,
        "now": now,
        "steps": list(steps),
        "response": policy.titration.response_percent,
        "remission": policy.outcome.remission_below,
        "worse": policy.check_in.phq9_worsening,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RESPONSES, given)
        for row in cursor.fetchall():
            yield Responses(*row)
