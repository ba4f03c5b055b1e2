"""People of the running demo who have no pointer: one who books, one whose visit begins, and who they deal with."""

import json
from datetime import timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as PROVED
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from harmoniously.nonprod.personas.people import BY_KEY
from tests import cast
from tests.telemedicine.cases import make_decision, make_paid, make_visit

HOST = "keys.example"
SOON, DAY = timedelta(minutes=5), timedelta(days=1)


def make() -> None:
    """Print for each person the key of their session; of the doctor, whose second factor is stale, the secret."""
    now = clock.now()
    doctor = cast.make_clinician(f"doctor@{HOST}", display_name="Dr Kit Placeholder")
    people: dict[str, Patient] = {}
    for name in ("bea", "vito"):
        called = {"legal_name": f"{name.title()} Example", "preferred_name": name.title()}
        people[name] = patient = cast.make_patient(f"{name}@{HOST}", agreed=False, **called)
        cast.agree(patient, now - 2 * DAY)
        make_decision(patient)
    make_paid(people["bea"])
    cast.take_into_care(people["vito"], doctor, now - DAY)
    visit = make_visit(people["vito"], doctor, starts_at=now + SOON, status="booked")
    users = {**{name: patient.user for name, patient in people.items()}, "doctor": doctor.user}
    users |= {
        name: User.objects.get(email=BY_KEY[name].email) for name in ("coordinator", "administrator", "prescriber")
    }
    told: dict[str, Any] = {name: cast.signed_in(user).cookies["sessionid"].value for name, user in users.items()}
    _make_stale(told["doctor"])
    secret = Authenticator.objects.get(user=doctor.user, type="totp").data["secret"]
    print(json.dumps({**told, "visit": str(visit.pk), "secret": decrypt(secret)}))


def _make_stale(key: str) -> None:
    """The second factor was used too long ago to sign with."""
    session = SessionStore(key)
    for proof in session[PROVED]:
        proof["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
