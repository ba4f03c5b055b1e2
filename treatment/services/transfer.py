"""A letter to another clinician: the patient signs for exactly its parts and its recipient, a prescriber makes it."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents.rules import plain_name
from harmoniously.core.documents.consents.services import lock_patient
from harmoniously.core.documents.services import digest, sign
from treatment import discharge_words as words
from treatment import transfer_words
from treatment.models import Transfer
from treatment.rules import transfer as rules
from treatment.selecting import discharge as selectors
from treatment.selecting.course import sections
from treatment.services.discharging import head
from treatment.services.prescriptions import prescriber_of


@dataclass(frozen=True)
class Recipient:
    """Who gets the letter."""

    name: str
    practice: str
    address: str
    fax: str = ""


@dataclass(frozen=True)
class Wish:
    """What the patient allows: which parts go to whom, what for, and until which day."""

    recipient: Recipient
    parts: tuple[str, ...]
    purpose: str
    expires_on: date


def authorize(*, patient: Patient, token: UUID, wish: Wish, typed_name: str, by: User, now: datetime) -> Transfer:
    """The patient signs the permission; the same page sent twice signs it once.

    Raises Conflict when it was signed with other content.
    Raises RuleViolation for another name, for no part, and for a day that has passed or is over a year away.
    """
    today = clock.today(patient.zone, now)
    with transaction.atomic():
        lock_patient(patient)
        known = Transfer.objects.filter(patient=patient, token=token).first()
        if known is not None:
            if _wish_of(known) != replace(wish, parts=tuple(rules.allowed(wish.parts)), purpose=wish.purpose.strip()):
                raise Conflict(_("You have signed this page already, with other words. Open it anew."), "raced")
            return known
        parts = rules.allowed(wish.parts)
        if not parts or len(parts) != len(set(wish.parts)):
            raise RuleViolation(_("Choose at least one part of your record."), "permission_parts")
        if not rules.may_last_until(wish.expires_on, today=today):
            raise RuleViolation(_("Choose a last day from today to a year from now."), "permission_days")
        if not patient.legal_name or plain_name(typed_name) != plain_name(patient.legal_name):
            raise RuleViolation(_("Type your full legal name as you gave it at the beginning."), "other_name")
        content = {
            "text": transfer_words.statement(wish),
            "recipient": asdict(wish.recipient),
            "parts": list(parts),
            "purpose": wish.purpose.strip(),
            "expires_on": wish.expires_on.isoformat(),
            "signature": " ".join(typed_name.split()),
            "zone": patient.zone,
        }
        document = sign(
            patient=patient,
            kind="authorization.transfer",
            version=transfer_words.VERSION,
            content=content,
            by=by,
            now=now,
        )
        made = Transfer.objects.create(
            patient=patient,
            token=token,
            document=document,
            recipient=asdict(wish.recipient),
            parts=list(parts),
            purpose=wish.purpose.strip(),
            signed_at=now,
            expires_on=wish.expires_on,
            created_at=now,
        )
        # Signing promises a letter: somebody has to have it made, and send it.
        about = about_transfer(made)
        alerts.open_follow_up(
            kind=FollowUpKind.LETTER, patient=patient, about=about, dedupe_key=about, due_at=now, by=by, now=now
        )
        surface(text=made.purpose, patient=patient, about=about, key=about, by=by, now=now)
    return made


def about_transfer(transfer: Transfer) -> str:
    """What the task about a letter belongs to."""
    return f"transfer:{transfer.pk}"


def _wish_of(transfer: Transfer) -> Wish:
    """What was signed."""
    return Wish(Recipient(**transfer.recipient), tuple(transfer.parts), transfer.purpose, transfer.expires_on)


def revoke(*, transfer: Transfer, by: User, now: datetime) -> Transfer:
    """The patient takes the permission back, at once; what was sent before is not called back. Twice does nothing."""
    with transaction.atomic():
        row = _locked(transfer)
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            alerts.close_follow_up(about=about_transfer(row), by=by, now=now)
            record(actor=by, action="transfer.revoked", now=now, subject=row)
    return row


def _locked(transfer: Transfer) -> Transfer:
    rows = Transfer.objects.select_for_update(of=("self",)).select_related("patient__user", "document")
    return rows.get(pk=transfer.pk)


def require_permission(transfer: Transfer, now: datetime) -> None:
    """Raise RuleViolation unless a letter may go out under the permission today."""
    permission = rules.Permission(transfer.parts, transfer.expires_on, transfer.revoked_at is not None)
    found = rules.refusals(permission, today=clock.today(transfer.patient.zone, now))
    if found:
        raise RuleViolation(words.refusal(found[0]), found[0].code)


def make_letter(*, transfer: Transfer, by: User, now: datetime) -> Transfer:
    """A prescriber makes the letter: the signed parts, to the signed recipient, as the record is now. Once.

    Raises PermissionDenied, RuleViolation when the permission was taken back or has ended, or nothing is on record.
    """
    clinician = prescriber_of(by)
    with transaction.atomic():
        row = _locked(transfer)
        require_permission(row, now)
        if row.made_at is not None:
            return row
        patient = row.patient
        chart = selectors.chart_to_tell_of(patient)
        if chart is None:
            raise RuleViolation(_("There is no treatment on record to write about."), "no_chart")
        parts = sections(patient, chart, row.parts)
        if "summary" in row.parts:
            parts += _summary(patient)
        letter: dict[str, Any] = {
            **head(patient, clinician, now=now),
            "title": _("Letter about a patient in your care"),
            "recipient": row.recipient,
            "purpose": row.purpose,
            "permission": _("Sent with the patient’s written permission of %(day)s.")
            % {"day": clock.long_date_words(clock.today(patient.zone, row.signed_at))},
            "sections": parts,
        }
        row.letter, row.letter_sha256, row.made_at, row.made_by = letter, digest(letter), now, by
        row.save(update_fields=["letter", "letter_sha256", "made_at", "made_by"])
        record(actor=by, action="transfer.made", now=now, subject=row, parts=list(row.parts))
    return row


def _summary(patient: Patient) -> list[dict[str, Any]]:
    ended = selectors.discharges_of(patient).first()
    if ended is None:
        return []
    rows = [
        [_("Ended"), clock.long_date_words(clock.today(patient.zone, ended.discharged_at))],
        [_("Why"), str(ended.get_reason_display())],
        [_("Summary"), ended.summary],
        [_("Follow-up"), ended.follow_up],
    ]
    return [{"code": "summary", "heading": _("End of treatment"), "rows": rows}]
