"""Who else has a visit open: two coordinators must not settle one call twice. The trail already knows."""

from datetime import datetime, timedelta

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import label_of
from telemedicine.models import Appointment

WITHIN = timedelta(minutes=5)


def others_at(visit: Appointment, user: User, now: datetime) -> QuerySet[User]:
    """The colleagues who opened a visit in the last five minutes, the latest first, each with `opened`, when."""
    events = AuditEvent.objects.filter(
        patient=visit.patient_id,
        at__gt=now - WITHIN,
        subject=label_of(visit),
        action="appointment.viewed",
        actor=Cast(OuterRef("pk"), CharField()),
    )
    people = User.objects.filter(role=Role.COORDINATOR, is_active=True).exclude(pk=user.pk)
    opened = people.annotate(opened=Subquery(events.order_by("-at").values("at")[:1]))
    return opened.filter(opened__isnull=False).order_by("-opened")
