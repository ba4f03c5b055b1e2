"""Section "Your consent": four dated texts, each agreed to on its own, and one typed signature."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Context, Field, Kind, Page, Section, Text

SECTION = Section(
    key="consent",
    title=_("Your consent"),
    minutes=4,
    why=_(
        "You decide, after you have read what the treatment can and cannot do. "
        "You may take your consent back at any time."
    ),
    seen_by=_("You and your care team."),
)


def plain_name(name: str) -> str:
    """A name for comparing: case and spacing do not matter."""
    return " ".join(name.split()).casefold()


def _check_signature(given: Mapping[str, Any], context: Context) -> dict[str, Text]:
    legal_name = context.used.get("about_you", {}).get("legal_name", "")
    if plain_name(given["signature"]) != plain_name(legal_name):
        return {"signature": _("Type your full legal name as you gave it at the beginning.")}
    return {}


CONSENT = Page(
    key="consent",
    section="consent",
    title=_("Read and sign"),
    template="intake/about/consent.html",
    check=_check_signature,
    fields=(
        Field(
            "treatment",
            _("I have read about the treatment and its risks, and I agree to be considered for it."),
            Kind.AGREE,
            missing=_("Tick the box to agree to the treatment text, or stop here."),
        ),
        Field(
            "telehealth",
            _("I agree to be cared for by video and in writing."),
            Kind.AGREE,
            missing=_("Tick the box to agree to care by video, or stop here."),
        ),
        Field(
            "privacy",
            _("I have read how my information is kept and used."),
            Kind.AGREE,
            missing=_("Tick the box to agree to the privacy text, or stop here."),
        ),
        Field(
            "payment",
            _("I have read the prices and when I get my money back."),
            Kind.AGREE,
            missing=_("Tick the box to agree to the prices, or stop here."),
        ),
        Field(
            "signature",
            _("Type your full legal name to sign"),
            missing=_("Type your full legal name to sign."),
            max_length=120,
            autocomplete="off",
        ),
    ),
)
PAGES = (CONSENT,)
