"""Correcting how a patient is called and reached, for somebody who telephoned; what was before is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.internal.flows.manage_email import emit_email_changed
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import ContactChange, Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents.services import lock_patient
from harmoniously.core.notifications import consents
from harmoniously.core.notifications.models import Channel
from harmoniously.core.notifications.services import schedule
from harmoniously.portal.people import invitations
from harmoniously.portal.people.registering import refuse_minors
from intake import people as intake_people
from intake.drafts import lock_case
from telemedicine.services.locks import line_up
from telemedicine.services.moving import follow_home

# Every field with its words, in the order of the page.
FIELDS = {
    "legal_name": gettext_lazy("Legal name"),
    "preferred_name": gettext_lazy("What we call them"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail address"),
    "street": gettext_lazy("Street and number"),
    "city": gettext_lazy("City"),
    "state": gettext_lazy("State"),
    "zip": gettext_lazy("ZIP code"),
    "zone": gettext_lazy("Time zone"),
    "language": gettext_lazy("Language of our messages"),
    "emergency_name": gettext_lazy("Emergency contact"),
    "emergency_phone": gettext_lazy("Emergency contact’s phone"),
    "emergency_relation": gettext_lazy("Who that is to them"),
}
ADDRESS = ("street", "city", "state", "zip")
EMERGENCY = ("name", "phone", "relation")
# Whoever gets hold of one of these gets hold of the account.
WAYS_IN = frozenset({"phone", "email", "date_of_birth"})


@dataclass(frozen=True, slots=True)
class Correction:
    """What the coordinator wrote: the values, from which standing of the record, why, and how they knew who called."""

    values: Mapping[str, str]
    seen: str
    reason: str
    proof: str = ""
    # The patient said yes to texts to a new number after the words were read out.
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """The row of the history, whether the patient is told, and what became of a new e-mail address.

    That is "", "confirm" or "invited". `unlicensed`: visits ahead with somebody who may not treat where they live now.
    """

    change: ContactChange
    told: bool
    email: str = ""
    unlicensed: int = 0


def contact_of(patient: Patient) -> dict[str, str]:
    """How the patient is called and reached now, by field.

    The birth date stands there while an invitation waits for it: one that was misheard would keep the account closed.
    """
    address, emergency = patient.address or {}, patient.emergency_contact or {}
    return {
        **({"date_of_birth": patient.date_of_birth_sealed} if invitations.waits(patient.user) else {}),
        "legal_name": patient.legal_name,
        "preferred_name": patient.preferred_name,
        "phone": patient.phone,
        "email": patient.user.email,
        **{name: str(address.get(name) or "") for name in ADDRESS},
        "state": patient.state,
        "zone": patient.zone,
        "language": patient.user.language or "en",
        **{f"emergency_{name}": str(emergency.get(name) or "") for name in EMERGENCY},
    }


def standing(patient: Patient) -> str:
    """A mark of all that, which says nothing about it: whoever saw another one saw another record."""
    return salted_hmac("harmoniously.contact", json.dumps(contact_of(patient)), algorithm="sha256").hexdigest()[:32]


def correct(*, patient: Patient, correction: Correction, by: User, now: datetime) -> Corrected:
    """Write what changed, keep what was before, and tell the patient, in words that name nothing, that it did.

    A new e-mail address counts once it is confirmed; until then the one before does. Raises RuleViolation when nothing
    changed or an address belongs to somebody else, Conflict when the record changed since it was opened.
    """
    require(by, Permission.REGISTER_PATIENTS)
    with transaction.atomic():
        lock_case(patient)  # first, as every verb that also touches answers does
        line_up(str(patient.pk))
        lock_patient(patient)
        hold_chain(patient)
        row = Patient.objects.select_related("user").get(pk=patient.pk)
        before = contact_of(row)
        if standing(row) != correction.seen:
            raise Conflict(_("Somebody changed this record since you opened it. Nothing was saved yet."), "raced")
        changed = {name: value for name, value in correction.values.items() if value != before[name]}
        asked = waiting_address(row)
        if asked is not None and asked.email == changed.get("email"):
            del changed["email"]  # asking anew would end the link that is in the mailbox
        _refuse(changed, correction)
        if "date_of_birth" in changed:
            refuse_minors(date.fromisoformat(changed["date_of_birth"]), clock.today(row.zone, now))
        made = ContactChange.objects.create(
            patient=row,
            by=by,
            before={name: before[name] for name in changed},
            after=changed,
            reason=correction.reason,
            created_at=now,
        )
        # Before the address changes: the notice goes to the one that the patient has.
        told = _tell(row, made, now)
        _write(row, changed)
        if "phone" in changed:
            consents.move_to(patient=row, by=by, now=now)
            if correction.texts:
                with translation.override(row.user.language or "en"):  # in which it was read out
                    consents.agree(patient=row, source=consents.PHONE, by=by, now=now)
        intake_people.follow(patient=row, now=now)
        stranded = follow_home(patient=row, left=before["state"], by=by, now=now) if "state" in changed else []
        became = _new_address(made, changed["email"], by=by, now=now) if "email" in changed else ""
        action = "patient.contact_corrected"
        record(actor=by, action=action, now=now, subject=made, fields=sorted(changed), proof=correction.proof)
    return Corrected(made, told, became, len(stranded))


def _refuse(changed: Mapping[str, str], correction: Correction) -> None:
    if not changed:
        raise RuleViolation(_("Nothing is different from what stands there already."), "same")
    if WAYS_IN & changed.keys() and not correction.proof:
        raise RuleViolation(
            _("Say how you made sure who is calling before you change the phone, the e-mail or the birth date."),
            "proof",
        )


def _write(row: Patient, changed: Mapping[str, str]) -> None:
    row.date_of_birth_sealed = changed.get("date_of_birth", row.date_of_birth_sealed)
    for name in ("legal_name", "preferred_name", "phone", "state", "zone"):
        if name in changed:
            setattr(row, name, changed[name])
    row.address = {**(row.address or {}), **{name: changed[name] for name in ADDRESS if name in changed}}
    said = {name: changed[f"emergency_{name}"] for name in EMERGENCY if f"emergency_{name}" in changed}
    row.emergency_contact = {**(row.emergency_contact or {}), **said}
    columns = ["legal_name", "preferred_name", "date_of_birth_sealed", "phone", "state", "zone"]
    row.save(update_fields=[*columns, "address", "emergency_contact"])
    index.keep(row)
    if "language" in changed:
        row.user.language = changed["language"]
        row.user.save(update_fields=["language"])


def _tell(row: Patient, made: ContactChange, now: datetime) -> bool:
    if invitations.waits(row.user):
        return False  # nobody proved yet whose mailbox that is
    schedule(
        template="account_notice",
        recipient=row.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"contact:{made.pk}",
        about=f"contact:{row.pk}",
        variables={"link": "/account/"},
        # Kept with the message: a notice that something changed has to reach who was there before.
        address=row.user.email,
        now=now,
    )
    return True


def _new_address(made: ContactChange, email: str, *, by: User, now: datetime) -> str:
    """Ask the new address whether it is theirs; an account that nobody opened yet is simply invited there."""
    user = made.patient.user
    if is_taken(user, email):
        raise RuleViolation(_("Another account has this e-mail address. Look that person up, or ask again."), "taken")
    if invitations.waits(user):
        try:
            with transaction.atomic():
                user.email = email
                user.save(update_fields=["email"])
        except IntegrityError:
            raise Conflict(_("Another account has this e-mail address by now."), "taken") from None
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
        # Also within the minute in which a second click sends none: the link before went to another mailbox.
        invitations.close(user)
        invitations.send(user=user, by=by, now=now)
        return "invited"
    EmailAddress.objects.filter(user=user, verified=False).delete()
    made.confirms, _new = EmailAddress.objects.get_or_create(user=user, email=email)
    made.save(update_fields=["confirms"])
    return "confirm"


def is_taken(user: User, email: str) -> bool:
    """Whether the address is somebody else's: of an account, or proved to be theirs."""
    others = User.objects.filter(email=email).exclude(pk=user.pk)
    return others.exists() or EmailAddress.objects.filter(email=email, verified=True).exclude(user=user).exists()


