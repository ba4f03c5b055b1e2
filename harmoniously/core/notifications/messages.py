"""Every message the practice can send: a closed list.

Nothing here, and nothing that is put into it, says anything about health. A message may name only the clinic, a time
and a link; the page behind the link, after signing in, says the rest. Texts fit two segments and say how to stop.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts import languages
from harmoniously.core.common import clock
from harmoniously.core.notifications import rules, staff_templates, templates
from harmoniously.core.notifications.templates import Template

# No message may hold one of these, in either language and without its accents (policy section 11, SEC-27).
FORBIDDEN_WORDS = (
    "ketamine", "lozenge", "troche", "dose", "dosing", "drug", "medicine", "medication", "prescription", "prescrib",
    "refill", "treatment", "therap", "depress", "anxiety", "ptsd", "mood", "suicid", "crisis", "self-harm", "symptom",
    "diagnos", "psych", "mental", "blood pressure", "side effect", "phq", "gad-7", "c-ssrs", "patient", "pharmacy",
    "ketamina", "pastilla", "dosis", "droga", "medicina", "medicamento", "receta", "tratamiento", "terap", "depresi",
    "ansiedad", "animo", "autolesion", "sintoma", "psico", "psiqui", "presion", "efecto secundario", "paciente",
    "farmacia",
)  # fmt: skip
# A patient may switch these off, by channel (reminders_off.py); the e-mail names the page on which.
VISIT_REMINDERS = frozenset({"appointment_reminder", "appointment_starting"})
# `zone` is where the reader will be at that time, when that is not at home; `our_zone` is where we will be, named where
# the clocks differ; `calendar` is a calendar file (RFC 5545) that an e-mail carries.
VARIABLE_NAMES = frozenset({"when", "until", "zone", "our_zone", "link", "calendar"})
LONGEST_WHEN = 80
STOP_HINT = _("Reply STOP to opt out, HELP for help.")


@dataclass(frozen=True)
class Rendered:
    """A message ready to go, in one language: `paragraphs` and `link` make the HTML part."""

    subject: str
    text: str
    sms: str
    paragraphs: tuple[str, ...]
    link: str
    button: str
    language: str
    calendar: str = ""
    choose_link: str = ""


TEMPLATES: Mapping[str, Template] = {**templates.TEMPLATES, **staff_templates.TEMPLATES}


def template_for(name: str) -> Template:
    """The template of that name. Raises ValueError for one that is not on the list."""
    try:
        return TEMPLATES[name]
    except KeyError:
        raise ValueError(f"There is no message {name!r}; the list is closed.") from None


def stored_variables(template: Template, given: Mapping[str, str | datetime]) -> dict[str, str]:
    """The variables as they are kept: `when` as words or, better, as a moment that is put into words on sending.

    Raises ValueError for a missing or unknown variable or zone, a link that leaves our own address, or a clinical word.
    """
    unknown = set(given) - VARIABLE_NAMES
    missing = template.needs - set(given)
    if unknown or missing:
        raise ValueError(f"{template.name}: unknown variables {sorted(unknown)}, missing {sorted(missing)}.")
    kept: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{template.name}: {name} has no zone.")
            kept[f"{name}_at"] = value.isoformat()
        elif name == "link":
            kept["link"] = absolute_link(value)
        elif name in {"zone", "our_zone"}:
            kept[name] = _zone(value)
        elif name == "calendar":
            kept["calendar"] = value
        else:
            kept[name] = _harmless(value)
    return kept


def absolute_link(link: str) -> str:
    """The link on our public address. Raises ValueError for any other host."""
    base: str = settings.PUBLIC_BASE_URL
    if link.startswith("/") and not link.startswith("//"):
        return base + link
    if link == base or link.startswith(base + "/"):
        return link
    raise ValueError("A message links to our own address only.")


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except ZoneInfoNotFoundError:
        raise ValueError(f"There is no zone {name!r}.") from None


def _harmless(words: str) -> str:
    found = forbidden_words(words)
    if found or len(words) > LONGEST_WHEN or "\n" in words or "\r" in words:
        raise ValueError("The time in a message is a short line without a clinical word.")
    return words


def forbidden_words(text: str) -> list[str]:
    """The clinical words in a text, for refusing and for tests."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return [word for word in FORBIDDEN_WORDS if word in plain]


def render(name: str, variables: Mapping[str, str], *, zone: str) -> Rendered:
    """Put a message into words for a reader at home in `zone` (IANA); a zone among the variables is where they will be.

    In the language that is spoken now (`languages.of_reader`). Raises ValueError when a variable is missing.
    """
    template = template_for(name)
    words = {name: variables.get(name, "") for name in ("link", "when", "until")} | {"clinic": settings.CLINIC_NAME}
    if "when_at" in variables:
        at = datetime.fromisoformat(variables["when_at"])
        words["when"] = _when(at, variables.get("zone", zone), variables.get("our_zone", ""))
    if "until_at" in variables:
        words["until"] = clock.describe(datetime.fromisoformat(variables["until_at"]), zone)
    empty = [need for need in template.needs if not words[need]]
    if empty:
        raise ValueError(f"{name}: no value for {sorted(empty)}.")
    body = str(template.text) % words
    paragraphs = (*body.split("\n\n"),)
    choose_link = absolute_link(reverse("texts:settings")) if name in VISIT_REMINDERS else ""
    choice = gettext("Choose which reminders of visits you get, or none")
    closing = gettext("This message says little on purpose. Questions? Answer on the page, not to this e-mail.")
    emergency = gettext("In an emergency call 911, or call or text 988.")
    return Rendered(
        subject=f"{words['clinic']}: {str(template.subject) % words}",
        text="\n\n".join(
            [body, words["link"], *([f"{choice}: {choose_link}"] if choose_link else []), closing, emergency]
        ),
        sms=rules.text_letters(f"{str(template.sms) % words} {STOP_HINT}"),
        paragraphs=paragraphs,
        link=words["link"],
        button=str(template.button),
        language=languages.current(),
        calendar=variables.get("calendar", ""),
        choose_link=choose_link,
    )


def _when(at: datetime, zone: str, ours: str) -> str:
    """The moment where the reader is, and where we are when our clock says something else then."""
    said = clock.describe(at, zone)
    if not ours or clock.local(at, zone).utcoffset() == clock.local(at, ours).utcoffset():
        return said
    there = f"{clock.hour_words(at, ours)} {clock.zone_words(at, ours)}"
    return gettext("%(here)s, %(there)s for us") % {"here": said, "there": there}
