"""Registering somebody who telephones: a record, an account that waits, and the invitation to open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.lookup.finding import alike
from harmoniously.core.accounts.lookup.rules import Sought, words_of
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.states import ZONE_OF_STATE
from harmoniously.core.notifications import addresses, consents, reminders_off
from harmoniously.core.notifications.models import Channel
from harmoniously.portal.people import invitations
from intake.policy import load_policy


@dataclass(frozen=True, slots=True)
class Person:
    """Who telephoned, as far as the record needs it before they answer for themselves."""

    legal_name: str
    date_of_birth: date
    state: str
    phone: str
    email: str
    preferred_name: str = ""
    language: str = "en"
    zone: str = ""
    # They said yes after the words were read out (consents.words_read_out).
    texts: bool = False
    email_reminders: bool = True


def perhaps_known(person: Person) -> list[Patient]:
    """Who may be the same person: the same whole name and birth date, or the same telephone number."""
    words, number = tuple(sorted(words_of(person.legal_name))), addresses.e164(person.phone)
    like = Sought(words=words, births=(person.date_of_birth,), phones=(number,) if number else ())
    return alike(like, Patient.objects.select_related("user"))


def made_with(token: UUID, by: User) -> Patient | None:
    """The patient whom this form made when it was sent before."""
    return Patient.objects.select_related("user").filter(pk=_key(token, by)).first()


def _key(token: UUID, by: User) -> UUID:
    return uuid5(by.pk, str(token))


def register(*, person: Person, token: UUID, by: User, now: datetime) -> Patient:
    """Make the record and the account, and send the invitation; the same form sent twice makes one patient.

    Raises RuleViolation for somebody under the age that the policy treats, Conflict when an account has the address,
    or when the same form comes back with another person in it.
    """
    require(by, Permission.REGISTER_PATIENTS)
    key, made = _key(token, by), made_with(token, by)
    if made is not None:
        return _same(made, person)
    zone = person.zone or ZONE_OF_STATE[person.state]
    refuse_minors(person.date_of_birth, clock.today(zone, now))
    try:
        with transaction.atomic():
            return _register(person, key, zone, by, now)
    except IntegrityError:
        twin = Patient.objects.select_related("user").filter(pk=key).first()
        if twin is None:
            raise Conflict(
                _("An account has this e-mail address already. Look the person up by it."), "taken"
            ) from None
        return _same(twin, person)


def _same(made: Patient, person: Person) -> Patient:
    """Whom this form made. Behind the browser's button for going back it may hold somebody else by now."""
    if (made.legal_name, made.date_of_birth) == (person.legal_name, person.date_of_birth):
        return made
    raise Conflict(
        _(
            "This form registered %(name)s already (%(mrn)s). Nobody else was saved. For another person open “Register "
            "a patient” anew; to correct this one, open their page."
        )
        % {"name": made.display_name, "mrn": made.mrn},
        "used",
    )


def refuse_minors(born: date, today: date) -> None:
    """Raises RuleViolation for somebody under the age that the policy treats."""
    adult = int(load_policy().people.adult_age.value)
    if not is_adult(born, today, adult):
        raise RuleViolation(
            _("We treat people from %(age)s years on. Tell the caller where help is: 988 by call or text, 911.")
            % {"age": adult},
            "under_age",
        )


def is_adult(born: date, today: date, age: int) -> bool:
    """Whether somebody has had the birthday; who was born on 29 February has theirs on 1 March of other years."""
    return (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) >= age


def _register(person: Person, key: UUID, zone: str, by: User, now: datetime) -> Patient:
    if EmailAddress.objects.filter(email=person.email, verified=True).exists():
        # Somebody's second address: the invitation to it could never be accepted.
        raise Conflict(_("An account has this e-mail address already. Look the person up by it."), "taken")
    user = User.objects.create_user(person.email, None, language=person.language)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    patient = Patient(
        pk=key,
        user=user,
        legal_name=person.legal_name,
        preferred_name=person.preferred_name,
        date_of_birth_sealed=person.date_of_birth.isoformat(),
        phone=person.phone,
        state=person.state,
        zone=zone,
        created_at=now,
    )
    patient.save(force_insert=True)
    index.keep(patient)
    record(actor=by, action="patient.registered", now=now, subject=patient, source="phone", language=person.language)
    if person.texts:
        with translation.override(person.language):  # in which it was read out: the trail keeps it
            consents.agree(patient=patient, source=consents.PHONE, by=by, now=now)
    if not person.email_reminders:
        reminders_off.switch(patient=patient, channel=Channel.EMAIL, on=False, by=by, now=now)
    invitations.send(user=user, by=by, now=now)
    return patient
