"""Where the practice treats people: who is licensed there, who lives there, and whether new patients are taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, DateField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext as _

from harmoniously.core.accounts import licences
from harmoniously.core.accounts.models import Licence, Patient, StateSwitch, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import closed_states
from harmoniously.core.audit.services import hold_practice, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.states import STATE_CHOICES
from intake.policy import load_policy
from telemedicine.models import Appointment

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Held:
    """A licence of an active clinician, with how it stands today."""

    licence: Licence
    standing: licences.Standing


@dataclass(slots=True)
class Served:
    """One state of the list."""

    code: str
    name: str
    in_policy: bool
    is_open: bool
    held: list[Held] = field(default_factory=list)
    patients: int = 0
    uncovered: int = 0

    @property
    def covered(self) -> bool:
        """Whether a prescriber may practise there today."""
        return any(
            one.standing != licences.Standing.EXPIRED and one.licence.clinician.user.role == Role.PRESCRIBER
            for one in self.held
        )

    @property
    def takes_new(self) -> bool:
        return self.in_policy and self.is_open


def states(now: datetime) -> list[Served]:
    """Every state with who is licensed, how many patients live there, and visits that nobody may hold. Four queries."""
    policy, closed = load_policy().states_served, closed_states()
    rows = {code: Served(code, str(name), code in policy, code not in closed) for code, name in STATE_CHOICES}
    active = list(_licences())
    for licence in active:
        today = clock.today(licence.clinician.zone, now)
        rows[licence.state].held.append(Held(licence, licences.standing(licence.expires_on, today)))
    for state, number in Patient.objects.filter(state__in=rows).values_list("state").annotate(Count("pk")).order_by():
        rows[state].patients = number
    for state, number in _uncovered(active, now).items():
        if state in rows:
            rows[state].uncovered = number
    return list(rows.values())


def _licences() -> QuerySet[Licence]:
    rows = Licence.objects.select_related("clinician__user").filter(clinician__user__is_active=True)
    return rows.order_by("state", "clinician__display_name")


def visits_uncovered(now: datetime) -> QuerySet[Any]:
    """Booked visits whose clinician may have no licence in that state any more on that day.

    The day is taken in UTC, a day after the clinician's at most: what is found has to be looked at on their calendar.
    """
    held = Licence.objects.filter(
        clinician=OuterRef("clinician"),
        state=OuterRef("where"),
        expires_on__gte=Cast(OuterRef("starts_at"), DateField()),
    )
    where = Coalesce(NullIf("state", Value("")), "patient__state")
    rows: QuerySet[Any] = Appointment.objects.booked().filter(starts_at__gte=now).annotate(where=where)
    return rows.filter(~Exists(held)).exclude(where="")


def _uncovered(active: list[Licence], now: datetime) -> dict[str, int]:
    ends = {(licence.clinician_id, licence.state): licence.expires_on for licence in active}
    found: dict[str, int] = defaultdict(int)
    visits = visits_uncovered(now).values_list("clinician_id", "where", "starts_at", "clinician__zone")
    for clinician, where, starts_at, zone in visits:
        last: date | None = ends.get((clinician, where))
        if last is None or last < clock.today(zone, starts_at):
            found[where] += 1
    return found


def history_of(state: str) -> list[StateSwitch]:
    """When new patients were and were not taken in a state, newest first."""
    rows = StateSwitch.objects.filter(state=state).select_related("by")
    return list(rows.order_by("-at", "-created_at")[:HISTORY])


def switch_state(*, state: str, is_open: bool, reason: str, by: User, now: datetime) -> StateSwitch | None:
    """Take new patients in a state from now on, or none. None when it is so already.

    Whoever is in somebody's care goes on as before; whoever has a decision keeps it until their answers change. The
    two-minute check and the intake answer others that nobody is treated there yet.
    Raises RuleViolation for a state that the policy does not serve, or without a reason.
    """
    if state not in load_policy().states_served:
        raise RuleViolation(_("The policy in force does not serve this state. A new version has to."), "policy")
    if not reason.strip():
        raise RuleViolation(_("Write why. Whoever asks later reads it here."), "no_reason")
    with transaction.atomic():
        hold_practice()
        newest = StateSwitch.objects.filter(state=state).order_by("-at", "-created_at").first()
        if (newest is None or newest.is_open) == is_open:
            return None
        row = StateSwitch.objects.create(state=state, is_open=is_open, reason=reason.strip(), at=now, by=by)
        record(actor=by, action="state.opened" if is_open else "state.closed", now=now, subject=row, state=state)
    return row
