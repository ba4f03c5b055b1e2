"""Keeping the patient's own record in step with what they said about themselves."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common.states import ZONE_OF_STATE
from harmoniously.core.notifications import addresses, consents
from harmoniously.core.questions.specs import PARTIAL, Page
from intake.models import Submission, SubmissionStatus
from intake.pages import INTAKE

FIELDS = {
    "about_you": ["legal_name", "preferred_name", "date_of_birth_sealed", "sex_at_birth", "phone"],
    "where_you_are": ["address", "state", "zone"],
    "emergency_contact": ["emergency_contact"],
}


Mover = Callable[[Patient, str, User, datetime], None]
_MOVERS: list[Mover] = []


def tell_of_moves(mover: Mover) -> None:
    """Register who asks what follows when a patient says that they live in another state than the one they left."""
    _MOVERS[:] = [mover]


def fill(*, patient: Patient, answers: dict[str, Any], page: Page, by: User, now: datetime) -> None:
    """Copy name, birth, phone, address and contact to the patient's row when their page was saved.

    At once and not only at the end: who helps in a crisis half way through needs to know whom to call and where.
    """
    fields = FIELDS.get(page.key)
    if fields is None:
        return
    given, left = answers[page.key], patient.state
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
    for mover in _MOVERS if left not in ("", patient.state) else ():
        # By itself: visits are held before the trail, in which these answers stand already.
        transaction.on_commit(partial(mover, patient, left, by, now), robust=True)
    if page.key == "about_you":
        index.keep(patient)
        _texts(patient, wanted=given.get("texts") is True, by=by, now=now)


def known_of(patient: Patient, page: Page) -> dict[str, Any]:
    """What a page about the person begins with when nothing was answered: what they told us on the telephone."""
    return {name: value for name, value in _on_record(patient, page).items() if value}


def _on_record(patient: Patient, page: Page) -> dict[str, Any]:
    if page.key == "about_you":
        said = {name: getattr(patient, name) for name in ("legal_name", "preferred_name", "sex_at_birth", "phone")}
        # The box for texts too: whoever agreed on the telephone would else withdraw it by saving the page.
        return {
            **said,
            "date_of_birth": patient.date_of_birth_sealed,
            "texts": patient.sms_consent_at is not None,
        }
    if page.key == "where_you_are":
        usual = ZONE_OF_STATE.get(patient.state, patient.zone)
        return {
            **(patient.address or {}),
            "state": patient.state,
            "zone": "" if patient.zone == usual else patient.zone,
        }
    return dict(patient.emergency_contact or {}) if page.key == "emergency_contact" else {}


def follow(*, patient: Patient, now: datetime) -> None:
    """Bring an open draft in step with what was corrected for the patient: handing it in later does not undo that.

    Nor does it bring back a consent to texts that was given for another number. The caller holds the case
    (`drafts.lock_case`). A page that the patient has open meanwhile says that it changed.
    """
    draft = Submission.objects.filter(patient=patient, status=SubmissionStatus.DRAFT).first()
    if draft is None:
        return
    changed: dict[str, Any] = {}
    for key in FIELDS:
        old = draft.answers.get(key)
        if old and not old.get(PARTIAL):
            said = _on_record(patient, INTAKE.by_key[key])
            other = {name: value for name, value in said.items() if (value or old.get(name)) and value != old.get(name)}
            changed |= {key: {**old, **other}} if other else {}
    if changed:
        draft.answers, draft.version, draft.saved_at = {**draft.answers, **changed}, draft.version + 1, now
        draft.page_versions = {**draft.page_versions, **dict.fromkeys(changed, draft.version)}
        draft.save(update_fields=["answers", "version", "page_versions", "saved_at"])


def _texts(patient: Patient, *, wanted: bool, by: User, now: datetime) -> None:
    """Keep the consent to texts as the box says; a number that can get none leaves it off."""
    if wanted and patient.sms_consent_at is None and addresses.e164(patient.phone):
        consents.agree(patient=patient, source="intake", by=by, now=now)
    elif not wanted and patient.sms_consent_at is not None:
        consents.withdraw(patient=patient, source="intake", by=by, now=now)