def number_is_new(patient: Patient, *, since: datetime) -> bool:
    """Whether a coordinator corrected the telephone number since then."""
    changes = ContactChange.objects.filter(patient=patient, created_at__gt=since)
    return any("phone" in change.after for change in changes)


def waiting_address(patient: Patient) -> EmailAddress | None:
    """The new e-mail address that is not confirmed yet."""
    rows = ContactChange.objects.filter(patient=patient, confirms__isnull=False, settled_at__isnull=True)
    change = rows.select_related("confirms").first()
    return change.confirms if change is not None else None


def take_back_address(*, patient: Patient, by: User, now: datetime) -> None:
    """The new address was wrong: its link is dead from now on. Doing it twice does no harm."""
    require(by, Permission.REGISTER_PATIENTS)
    with transaction.atomic():
        hold_chain(patient)
        address = waiting_address(patient)
        if address is not None:
            address.delete()
            record(actor=by, action="patient.new_address_taken_back", now=now, patient=patient)


def asks_for(address: EmailAddress) -> bool:
    """Whether a coordinator wrote this address down, and it waits to be confirmed."""
    return ContactChange.objects.filter(confirms=address, settled_at__isnull=True).exists()


def settle(request: HttpRequest, address: EmailAddress, *, now: datetime) -> None:
    """Make a confirmed address the account's only one, and tell the one before: it resets no password any more.

    Inside the caller's transaction, which holds the patient's chain.
    """
    ContactChange.objects.filter(confirms=address).update(settled_at=now)
    before = EmailAddress.objects.filter(user=address.user, primary=True).exclude(pk=address.pk).first()
    address.set_as_primary()
    EmailAddress.objects.filter(user=address.user).exclude(pk=address.pk).delete()
    emit_email_changed(request, before, address)


def history_of(patient: Patient) -> list[ContactChange]:
    """The newest corrections with who made them."""
    return list(ContactChange.objects.filter(patient=patient).select_related("by")[:20])
