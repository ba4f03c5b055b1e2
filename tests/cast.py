"""The fixed cast of the tests: a patient, another patient who must see nothing, and the people of the practice."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client

from harmoniously.core.accounts import sessions
from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import CareRelation, Clinician, Licence, OnCall, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.plan_models import KEYS
from harmoniously.core.common import clock
from harmoniously.core.documents.consents.texts import all_current
from harmoniously.core.documents.models import ConsentEvent, SignedDocument
from harmoniously.core.documents.services import digest

NOON = datetime(2026, 11, 4, 17, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def key_of(email: str, what: str = "user") -> UUID:
    """The same person has the same key in every test, so that rows which name them can be put back."""
    return uuid5(NAMESPACE_URL, f"{what}:{email}")


def make_user(email: str, role: Role = Role.PATIENT, **fields: Any) -> User:
    """An account with a verified address; staff get a TOTP authenticator."""
    user = User.objects.create_user(email, PASSWORD, id=key_of(email), role=role, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if user.is_staff:
        TOTP.activate(user, generate_totp_secret())
    return user


def make_patient(
    email: str = "patient@example.com", *, state: str = "CA", agreed: bool = True, **fields: Any
) -> Patient:
    """A patient with a name, a birthday, a phone and an address, who has signed the agreements."""
    defaults = {
        "legal_name": "Robin Example",
        "preferred_name": "Robin",
        "date_of_birth": date(1985, 3, 4),
        "sex_at_birth": "female",
        "phone": "+15550100123",
        "address": {"street": "1 Test Way", "city": "Testville", "state": state, "zip": "90001"},
        "emergency_contact": {"name": "Sam Example", "phone": "+15550100124", "relation": "sibling"},
        "zone": "America/Los_Angeles",
    }
    patient = Patient.objects.create(
        id=key_of(email, "patient"), user=make_user(email), state=state, **{**defaults, **fields}
    )
    index.keep(patient)
    if agreed:
        agree(patient)
    return patient


def agree(patient: Patient, at: datetime = datetime(2026, 2, 2, tzinfo=UTC)) -> None:
    """Everything is signed, without the pages: what the texts of the present say, and the rows that signing leaves."""
    texts = all_current(NOON.date()).values()
    papers = [
        SignedDocument(
            patient=patient,
            kind=f"consent.{text.kind}",
            version=text.version,
            content=(content := {"text": text.text, "text_sha256": text.sha256, "signature": patient.legal_name}),
            sha256=digest(content),
            signed_at=at,
            signer=patient.user,
        )
        for text in texts
    ]
    SignedDocument.objects.bulk_create(papers)
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            patient=patient,
            kind=text.kind,
            act="signed",
            sequence=1,
            version=text.version,
            text_sha256=text.sha256,
            at=at,
            zone=patient.zone,
            document=paper,
        )
        for text, paper in zip(texts, papers, strict=True)
    )


# Every step of a safety plan.
PLAN = {key: f"Words about {key}." for key in KEYS}


def make_clinician(
    email: str = "prescriber@example.com",
    *,
    role: Role = Role.PRESCRIBER,
    states: tuple[str, ...] = ("CA",),
    on_call: int | None = None,
    **fields: Any,
) -> Clinician:
    """A clinician licensed in the states until the end of 2030."""
    defaults = {
        "display_name": "Dr Jordan Sample",
        "credentials": "MD",
        "npi": "1234567893",
        "dea_number": "AB1234563",
        "practice_address": "2 Clinic Road, Testville, CA 90001",
        "zone": "America/Los_Angeles",
    }
    clinician = Clinician.objects.create(
        id=key_of(email, "clinician"), user=make_user(email, role), **{**defaults, **fields}
    )
    for state in states:
        Licence.objects.create(clinician=clinician, state=state, number=f"{state}-1", expires_on=date(2030, 12, 31))
    if on_call is not None:
        OnCall.objects.create(clinician=clinician, position=on_call)
    return clinician


def take_into_care(patient: Patient, clinician: Clinician, since: datetime = NOON) -> CareRelation:
    """Open the care relation that lets the clinician see the chart."""
    return CareRelation.objects.create(patient=patient, clinician=clinician, since=since)


def signed_in(user: User, *, second_factor: bool | None = None, at: datetime | None = None, **headers: Any) -> Client:
    """A browser in which the account has signed in; staff with their second factor unless told otherwise."""
    client = Client(**headers)
    request = HttpRequest()
    request.session = SessionStore()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    login(request, user, backend="harmoniously.core.accounts.adapter.SignIn")
    sessions.begin(request.session, at=at or clock.wall())
    record_authentication(request, user, method="password")
    if user.is_staff if second_factor is None else second_factor:
        record_authentication(request, user, method="mfa", type="totp", reauthenticated=True)
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key or ""
    return client


def daytime_zone() -> str:
    """A zone in which it is between 09:00 and 20:00 now, so that quiet hours do not decide when a test passes."""
    hour = clock.now().hour
    return next(
        f"Etc/GMT{-shift:+d}".replace("+0", "") if shift else "Etc/GMT"
        for shift in range(-12, 14)
        if 9 <= (hour + shift) % 24 < 20
    )
