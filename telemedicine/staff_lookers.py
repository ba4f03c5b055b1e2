"""Who else has a visit open: two coordinators must not settle one call twice. The trail already knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import label_of
from telemedicine.models import Appointment

WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Looker:
    """A colleague who opened the visit, and when last."""

    name: str
    at: datetime


def others_at(visit: Appointment, user: User, now: datetime) -> list[Looker]:
    """The colleagues who arrange visits and opened this one in the last five minutes, the latest first. Two queries."""
    events = AuditEvent.objects.filter(patient=visit.patient_id, at__gt=now - WITHIN, subject=label_of(visit))
    opened = events.filter(action="appointment.viewed", role=Role.COORDINATOR).exclude(actor=str(user.pk))
    last: dict[str, datetime] = {}
    for actor, at in opened.order_by("at").values_list("actor", "at"):
        last[actor] = at
    people = User.objects.in_bulk(list(last)) if last else {}
    found = [Looker(person.display_name, last[str(pk)]) for pk, person in people.items()]
    return sorted(found, key=lambda looker: looker.at, reverse=True)
