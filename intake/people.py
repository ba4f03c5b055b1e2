"""Keeping the patient's own record in step with what they said about themselves."""

from datetime import datetime
from typing import Any

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common.states import ZONE_OF_STATE
from harmoniously.core.notifications import addresses, consents
from harmoniously.core.questions.specs import Page

FIELDS = {
    "about_you": ["legal_name", "preferred_name", "date_of_birth_sealed", "sex_at_birth", "phone"],
    "where_you_are": ["address", "state", "zone"],
    "emergency_contact": ["emergency_contact"],
}


def fill(*, patient: Patient, answers: dict[str, Any], page: Page, by: User, now: datetime) -> None:
    """Copy name, birth, phone, address and contact to the patient's row when their page was saved.

    At once and not only at the end: who helps in a crisis half way through needs to know whom to call and where.
    """
    fields = FIELDS.get(page.key)
    if fields is None:
        return
    given = answers[page.key]
    if page.key == "about_you":
        patient.legal_name = given["legal_name"]
        patient.preferred_name = given.get("preferred_name") or ""
        patient.date_of_birth_sealed = given["date_of_birth"]
        patient.sex_at_birth = given["sex_at_birth"]
        patient.phone = given["phone"]
    elif page.key == "where_you_are":
        patient.address = {key: given[key] for key in ("street", "city", "state", "zip")}
        patient.state = given["state"]
        patient.zone = given.get("zone") or ZONE_OF_STATE[given["state"]]
    else:
        patient.emergency_contact = {key: given[key] for key in ("name", "phone", "relation")}
    patient.save(update_fields=fields)
    if page.key == "about_you":
        index.keep(patient)
        _texts(patient, wanted=given.get("texts") is True, by=by, now=now)


def _texts(patient: Patient, *, wanted: bool, by: User, now: datetime) -> None:
    """Keep the consent to texts as the box says; a number that can get none leaves it off."""
    if wanted and patient.sms_consent_at is None and addresses.e164(patient.phone):
        consents.agree(patient=patient, source="intake", by=by, now=now)
    elif not wanted and patient.sms_consent_at is not None:
        consents.withdraw(patient=patient, source="intake", by=by, now=now)
