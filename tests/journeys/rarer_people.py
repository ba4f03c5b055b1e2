"""Pages of rarer moments about people on the telephone, told with those of rarer_pages."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import AccountRecovery, Invitation, User
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.portal.people import contact, recovery, registering
from harmoniously.portal.people.registering import Person
from tests import cast
from tests.security.history import ways_back

Row = dict[str, Any]


def rows(now: datetime, row: Callable[..., Row]) -> Iterator[Row]:
    """Found, not found, perhaps known already, wrong, overtaken, an address that waits, and each end of a link."""
    desk = User.objects.get(email=BY_KEY["coordinator"].email)
    doctor = User.objects.get(email=BY_KEY["prescriber"].email)
    listed = reverse("admin:patients")
    yield row("admin:patients, wrong", desk, listed, sent={"typed": "12"}, status=422, light=False)
    for name, user, typed in (
        ("found", desk, "robin"),
        ("nobody", desk, "nobody"),
        ("not in care", doctor, "nobody"),
    ):
        client = cast.signed_in(user, HTTP_HOST=settings.PUBLIC_BASE_URL.partition("//")[2])
        session = client.cookies["sessionid"].value
        yield {**row(f"admin:patients, {name}", user, _searched(client, typed)), "session": session}
    known = {
        "legal_name": "Alex Called",
        "date_of_birth_0": "5",
        "date_of_birth_1": "6",
        "date_of_birth_2": "1990",
        "state": "CA",
        "phone": "+14155550155",
        "email": "alex.called@rarer.example",
        "language": "en",
        "form_token": str(uuid.uuid4()),
    }
    alex = _registered("alex.called@rarer.example", now)
    register = reverse("admin:register_patient")
    yield row("admin:register_patient, wrong", desk, register, sent={}, status=422, light=False)
    yield row("admin:register_patient, known", desk, register, sent={**known, "email": "b@c.example"}, status=409)
    yield row("admin:patient, invited", desk, reverse("admin:patient", args=[alex.pk]), light=False)
    yield from _corrected(now, desk, row)
    yield from _links(now, row)
    yield from _ways_back(now, desk, row)


def _searched(client: Client, typed: str) -> str:
    return str(client.post(reverse("admin:patients"), {"typed": typed})["Location"])


def _registered(email: str, now: datetime) -> Any:
    who = Person("Alex Called", date(1990, 5, 6), "CA", "+14155550155", email)
    desk = User.objects.get(email=BY_KEY["coordinator"].email)
    return registering.register(person=who, token=uuid.uuid4(), by=desk, now=now)


def _corrected(now: datetime, desk: User, row: Callable[..., Row]) -> Iterator[Row]:
    patient = cast.make_patient("moved@rarer.example")
    values = {**contact.contact_of(patient), "city": "Otherville", "email": "new@rarer.example"}
    correction = contact.Correction(values, contact.standing(patient), "Moved in with a friend.", "called_back")
    contact.correct(patient=patient, correction=correction, by=desk, now=now)
    page = reverse("admin:correct_contact", args=[patient.pk])
    yield row("admin:correct_contact, before", desk, page)
    yield row("admin:correct_contact, wrong", desk, page, sent={}, status=422, light=False)
    late = {**values, "city": "Thirdville", "email": "moved@rarer.example", "reason": "Moved.", "seen": "older"}
    yield row("admin:correct_contact, overtaken", desk, page, sent=late, status=409)


def _ways_back(now: datetime, desk: User, row: Callable[..., Row]) -> Iterator[Row]:
    """One that waits for a second person, as both see it, one that waits for its day, and the ends of both links."""
    boss = User.objects.get(email=BY_KEY["administrator"].email)
    about = {"proof": "seen", "reason": "Lost the phone and with it the mailbox."}

    def asked(name: str, at: datetime) -> AccountRecovery:
        patient = cast.make_patient(f"{name}@rarer.example", agreed=False)
        return recovery.ask(patient=patient, email=f"{name}@found.example", by=desk, now=at, **about)

    waits = asked("waits", now)
    page = reverse("admin:recovery", args=[waits.patient_id])
    yield row("admin:recovery, asked", desk, page)
    yield row("admin:recovery, to agree", boss, page, light=False)
    yield row("admin:recovery, under way", desk, page, sent={**about, "email": "b@c.example"}, status=409, light=False)
    for name, at in (("early", now), ("late", now - timedelta(days=11))):
        agreed = recovery.agree(recovery=asked(name, at), proof="seen", by=boss, now=at)
        yield row(f"admin:recovery, {name}", desk, reverse("admin:recovery", args=[agreed.patient_id]), light=False)
        way, stop = ways_back(agreed)
        yield row(f"portal:recovery, {name}", None, f"/r/{way}/", status=410, light=False)
        yield row(f"portal:recovery_stop, {name}", None, f"/r/{stop}/stop/", light=False)


def _links(now: datetime, row: Callable[..., Row]) -> Iterator[Row]:
    ends = {
        "used": {"used_at": now},
        "replaced": {"ended_as": "replaced"},
        "locked": {"ended_as": "locked"},
        "expired": {"sent_at": now - timedelta(days=8), "expires_at": now - timedelta(days=1)},
    }
    for name, fields in ends.items():
        user = _registered(f"{name}@rarer.example", now).user
        Invitation.objects.filter(user=user).update(**fields)
        message = Notification.objects.get(recipient=user, template="account_invitation")
        path = "/i/" + str(message.variables["link"]).partition("/i/")[2]
        yield row(f"portal:invitation, {name}", None, path, status=410, light=False)
