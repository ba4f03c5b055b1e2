"""How long alerts waited in the last 30 days, or another period, by kind: for administrators, without naming anybody.

Each wait begins when the alert was raised, and ends at the first moment that is proven:

- notified: the first message about it was handed to a provider, or somebody took it, who knew of it then.
- acknowledged: somebody took it.
- contacted: it was written down that the patient was reached, or that 911 took it over, by somebody whose page knew of
  the alert. When exactly they spoke is not asked: it was then at the latest, so that nothing looks quicker than it was.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, F, Min, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat, Least

from harmoniously.core.alerts.models import Alert, AlertKind
from harmoniously.core.alerts.rules import Spread, spread
from harmoniously.core.alerts.selectors import attempts_about, clearances_about, last_said
from harmoniously.core.notifications.models import Notification

LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Times:
    """One kind of alert: how many there were, and how long each step took; None where no step was due."""

    kind: str
    count: int
    notified: Spread | None
    acknowledged: Spread | None
    contacted: Spread | None


def times(now: datetime, *, since: datetime | None = None, least: int = 1) -> list[Times]:
    """Of every kind that was raised in the last 30 days, or since then, the commonest first.

    Kinds of fewer than `least` alerts are told together at the end, as one without a name.

    What is still waited for counts with the time that has passed, so that nothing looks quick by never being done.
    """
    return told(waited(now, since), now, least=least)


def waited(now: datetime, since: datetime | None) -> list[Alert]:
    """The alerts of a period, with what is known of each; one query."""
    about = Concat(Value("alert:"), Cast(OuterRef("pk"), CharField()))
    sent = Notification.objects.filter(about=about, sent_at__isnull=False).order_by().values("about")
    this = (OuterRef("patient"), last_said())
    reached, cleared = attempts_about(*this).filter(settles=True), clearances_about(*this)
    rows = Alert.objects.filter(opened_at__gte=since or now - LOOK_BACK, opened_at__lte=now).annotate(
        first_told=Least(Subquery(sent.annotate(first=Min("sent_at")).values("first")), F("acknowledged_at")),
        first_reached=Least(
            Subquery(reached.order_by("at").values("at")[:1]),
            Subquery(cleared.order_by("cleared_at").values("cleared_at")[:1]),
        ),
    )
    return list(rows.only("kind", "opened_at", "acknowledged_at", "resolved_at"))


def told(alerts: Iterable[Alert], now: datetime, *, least: int) -> list[Times]:
    """The same by kind, from what was read."""
    by_kind: dict[str, list[Alert]] = defaultdict(list)
    for row in alerts:
        by_kind[row.kind].append(row)
    named = [_of(str(AlertKind(kind).label), rows, now) for kind, rows in by_kind.items() if len(rows) >= least]
    rare = [row for rows in by_kind.values() if len(rows) < least for row in rows]
    found = sorted(named, key=lambda line: (-line.count, line.kind))
    return [*found, _of("", rare, now)] if rare else found


def _of(kind: str, alerts: list[Alert], now: datetime) -> Times:
    def waits(moments: Iterable[tuple[Alert, datetime | None]]) -> Spread | None:
        known = [(at or now) - row.opened_at for row, at in moments if at is not None or row.resolved_at is None]
        return spread([max(wait, timedelta(0)) for wait in known])

    told = [(row, getattr(row, "first_told", None)) for row in alerts]
    reached = [(row, getattr(row, "first_reached", None)) for row in alerts if row.needs_contact]
    taken = [(row, row.acknowledged_at) for row in alerts]
    return Times(kind, len(alerts), waits(told), waits(taken), waits(reached))
