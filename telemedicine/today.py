"""Questions of whoever begins the day: who is there now, and whom one cares for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import care_relations
from telemedicine.models import Appointment, Room
from telemedicine.rules.calls import PRESENT_WITHIN


def with_presence(rows: QuerySet[Appointment], now: datetime) -> QuerySet[Any]:
    """Visits with whether the patient's page of the room asks for news now (`there`), or wants the `telephone`."""
    room = Room.objects.filter(appointment=OuterRef("pk"), sequence=OuterRef("sequence"))
    return rows.annotate(
        there=Exists(room.filter(patient_seen_at__gte=now - PRESENT_WITHIN)),
        telephone=Exists(room.filter(phone_asked_at__isnull=False, admitted_at__isnull=True)),
    )


def own_patients(user: User, now: datetime) -> QuerySet[Any]:
    """Whom a clinician cares for now, with the `next_visit_at` that the two have; who has none first."""
    coming = Appointment.objects.booked().filter(patient=OuterRef("pk"), clinician__user=user, ends_at__gte=now)
    rows = Patient.objects.filter(pk__in=care_relations(user, at=now).values("patient"))
    rows = rows.annotate(next_visit_at=Subquery(coming.order_by("starts_at").values("starts_at")[:1]))
    return rows.select_related("user").order_by(F("next_visit_at").asc(nulls_first=True), "mrn")
