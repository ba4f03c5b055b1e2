"""Verbs of consent: read, answer, sign, take back. Each locks the patient's row first: two clicks are one act."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common import context
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors
from harmoniously.core.documents.consents.rules import Activity, plain_name
from harmoniously.core.documents.consents.selectors import Standing
from harmoniously.core.documents.consents.texts import ASKED_ABOUT, ConsentText, load
from harmoniously.core.documents.models import ComprehensionAnswer, ConsentAct, ConsentEvent, SignedDocument
from harmoniously.core.documents.services import sign as sign_document


class TextReplaced(RuleViolation):
    """The words that were shown are no longer the ones to sign; nothing was written."""


def require(patient: Patient, activity: Activity, now: datetime) -> None:
    """Raise RuleViolation("consent_missing"), in words for the patient, unless the step's agreements are signed."""
    if not selectors.in_force(patient, activity, now):
        raise RuleViolation(
            _("First read and sign your agreements. You find them on your home page and under Account."),
            "consent_missing",
        )


def require_by_clinic(patient: Patient, activity: Activity, now: datetime) -> None:
    """The same for somebody of the clinic who acts for the patient."""
    if not selectors.in_force(patient, activity, now):
        raise RuleViolation(
            _("The patient has not signed the present agreements, or took one back. Nothing new begins before that."),
            "consent_missing",
        )


def mark_read(*, patient: Patient, kind: str, sha256: str, by: User, now: datetime) -> ConsentEvent | None:
    """The patient read a text and agrees to sign it; ``sha256`` is of the words that were on the page.

    Doing it twice keeps one act; None when the text is signed already. Raises TextReplaced when it is no longer the
    one to sign.
    """
    with transaction.atomic():
        standing = _locked(patient, now)[kind]
        _require_shown(standing, sha256)
        if not standing.due:
            return None
        if standing.read:
            return standing.events[-1]
        event = _append(standing, ConsentAct.READ, document=None, patient=patient, now=now)
        record(actor=by, action="consent.read", now=now, subject=event, kind=kind, version=event.version)
    return event


def answer(
    *, patient: Patient, version: str, number: int, choice: int, attempt: int, by: User, now: datetime
) -> ComprehensionAnswer:
    """Keep one attempt at question ``number`` of a version; ``attempt`` counts from 1 and makes a click one.

    Raises TextReplaced when the version is no longer the one to sign, RuleViolation for a question or option that is
    not there.
    """
    with transaction.atomic():
        standing = _locked(patient, now)[ASKED_ABOUT]
        if standing.text.version != version:
            raise TextReplaced(_("The questions have changed. Nothing was kept. Please go on here."), "replaced")
        asked = {row.number: row for row in selectors.asked(patient, standing)}
        if number not in asked or not 1 <= choice <= len(asked[number].question.options):
            raise RuleViolation(_("Choose one of the answers."), "no_such_answer")
        row = asked[number]
        if row.passed or attempt <= row.attempts:
            known = ComprehensionAnswer.objects.filter(patient=patient, version=version, question=row.question.key)
            return known.get(attempt=min(attempt, row.attempts)) if attempt else known.latest("attempt")
        kept = ComprehensionAnswer.objects.create(
            patient=patient,
            version=version,
            question=row.question.key,
            attempt=row.attempts + 1,
            choice=choice,
            correct=choice == row.question.right,
            at=now,
            created_at=now,
        )
        record(actor=by, action="consent.answered", now=now, subject=kept, correct=kept.correct, attempt=kept.attempt)
    return kept


def sign(
    *, patient: Patient, shown: Mapping[str, str], typed_name: str, source: str, by: User, now: datetime
) -> list[ConsentEvent]:
    """Sign every text that is due, with one typed name. ``shown`` maps each kind to the hash of the words shown.

    A second click finds nothing due and signs nothing. Raises TextReplaced when other words are to be signed by now,
    RuleViolation "not_read", "not_answered" or "other_name".
    """
    with transaction.atomic():
        found = _locked(patient, now)
        due = [standing for standing in found.values() if standing.due]
        for standing in due:
            _require_shown(standing, shown.get(standing.kind, ""))
        if any(not standing.read for standing in due):
            raise RuleViolation(_("Read every text first, then sign."), "not_read")
        if due and selectors.to_answer(patient, found) is not None:
            raise RuleViolation(_("A question is still open. Answer it first, then sign."), "not_answered")
        if due and (not patient.legal_name or plain_name(typed_name) != plain_name(patient.legal_name)):
            raise RuleViolation(_("Type your full legal name as you gave it at the beginning."), "other_name")
        return [_sign(standing, patient, typed_name, source, by=by, now=now) for standing in due]


