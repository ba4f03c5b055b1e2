"""Questions of the patient pages: identity, visits, follow-ups, the care team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, Exists, OuterRef, Prefetch, QuerySet, Subquery

from harmoniously.core.accounts.lookup.finding import Found, find
from harmoniously.core.accounts.lookup.rules import Sought, plain
from harmoniously.core.accounts.models import AccountRecovery, CareRelation, Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.alerts.models import FollowUp, FollowUpState
from harmoniously.core.common import clock
from intake.models import EligibilityDecision
from telemedicine.models import Appointment
from telemedicine.notes.selectors import with_notes
from treatment import policy, words
from treatment.models import Chart, DoseSession, Prescription
from treatment.rules.reasons import Weight
from treatment.selecting import phases
from treatment.selectors import prescriptions_of

SHOWN = 20


def patients_of(user: User, now: datetime) -> QuerySet[Patient]:
    """The patients a person may know of, newest first, with who cares for them and what comes next."""
    rows = Patient.objects.select_related("user")
    if not can(user, Permission.VIEW_PEOPLE):
        rows = rows.filter(Exists(_care(now).filter(clinician__user=user, patient=OuterRef("pk"))))
    coming = Appointment.objects.booked().filter(patient=OuterRef("pk"), starts_at__gte=now).order_by("starts_at")
    waiting = FollowUp.objects.filter(patient=OuterRef("pk")).exclude(state=FollowUpState.CLOSED)
    team = Prefetch("care_relations", _care(now).select_related("clinician").order_by("since"), to_attr="team")
    return (
        rows.annotate(
            next_visit_at=Subquery(coming.values("starts_at")[:1], output_field=DateTimeField()),
            has_follow_up=Exists(waiting),
        )
        .prefetch_related(team)
        .order_by("-created_at", "pk")
    )


def _care(now: datetime) -> QuerySet[CareRelation]:
    return CareRelation.objects.filter(since__lte=now).exclude(until__lte=now)


def found_by(user: User, sought: Sought, now: datetime) -> Found:
    """Whom the person may know of who fits what was typed."""
    return find(sought, patients_of(user, now))


def namesakes(patients: Iterable[Patient]) -> frozenset[UUID]:
    """Those of the patients who share a name with another one of them: here one look at it is not enough."""
    by_name: dict[str, list[UUID]] = defaultdict(list)
    for patient in patients:
        for name in {plain(patient.legal_name), plain(patient.display_name)}:
            by_name[name].append(patient.pk)
    return frozenset(key for keys in by_name.values() if len(keys) > 1 for key in keys)


def has_case(patient: Patient) -> bool:
    """Whether they have handed in answers; without them there is nothing to open as a case."""
    return EligibilityDecision.objects.filter(patient=patient, is_current=True).exists()


def with_way_back(now: datetime) -> QuerySet[Patient]:
    """Patients with whether somebody asked for a new way into their account that is not over yet (`way_back`).

    And whether there is a case to open (`has_case`).
    """
    case = EligibilityDecision.objects.filter(patient=OuterRef("pk"), is_current=True)
    asked = AccountRecovery.objects.filter(patient=OuterRef("pk"), used_at=None, ended_as="", expires_at__gt=now)
    return Patient.objects.select_related("user").annotate(way_back=Exists(asked), has_case=Exists(case))


def visits_of(patient: Patient) -> list[Appointment]:
    """The newest visits of a patient with their notes, whatever became of them; one being chosen is not one yet."""
    rows = Appointment.objects.filter(patient=patient).exclude(status=Appointment.Status.HELD)
    return list(with_notes(rows).select_related("clinician").order_by("-starts_at")[:SHOWN])


def follow_ups_of(patient: Patient) -> list[FollowUp]:
    """What coordinators did and have to do for a patient, open ones first."""
    rows = FollowUp.objects.filter(patient=patient).select_related("owner")
    return list(rows.order_by("closed_at", "due_at")[:SHOWN])


def team_of(patient: Patient, now: datetime) -> list[CareRelation]:
    """Who cares for a patient now."""
    return list(care_of(patient, at=now).select_related("clinician"))


def orders_of(patient: Patient) -> list[Prescription]:
    """The newest prescriptions, for those who may read the record."""
    return list(prescriptions_of(patient).order_by("-created_at")[:SHOWN])


def phase_of(
    patient: Patient, order: Prescription | None, sessions: list[DoseSession], now: datetime
) -> tuple[Chart | None, str]:
    """The chart with its phase, and in words what of it the prescriber has to decide ("" when nothing).

    The newest signed `order` came with its chart, which is the present one unless it was closed.
    """
    present = order is not None and order.chart.closed_at is None
    chart = order.chart if present and order is not None else phases.latest_chart(patient)
    if chart is None or chart.closed_at is not None:
        return chart, ""
    standing = phases.standing_in(chart, sessions)
    found = phases.proposals(standing, clock.today(patient.zone, now), policy.load())
    return chart, next((words.staff_text(item) for item in found if item.weight is Weight.ASK), "")
