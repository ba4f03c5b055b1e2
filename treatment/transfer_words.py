"""The permission in words: what 45 CFR 164.508(c) asks a valid authorization to say. Never edited once used."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from treatment import discharge_words as words

if TYPE_CHECKING:
    from treatment.services.transfer import Wish

VERSION = "2026.1"


def statement(wish: "Wish") -> list[str]:
    """Every line that the patient signs."""
    to = wish.recipient
    where = ", ".join(part for part in (to.name, to.practice, to.address, to.fax and f"fax {to.fax}") if part)
    parts = "; ".join(str(words.PARTS[part]) for part in wish.parts if part in words.PARTS)
    return [
        _("I allow %(practice)s to send this information about me:") % {"practice": settings.CLINIC_NAME},
        parts + ".",
        _("It goes to: %(where)s.") % {"where": where},
        _("It is for: %(purpose)s.") % {"purpose": wish.purpose.strip().rstrip(".") or _("my care there")},
        _("This permission ends on %(day)s.") % {"day": clock.long_date_words(wish.expires_on)},
        _("I can take it back at any time, in writing, on the page where I gave it. What was sent before stays sent."),
        _("My treatment, its payment and what I may receive do not depend on whether I sign."),
        _("Whoever receives it may pass it on, and then federal privacy rules may no longer protect it."),
        _("Nothing else from my record goes out, and nobody else receives it."),
    ]
