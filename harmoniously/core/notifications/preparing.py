"""Before a message goes out: where to, whether it still may, and in which words."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation

from harmoniously.core.accounts import languages
from harmoniously.core.common.encryption import DecryptionError
from harmoniously.core.notifications import addresses, guards, messages, reminders_off, rules
from harmoniously.core.notifications.addresses import Destination
from harmoniously.core.notifications.channels import Outgoing
from harmoniously.core.notifications.models import Channel, Notification, OptOut

logger = logging.getLogger(__name__)

# What a broken template, variable or profile raises, or a sealed value that does not open. Anything else is a fault of
# the process, not of the row.
POISON = (ArithmeticError, AttributeError, DecryptionError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Prepared:
    """A row with what is to happen to it: `outgoing` when it may be sent, else the decision, else `poison`."""

    row: Notification
    outgoing: Outgoing | None = None
    decision: rules.Decision | None = None
    poison: str = ""
    digest: str = ""


def prepare(rows: Sequence[Notification], *, at: datetime) -> list[Prepared]:
    """Decide about each row at `at`, by the profile as it is now. A row that cannot be put into words is parked."""
    places: dict[Notification, Destination] = {}
    found: list[Prepared] = []
    for row in rows:
        try:
            places[row] = addresses.destination_of(row)
        except POISON as error:
            found.append(_poisoned(row, error))
    digests = {place.digest for place in places.values() if place.digest}
    refused = set(
        OptOut.objects.filter(address_digest__in=digests, until__isnull=True).values_list("address_digest", flat=True)
        if digests
        else ()
    )
    waiting, unwanted = guards.withheld(places, at=at), reminders_off.unwanted(places)
    return found + [
        _prepare(
            row,
            place,
            at,
            opted_out=place.digest in refused,
            withheld=row.pk in waiting,
            unwanted=row.pk in unwanted,
        )
        for row, place in places.items()
    ]


def _prepare(
    row: Notification, place: Destination, at: datetime, *, opted_out: bool, withheld: bool, unwanted: bool
) -> Prepared:
    decision = rules.decide(
        rules.Sendable(
            ready_at=row.ready_at,
            not_after=row.not_after,
            is_text=row.channel == Channel.SMS,
            is_safety=row.is_safety,
            has_address=bool(place.address),
            opted_out=opted_out,
            consented=place.consented,
            zones=place.zones,
            withheld=withheld,
            unwanted=unwanted,
        ),
        at,
    )
    if decision.verdict != rules.Verdict.SEND:
        return Prepared(row, decision=decision)
    try:
        return Prepared(row, outgoing=outgoing_for(row, place, at=at), digest=place.digest)
    except POISON as error:
        return _poisoned(row, error)


def outgoing_for(row: Notification, place: Destination, *, at: datetime) -> Outgoing:
    """The message as it leaves, in the reader's own zone and language. Raises ValueError when a variable is missing.

    Whoever has no account is written to in the language of the patient who asked them: nothing else is known.
    """
    left = int((row.not_after - at).total_seconds()) if row.not_after is not None else None
    with translation.override(languages.of_reader(row.recipient)):
        words = messages.render(row.template, row.variables, zone=place.zones[0])
    return Outgoing(row.pk, place.address, words, left)


def _poisoned(row: Notification, error: Exception) -> Prepared:
    logger.error("Message %s cannot be prepared: %s", row.pk, type(error).__name__)
    return Prepared(row, poison=type(error).__name__)
