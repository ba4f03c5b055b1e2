"""Where a person is reached: e-mail address, telephone number, zone. The profile is read when a message is sent."""

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from django.utils.crypto import salted_hmac
from phonenumbers import timezone as number_zones

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.common.phones import e164 as e164
from harmoniously.core.notifications.models import Channel, Notification


@dataclass(frozen=True)
class Destination:
    """An address ("" when there is none), whether texts are allowed there, and the zones that count for quiet hours."""

    address: str
    consented: bool
    zones: tuple[str, ...]
    digest: str = ""


def digest(number: str) -> str:
    """The keyed digest under which a number (E.164) stands in the opt-out list."""
    return salted_hmac("harmoniously.notifications.number", number, algorithm="sha256").hexdigest()


def phone_of(user: User) -> str:
    """The person's telephone number in E.164, "" when we have none."""
    person = getattr(user, "patient", None) or getattr(user, "clinician", None)
    return e164(person.phone) if person is not None and person.phone else ""


def zone_of(user: User) -> str:
    """The person's own zone (IANA)."""
    person = getattr(user, "patient", None) or getattr(user, "clinician", None)
    return person.zone if person is not None and person.zone else clock.PRACTICE_ZONE


def destination_of(row: Notification) -> Destination:
    """Where this message would go now. A patient's texts need the patient's consent; a colleague's do not."""
    user = row.recipient
    zone = zone_of(user)
    if row.channel == Channel.EMAIL:
        return Destination(address=row.address or user.email, consented=True, zones=(zone,))
    number = e164(row.address) if row.address else phone_of(user)
    patient = getattr(user, "patient", None)
    # Who said where they will be is told by the clock there; a number at home says nothing about that.
    there = row.variables.get("zone") if patient is not None and not row.address else None
    consented = bool(row.address) or patient is None or patient.sms_consent_at is not None
    return Destination(
        address=number,
        consented=consented,
        zones=(there,) if there and there != zone else tuple(dict.fromkeys((zone, *_zone_of_number(number)))),
        digest=digest(number) if number else "",
    )


@cache
def _zone_names() -> frozenset[str]:
    """Kept: Python looks for them in the file system each time."""
    return frozenset(available_timezones())


def _zone_of_number(number: str) -> tuple[str, ...]:
    """The zone of the area code where it has exactly one; mobile numbers travel, so the profile's zone counts too."""
    if not number:
        return ()
    names = number_zones.time_zones_for_number(phonenumbers.parse(number))
    known = [name for name in names if name in _zone_names()]
    return (known[0],) if len(known) == 1 else ()
