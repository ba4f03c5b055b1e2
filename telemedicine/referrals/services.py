"""Verbs of referrals: write one and ask the patient, sign, take back, send, note what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents.rules import plain_name
from harmoniously.core.documents.consents.services import lock_patient
from harmoniously.core.documents.services import digest, sign
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from intake.care_words import words_for
from intake.referrals.models import Facility
from intake.rules.care import Care
from telemedicine.models import Elsewhere, Referral, ReferralStatus
from telemedicine.referrals import selectors, words
from treatment.selecting.course import sections
from treatment.selecting.discharge import chart_to_tell_of
from treatment.services.discharging import head

LASTS = timedelta(days=365)  # [house] as the permission says
ASK_AFTER = timedelta(days=14)  # [house] when a coordinator asks how it went, unless another day is chosen
ASK_AT = time(9)
_DONE = (ReferralStatus.ATTENDED, ReferralStatus.DECLINED)


@dataclass(frozen=True)
class Wish:
    """What a clinician wants to send where: the words of the reason, and the parts of the record that go along."""

    facility: Facility
    need: Care
    reason: str
    parts: Collection[str]


def refer(*, patient: Patient, token: UUID, wish: Wish, by: User, now: datetime) -> Referral:
    """Write the letter with exactly the chosen parts, and ask the patient to read and sign it; once for each token.

    Raises PermissionDenied, RuleViolation without a reason, for parts that are none or have nothing on record, and
    for a facility that is not in the directory any more or does not give this kind of care; Conflict when the token
    made a letter that says something else.
    """
    require(by, Permission.VIEW_CLINICAL)
    parts = [part for part in words.PARTS if part in wish.parts or part == words.REASON]
    if not wish.reason.strip():
        raise RuleViolation(_("Write why you refer the patient."), "reason")
    if not wish.facility.is_active or wish.need.value not in wish.facility.kinds:
        raise RuleViolation(_("This place does not offer that any more. Choose another one."), "facility")
    clinician = Clinician.objects.get(user=by)
    with transaction.atomic():
        lock_patient(patient)
        need = str(words_for([wish.need])[0].title)
        known = Referral.objects.filter(patient=patient, token=token).first()
        if known is not None:
            _require_same(known, wish, need, parts)
            return known
        place = wish.facility
        facility = {
            "id": str(place.pk),
            "name": place.name,
            "address": f"{place.street}, {place.city}, {place.state} {place.zip}",
            "phone": place.phone_words,
        }
        letter = _letter(patient, clinician, facility, need, wish.reason.strip(), parts, now)
        row = Referral.objects.create(
            patient=patient,
            clinician=clinician,
            token=token,
            facility_sealed=facility,
            need_sealed=need,
            parts=parts,
            letter=letter,
            letter_sha256=digest(letter),
            asked_at=now,
            created_at=now,
        )
        record(actor=by, action="referral.asked", now=now, subject=row, parts=parts)
        notifications.schedule(
            template="action_needed",
            recipient=patient.user,
            channel=Channel.EMAIL,
            due_at=now,
            dedupe_key=f"referral:{row.pk}:asked",
            about=about(row),
            variables={"link": reverse("telemedicine:referrals")},
            now=now,
        )
    return row


def _require_same(known: Referral, wish: Wish, need: str, parts: list[str]) -> None:
    """A page that was sent already and comes back with other words must not look as if those were written (I9)."""
    [[_need, why]] = known.letter["sections"][0]["rows"]  # as `_letter` begins
    before = (known.facility["id"], known.need, list(known.parts), why)
    if before != (str(wish.facility.pk), need, parts, wish.reason.strip()):
        raise Conflict(
            _("This page wrote a letter already, with other words. These are not written: press again for another."),
            "other_words",
        )


def about(referral: Referral) -> str:
    """What the tasks and messages of a referral belong to."""
    return f"referral:{referral.pk}"


def _letter(
    patient: Patient,
    clinician: Clinician,
    facility: dict[str, Any],
    need: str,
    why: str,
    parts: list[str],
    now: datetime,
) -> dict[str, Any]:
    made: list[dict[str, Any]] = [{"code": words.REASON, "heading": _("Why"), "rows": [[need, why]]}]
    wanted = [part for part in parts if part not in (words.REASON, words.ELSEWHERE)]
    chart = chart_to_tell_of(patient) if wanted else None
    if wanted and chart is None:
        raise RuleViolation(_("There is no treatment on record to write about. Untick those parts."), "no_chart")
    if chart is not None:
        made += sections(patient, chart, wanted)
    if words.ELSEWHERE in parts:
        rows = [_told(row) for row in selectors.elsewhere_of(patient)]
        made.append(
            {
                "code": words.ELSEWHERE,
                "heading": _("Given elsewhere, as told"),
                "rows": rows or [[_("Ketamine or esketamine"), _("None on record")]],
            }
        )
    return {
        **head(patient, clinician, now=now),
        "title": _("Referral of a patient"),
        "recipient": {"name": facility["name"], "practice": "", "address": facility["address"], "fax": ""},
        "purpose": need,
        "permission": _("Sent with the patient’s written permission, and only as the patient read it."),
        "sections": made,
    }


def _told(row: Elsewhere) -> list[str]:
    told = row.told
    lines = [row.day_words, told["dose"], told["place"], told["course"]]
    return [row.kind_words, "\n".join(line for line in lines if line)]


def _locked(referral: Referral) -> Referral:
    lock_patient(referral.patient)
    rows = Referral.objects.select_for_update(of=("self",)).select_related("patient__user", "clinician")
    return rows.get(pk=referral.pk)


def allow(*, referral: Referral, typed_name: str, shown: str, by: User, now: datetime) -> Referral:
    """The patient signs for this letter as they read it (`shown` is its digest). A second click does nothing.

    Raises RuleViolation for another name, Conflict for another letter or one that was taken back.
    """
    with transaction.atomic():
        row = _locked(referral)
        patient = row.patient
        if row.document_id is not None and row.revoked_at is None:
            return row
        if row.status != ReferralStatus.ASKED or shown != row.letter_sha256:
            raise Conflict(_("This letter was taken back or changed. Read it again; nothing was signed."), "raced")
        if not patient.legal_name or plain_name(typed_name) != plain_name(patient.legal_name):
            raise RuleViolation(_("Type your full legal name as you gave it at the beginning."), "other_name")
        content = {
            "text": words.statement(row.facility, row.need, list(row.parts), row.letter_sha256),
            "letter_sha256": row.letter_sha256,
            "signature": " ".join(typed_name.split()),
            "zone": patient.zone,
        }
        row.document = sign(
            patient=patient, kind="authorization.referral", version=words.VERSION, content=content, by=by, now=now
        )
        row.save(update_fields=["document"])
        advance(row, ReferralStatus.ALLOWED, by=by, now=now, allowed_at=now)
        notifications.cancel_about(about=about(row), now=now, reason="signed")
    return row


def take_back(*, referral: Referral, by: User, now: datetime) -> Referral:
    """The patient does not want it, or the clinician called it off: nothing goes out. A second click does nothing.

    What was sent stays sent; it is noted that the permission ended, and nobody sends or prints it again.
    """
    with transaction.atomic():
        row = _locked(referral)
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            if row.status in (ReferralStatus.ASKED, ReferralStatus.ALLOWED):
                advance(row, ReferralStatus.WITHDRAWN, by=by, now=now)
            else:
                record(actor=by, action="referral.revoked", now=now, subject=row)
            notifications.cancel_about(about=about(row), now=now, reason="taken_back")
    return row


def may_go_out(referral: Referral, now: datetime) -> bool:
    """Whether the letter may be printed by staff and sent: signed, not taken back, not older than a year."""
    allowed = referral.allowed_at is not None and referral.revoked_at is None
    return allowed and referral.allowed_at is not None and now <= referral.allowed_at + LASTS


def mark_sent(*, referral: Referral, ask_on: date, by: User, now: datetime) -> Referral:
    """The clinician sent it; on a day a coordinator asks the patient how it went. A second click does nothing.

    Raises RuleViolation without a signature that stands.
    """
    require(by, Permission.VIEW_CLINICAL)
    with transaction.atomic():
        row = _locked(referral)
        if row.sent_at is not None:
            return row
        if row.status != ReferralStatus.ALLOWED or not may_go_out(row, now):
            raise RuleViolation(_("The patient has not signed this, or took it back. Nothing may go out."), "unsigned")
        advance(row, ReferralStatus.SENT, by=by, now=now, sent_at=now, sent_by=by)
        _ask_on(row, ask_on, by=by, now=now)
    return row


def _ask_on(row: Referral, day: date, *, by: User, now: datetime) -> None:
    """A task for the coordinators: whom to ask and when, not about what and not where."""
    due = max(now, datetime.combine(day, ASK_AT, tzinfo=ZoneInfo(row.patient.zone)))
    key = _key(row, day)
    alerts.open_follow_up(
        kind=FollowUpKind.REFERRAL, patient=row.patient, about=about(row), dedupe_key=key, due_at=due, by=by, now=now
    )


def _key(row: Referral, day: date) -> str:
    """The task of that day. One that was closed stays so, and asking again for its day makes another."""
    key = f"{about(row)}:{day.isoformat()}"
    closed = FollowUp.objects.filter(dedupe_key__startswith=key, state=FollowUpState.CLOSED).count()
    return f"{key}:{closed}" if closed else key


def note_outcome(
    *,
    referral: Referral,
    status: ReferralStatus | str,
    note: str = "",
    ask_on: date | None = None,
    by: User,
    now: datetime,
) -> Referral:
    """What became of it, by a clinician in care or a coordinator.

    Until it is over somebody asks again: on `ask_on`, else after two weeks; no referral is forgotten half way. The same
    again does nothing. Raises IllegalMove for a step that is none.
    """
    if not by.is_staff:
        raise RuleViolation(_("Only staff note this."), "staff")
    to = ReferralStatus(status)
    with transaction.atomic():
        row = _locked(referral)
        if note.strip():
            row.outcome_note = note.strip()
            row.save(update_fields=["outcome_note"])
        if row.status != to:
            advance(row, to, by=by, now=now)
        again = (ask_on or clock.today(row.patient.zone, now + ASK_AFTER)) if to not in _DONE else None
        # The second click keeps the task that the first one opened.
        alerts.close_follow_up(about=about(row), keep=_key(row, again) if again else "", by=by, now=now)
        if again is not None:
            _ask_on(row, again, by=by, now=now)
    return row


def record_elsewhere(*, patient: Patient, token: UUID, told: dict[str, str], by: User, now: datetime) -> Elsewhere:
    """Enter what was given in a clinic. The same form twice enters it once.

    Raises RuleViolation for a day to come, Conflict when the form entered something else before.
    """
    require(by, Permission.VIEW_CLINICAL)
    if date.fromisoformat(told["given_on"]) > clock.today(patient.zone, now):
        raise RuleViolation(_("This day lies in the future. Enter what has happened."), "future")
    with transaction.atomic():
        lock_patient(patient)
        kept = {"told": told, "recorded_at": now, "recorded_by": by, "created_at": now}
        row, made = Elsewhere.objects.get_or_create(patient=patient, token=token, defaults=kept)
        if row.told != told:
            raise Conflict(
                _("This page entered something else already. This is not entered yet: press again to add it."),
                "other_words",
            )
        if made:
            record(actor=by, action="elsewhere.recorded", now=now, subject=row)
    return row


def strike(*, elsewhere: Elsewhere, by: User, now: datetime) -> None:
    """Cross out what was entered by mistake; it stays on record. A second click does nothing."""
    require(by, Permission.VIEW_CLINICAL)
    with transaction.atomic():
        rows = Elsewhere.objects.filter(pk=elsewhere.pk, struck_at__isnull=True)
        if rows.update(struck_at=now, struck_by=by):
            record(actor=by, action="elsewhere.struck", now=now, subject=elsewhere)
