"""What the practice says and charges: every message as it goes out, and every price with what was charged at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import translation

from billing.models import Charge
from billing.prices import PRICES, Purpose
from harmoniously.core.accounts.languages import ENGLISH, OFFERED
from harmoniously.core.common import clock
from harmoniously.core.common.money import format_cents
from harmoniously.core.documents.consents import texts
from harmoniously.core.notifications import messages, rules, staff_templates
from harmoniously.core.notifications.samples import EXAMPLE

MOST_SEGMENTS = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """One message in one language, filled in, with what the rules find in it now."""

    name: str
    language: str
    words: messages.Rendered
    segments: int
    clinical: list[str]

    @property
    def is_wrong(self) -> bool:
        return bool(self.clinical) or self.segments > MOST_SEGMENTS


def samples() -> list[Sample]:
    """Every message of the closed list, rendered now by the code that sends it, in each language that it is sent in."""
    spoken = {name: [ENGLISH] if name in staff_templates.TEMPLATES else sorted(OFFERED) for name in messages.TEMPLATES}
    return [_sample(name, language) for name in sorted(spoken) for language in spoken[name]]


def _sample(name: str, language: str) -> Sample:
    with translation.override(language):
        words = messages.render(name, EXAMPLE, zone=clock.PRACTICE_ZONE)
    said = (words.subject, words.text, words.sms, words.button)
    clinical = sorted({word for text in said for word in messages.forbidden_words(text)})
    title = dict(settings.LANGUAGES)[language]
    return Sample(name.replace("_", " ").capitalize(), title, words, rules.sms_segments(words.sms), clinical)


@dataclass(frozen=True, slots=True)
class Charged:
    """One amount that was ever charged for a purpose: how often, and from when until when."""

    amount: str
    number: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """One version of the agreement about prices: from which day it holds, and whether it names the amount."""

    version: str
    since: date
    planned: bool
    in_force: bool
    names_it: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """One price as the public pages, the agreement and the payment give it, with what was charged before."""

    purpose: Purpose
    title: str
    amount: str
    neutral_name: str
    # Every version of the agreement about prices, the newest first.
    agreed: list[Agreed]
    charged: list[Charged]

    @property
    def in_agreement(self) -> bool:
        return any(one.in_force and one.names_it for one in self.agreed)

    @property
    def ending(self) -> Agreed | None:
        """The next version that is planned and names another amount: from its day on this one stands nowhere."""
        return next((one for one in reversed(self.agreed) if one.planned and not one.names_it), None)


def prices(today: date) -> list[InForce]:
    """Every price that is in force. One query."""
    rows = Charge.objects.values("purpose", "amount_cents", "currency").order_by("-amount_cents")
    counted = rows.annotate(number=Count("pk"), first=Min("created_at"), last=Max("created_at"))
    before: dict[str, list[Charged]] = {}
    for row in counted:
        amount = format_cents(row["amount_cents"], row["currency"])
        before.setdefault(row["purpose"], []).append(Charged(amount, row["number"], row["first"], row["last"]))
    return [_in_force(purpose, before.get(purpose.value, []), today) for purpose in PRICES]


def _in_force(purpose: Purpose, charged: list[Charged], today: date) -> InForce:
    price = PRICES[purpose]
    amount = format_cents(price.amount_cents)
    title = str(Charge.Reason(purpose.value).label)
    return InForce(purpose, title, amount, price.neutral_name, _agreed(amount, today), charged)


def _agreed(amount: str, today: date) -> list[Agreed]:
    current = texts.current("payment", today).version
    return [
        Agreed(version, since, since > today, version == current, amount in texts.load("payment", version).text)
        for since, version in reversed(texts.versions())
        if texts.has("payment", version)
    ]
