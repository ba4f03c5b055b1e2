"""Two visits in the running demo that begin in five minutes, with a clinician of their own, made at once."""

import json
from datetime import timedelta

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from tests import cast
from tests.telemedicine.cases import make_decision, make_visit

SOON = timedelta(minutes=5)


def make() -> None:
    """Print for each person the key of their session, and of the two visits."""
    now = clock.now()
    doctor = cast.make_clinician("video@example.com", display_name="Dr Ira Placeholder")
    other = cast.make_clinician("colleague@example.com", display_name="Dr Ari Placeholder")
    told = {}
    for name, starts in (("vera", now + SOON), ("wim", now + SOON + timedelta(hours=2))):
        called = {"legal_name": f"{name.title()} Example", "preferred_name": name.title()}
        patient = cast.make_patient(f"{name}@example.com", agreed=False, **called)
        cast.agree(patient, now - timedelta(days=2))
        for clinician in (doctor, other):
            cast.take_into_care(patient, clinician, now - timedelta(days=1))
        make_decision(patient)
        told[name] = cast.signed_in(patient.user).cookies["sessionid"].value
        told[f"{name}-visit"] = str(make_visit(patient, doctor, starts_at=starts, status="booked").pk)
    for name, clinician in (("doctor", doctor), ("colleague", other)):
        told[name] = cast.signed_in(clinician.user).cookies["sessionid"].value
    print(json.dumps(told))


def trail(email: str) -> None:
    """Print what the trail says about a patient's video visits, oldest first: who by role, and what."""
    rows = AuditEvent.objects.filter(patient=cast.key_of(email, "patient")).order_by("at")
    shown = ("video.", "room.", "appointment.started", "appointment.completed")
    print(json.dumps([[row.role, row.action] for row in rows if row.action.startswith(shown)]))