def _sign(
    standing: Standing, patient: Patient, typed_name: str, source: str, *, by: User, now: datetime
) -> ConsentEvent:
    text = standing.text
    content = {
        **_evidence(patient, text),
        "text": text.text,
        "signature": " ".join(typed_name.split()),
        "source": source,
        "comprehension": _comprehension(patient, standing) if standing.kind == ASKED_ABOUT else [],
    }
    before = standing.signed.document if standing.signed else None
    document = sign_document(
        patient=patient,
        kind=f"consent.{text.kind}",
        version=text.version,
        content=content,
        by=by,
        now=now,
        replaces=before,
    )
    event = _append(standing, ConsentAct.SIGNED, document=document, patient=patient, now=now)
    record(actor=by, action="consent.signed", now=now, subject=event, kind=text.kind, version=text.version)
    return event


def _comprehension(patient: Patient, standing: Standing) -> list[dict[str, Any]]:
    """Each question with its right answer, and at which attempt it was found."""
    return [
        {
            "question": row.question.prompt,
            "answer": row.question.options[row.question.right - 1],
            "attempts": row.attempts,
        }
        for row in selectors.asked(patient, standing)
    ]


def withdraw(*, patient: Patient, kind: str, effects: Sequence[str], by: User, now: datetime) -> ConsentEvent | None:
    """The patient takes an agreement back, at once; ``effects`` are the lines that the page told about it.

    None when nothing stands. What it ends in the apps is theirs to end, in the same transaction (portal.taking_back).
    """
    with transaction.atomic():
        standing = _locked(patient, now)[kind]
        signed = standing.signed
        if signed is None or not standing.stands:
            return None
        content = {
            **_evidence(patient, standing.text),
            "text_sha256": signed.text_sha256,
            "heading": load(kind, signed.version).heading,
            "withdraws": str(signed.document_id),
            "signature": patient.legal_name or by.email,
            "effects": list(effects),
        }
        document = sign_document(
            patient=patient, kind=f"withdrawal.{kind}", version=signed.version, content=content, by=by, now=now
        )
        event = _append(standing, ConsentAct.WITHDRAWN, document=document, patient=patient, now=now, of=signed)
        record(actor=by, action="consent.withdrawn", now=now, subject=event, kind=kind, version=signed.version)
    return event


def lock_patient(patient: Patient) -> None:
    """Hold the patient's row until the transaction ends; taken before the trail is written."""
    Patient.objects.select_for_update(of=("self",), no_key=True).get(pk=patient.pk)


def _locked(patient: Patient, now: datetime) -> dict[str, Standing]:
    lock_patient(patient)
    return selectors.standings(patient, now)


def _require_shown(standing: Standing, sha256: str) -> None:
    if sha256 != standing.text.sha256:
        raise TextReplaced(
            _("This text was replaced while you had the page open. Nothing was signed. Here is the new one."),
            "replaced",
        )


def _evidence(patient: Patient, text: ConsentText) -> dict[str, Any]:
    request = context.current()
    return {
        "text_sha256": text.sha256,
        "zone": patient.zone,
        "ip": request.ip if request else "",
        "language": get_language() or text.language,
    }


def _append(
    standing: Standing,
    act: ConsentAct,
    *,
    document: SignedDocument | None,
    patient: Patient,
    now: datetime,
    of: ConsentEvent | None = None,
) -> ConsentEvent:
    """Add the next act of a kind. The unique sequence is what makes two at once one, should the lock ever be missed."""
    request = context.current()
    return ConsentEvent.objects.create(
        patient=patient,
        kind=standing.kind,
        act=act,
        sequence=len(standing.events) + 1,
        version=of.version if of else standing.text.version,
        text_sha256=of.text_sha256 if of else standing.text.sha256,
        language=standing.text.language,
        at=now,
        zone=patient.zone,
        ip=(request.ip if request else "") or None,
        document=document,
        created_at=now,
    )
