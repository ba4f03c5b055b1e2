"""What of the one history is clinical: every sealed value that is not how to reach somebody, and the words of medicine.

A sealed column is clinical unless it stands in CONTACT: a new one is searched for without a word said here.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any

from django.apps import apps

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.phones import in_words
from harmoniously.core.questions.models import Assessment
from intake.lookups import medicine_names
from intake.pages import about
from tests.security.crawl import Opened
from tests.security.history import WORDS

# They arrange, and keep the practice; what is clinical is for neither (design 2).
ARRANGING = ("coordinator", "administrator")
# How somebody is reached, what is arranged with them, and what coordinators write of their own work.
CONTACT = frozenset(
    (
        "accounts.Patient.address",
        "accounts.Patient.date_of_birth_sealed",
        "accounts.Patient.emergency_contact",
        "accounts.Patient.legal_name",
        "accounts.Patient.phone",
        "accounts.Patient.preferred_name",
        "accounts.User.full_name",
        "notifications.Notification.address",
        "notifications.Notification.variables",
        "notifications.InboundText.sender",
        "accounts.ContactChange.before",
        "accounts.ContactChange.after",
        "accounts.ContactChange.reason",
        "accounts.AccountRecovery.email",
        "accounts.AccountRecovery.reason",
        "telemedicine.Appointment.location",
        "telemedicine.Guest.name",
        "telemedicine.Referral.facility_sealed",
        "treatment.SitterInvitation.name",
        "treatment.SitterInvitation.email",
        "treatment.SitterInvitation.phone",
        "treatment.Shipment.received_by",
        "treatment.Shipment.tracking",
        "treatment.Handover.reference",
        "treatment.Handover.to_whom",
    )
)
# Lists of what the practice orders from and refers to, how it is set up, and figures of all patients together (small
# groups of whom are not told: tests/portal/test_figures.py): about nobody.
CATALOGUES = ("admin:treatment_product_", "admin:treatment_pharmacy_", "admin:intake_facility_", "admin:practice")
# What the questionnaire asks about the person stands beside the answers in what was signed, and on forms of staff.
PAGE_WORDS = {str(text) for page in about.PAGES for spec in page.fields for text in (spec.name, spec.label, spec.short)}
# A shorter one may be a word of the page itself ("Treatment"); the words of medicine find what is short.
_TELLING = 12
_MEASURE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?mg\b"  # a dose
    r"|(?<![\d/])\d{2,3}/\d{2,3}(?![\d/])"  # a blood pressure
    r"|\b(?:PHQ|GAD|PCL|C-SSRS|PEG)\b"  # where a score stands, so does what was scored
)
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_KEY = re.compile(r"[0-9a-f-]{32,36}")
_WORD = re.compile(r"[^\W\d_]{4,}")


def values() -> frozenset[str]:
    """Every telling value of every clinical column, as it was written; but for what only says how to reach somebody."""
    columns = [(f"{model._meta.label}.{name}" in CONTACT, model, name) for model, name in _columns()]
    contact = {text for known, model, name in columns if known for text in _texts(model, name)}
    contact |= {
        text for row in Clinician.objects.values_list("display_name", "practice_address", "phone") for text in row
    }
    contact |= {in_words(text) for text in contact if text.startswith("+")}  # as the pages show them
    pieces = sorted((text for text in contact | PAGE_WORDS if len(text) > 2), key=len, reverse=True)
    found = {text for known, model, name in columns if not known for text in _texts(model, name)}
    found |= set(Assessment.objects.values_list("band", flat=True))
    return frozenset(text for text in found if _is_telling(text) and not _is_made_of(text, pieces))


def _is_telling(text: str) -> bool:
    return (len(text) >= _TELLING or "Qz" in text) and not _KEY.fullmatch(text)


def _is_made_of(text: str, pieces: list[str]) -> bool:
    for piece in pieces:
        text = text.replace(piece, " ")
    return _WORD.search(text) is None and not any(sign.isdigit() for sign in text)


@cache
def words() -> frozenset[str]:
    """Every medicine that the policy knows, and what is ordered here."""
    medicines = {name.casefold() for name, _plain in medicine_names() if _WORD.fullmatch(name)}
    return frozenset(medicines | {"ketamine", "esketamine", "lozenge", "troche", "depression", "suicidal"})


def found_in(page: Opened, clinical: frozenset[str]) -> set[str]:
    """What of it stands in a page, in its headers, or in a file; of the words of medicine only where it is read."""
    whole = unescape(page.body) + "\n".join(f"{name}: {value}" for name, value in page.response.headers.items())
    if page.address.name.startswith(CATALOGUES):
        return {word for word in WORDS if word in whole}
    told = {text for text in clinical if text in whole}
    read = unescape(_TAGS.sub(" ", page.body)) if page.is_html else page.body
    return told | ({word.casefold() for word in _WORD.findall(read)} & words()) | set(_MEASURE.findall(read))


@cache
def _columns() -> tuple[tuple[Any, str], ...]:
    return tuple(
        (model, column.attname)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedJSONField)
    )


def _texts(model: Any, name: str) -> Iterator[str]:
    for row in model._base_manager.all():
        yield from _leaves(getattr(row, name))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, str) and value:
        yield value
