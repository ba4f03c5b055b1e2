"""Questions about alerts, safety holds and follow-ups."""

from datetime import datetime
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import policy
from harmoniously.core.alerts.models import (
    RINGING,
    Alert,
    AlertStatus,
    CaseHold,
    ContactAttempt,
    HoldLevel,
    SafetyHold,
)
from harmoniously.core.alerts.plan_models import SafetyPlan
from harmoniously.core.notifications.models import Notification


def active_hold(patient: Patient) -> SafetyHold | None:
    """The safety hold that stops checkout, shipments and sessions of this patient now, or None."""
    return SafetyHold.objects.filter(patient=patient, cleared_at__isnull=True).first()


def case_holds() -> QuerySet[CaseHold]:
    """The open holds of patients whose newer answers speak against their treatment."""
    return CaseHold.objects.filter(ended_at__isnull=True)


def case_held(patient: Patient) -> bool:
    """Whether shipments and sessions of this patient wait until a prescriber approved the newer answers."""
    return case_holds().filter(patient=patient).exists()


def what_stops(patient: Patient) -> frozenset[str]:
    """What stops shipments and sessions of this patient now, of "safety_hold" and "case_hold". One query."""
    safety = SafetyHold.objects.filter(patient=patient, cleared_at__isnull=True).order_by()
    case = case_holds().filter(patient=patient).order_by()
    both = safety.values_list(Value("safety_hold")).union(case.values_list(Value("case_hold")))
    return frozenset(name for (name,) in both)


def open_holds() -> QuerySet[SafetyHold]:
    """Every hold that is still in force: those for a high risk first, then by age."""
    rows = SafetyHold.objects.filter(cleared_at__isnull=True).select_related("patient__user")
    return rows.order_by(Case(When(level=HoldLevel.HIGH, then=Value(0)), default=Value(1)), "opened_at", "pk")


def alerts_listed(now: datetime | None = None) -> QuerySet[Alert]:
    """All alerts: open ones first, the ringing ones before the others, then by age.

    With `now` those that somebody took and left silent by then stand with the ringing ones.
    """
    left = [When(pk__in=silent(now).order_by().values("pk"), then=Value(0))] if now is not None else []
    rank = Case(
        *left,
        When(status=AlertStatus.OPEN, kind__in=list(RINGING), then=Value(0)),
        When(status=AlertStatus.OPEN, then=Value(1)),
        When(status=AlertStatus.ACKNOWLEDGED, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = Alert.objects.select_related(
        "patient__user", "acknowledged_by__clinician", "taken_over_by__clinician", "resolved_by__clinician"
    )
    return rows.annotate(rank=rank).order_by("rank", "-opened_at")


def alerts_opened(now: datetime) -> QuerySet[Alert]:
    """The same for the page of one: whether it is `left_silent`, a hold was `cleared` by a contact that knew of it, and
    the `open_hold`."""
    held = SafetyHold.objects.filter(patient=OuterRef("patient"), cleared_at__isnull=True).order_by()
    return alerts_listed().annotate(
        left_silent=Exists(silent(now).order_by().filter(pk=OuterRef("pk"))),
        cleared=Exists(clearances_about(OuterRef("patient"), last_said())),
        open_hold=Subquery(held.values("pk")[:1]),
    )


def open_alerts() -> QuerySet[Alert]:
    """Alerts that nobody acknowledged yet, the ringing ones first."""
    return alerts_listed().filter(status=AlertStatus.OPEN)


def longest_waiting() -> QuerySet[Alert]:
    """The same, that which has waited longest first among the ringing ones."""
    calm = Case(When(kind__in=list(RINGING), then=Value(0)), default=Value(1), output_field=IntegerField())
    return Alert.objects.filter(status=AlertStatus.OPEN).annotate(calm=calm).order_by("calm", "opened_at")


def silent(now: datetime) -> QuerySet[Alert]:
    """Alerts that somebody took and that are told again: nothing was written down since, for as long as is allowed.

    The one that was taken, or taken over, first stands first; `taken_at` is when.
    """
    longest = now - policy.load().contact_due
    tried = attempts_about(OuterRef("patient"), last_said()).filter(at__gt=longest)
    taken = Alert.objects.filter(status=AlertStatus.ACKNOWLEDGED, tell_next_at__isnull=False)
    taken = taken.annotate(taken_at=Coalesce("taken_over_at", "acknowledged_at")).filter(taken_at__lte=longest)
    return taken.exclude(Exists(tried)).order_by("taken_at")


def unattended(now: datetime) -> QuerySet[Alert]:
    """What needs a person now, as it is listed: what nobody took, and what somebody took and left silent."""
    return alerts_listed(now).filter(Q(status=AlertStatus.OPEN) | Q(rank=0))


def last_said() -> Coalesce:
    """`Alert.last_said_at` of the query outside."""
    return Coalesce(OuterRef("newest_at"), OuterRef("opened_at"))


def attempts_about(patient: Patient | UUID | OuterRef, said_at: datetime | Coalesce) -> QuerySet[ContactAttempt]:
    """Attempts to reach a patient that knew of what was said at that moment, under whichever of their alerts.

    An attempt knows what its page showed when it was opened; what is said after a call ended is not answered by it.
    """
    rows = ContactAttempt.objects.alias(known_at=Coalesce("shown_at", "at"))
    return rows.filter(patient=patient, known_at__gte=said_at)


def clearances_about(patient: Patient | UUID | OuterRef, said_at: datetime | Coalesce) -> QuerySet[SafetyHold]:
    """The same of the contacts that a clinician recorded to end a safety hold."""
    rows = SafetyHold.objects.alias(known_at=Coalesce("shown_at", "cleared_at"))
    return rows.filter(patient=patient, cleared_by__isnull=False, known_at__gte=said_at)


def telling_overdue(at: datetime) -> QuerySet[Alert]:
    """Alerts that were to be told again by then."""
    return Alert.objects.exclude(status=AlertStatus.RESOLVED).filter(tell_next_at__lte=at)


def to_be_taken(patient: Patient, by: User) -> QuerySet[Alert]:
    """The alerts about a patient that this person may take, or take over from a colleague: what nobody took first."""
    rows = alerts_of(patient).annotate(charge=Coalesce("taken_over_by", "acknowledged_by"))
    others = Q(status=AlertStatus.ACKNOWLEDGED) & ~Q(charge=by.pk)
    return rows.filter(Q(status=AlertStatus.OPEN) | others)


def alerts_of(patient: Patient) -> QuerySet[Alert]:
    """The alerts of one patient, for the case page."""
    return alerts_listed().filter(patient=patient)


def contacts_of(alert: Alert) -> QuerySet[ContactAttempt]:
    """The attempts to reach the patient that knew of this alert, under whichever of the patient's alerts."""
    rows = attempts_about(alert.patient_id, alert.last_said_at)
    if alert.resolved_at is not None:
        rows = rows.filter(at__lte=alert.resolved_at)
    return rows.select_related("by__clinician")


def notified(alert: Alert) -> dict[str, datetime]:
    """When the first message about this alert was handed to a provider, by channel."""
    sent = Notification.objects.filter(about=alert.messages, sent_at__isnull=False).values("channel")
    return {row["channel"]: row["first"] for row in sent.annotate(first=Min("sent_at")).order_by("first")}


def plans_of(patient: Patient) -> QuerySet[SafetyPlan]:
    """Every version of the safety plan, the newest first."""
    return SafetyPlan.objects.filter(patient=patient).select_related("written_by__clinician")
