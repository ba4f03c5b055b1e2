"""Ending a treatment: everything that is planned ends in one transaction, and the letter is kept as it was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.services import digest
from treatment import discharge_words as words
from treatment.models import (
    Chart,
    CheckIn,
    Discharge,
    DischargeReason,
    Leftover,
    PhaseReason,
)
from treatment.rules.transfer import PARTS
from treatment.selecting.course import sections
from treatment.selecting.discharge import discharge_of
from treatment.selecting.ledger import ledger_of
from treatment.services import phases, visits
from treatment.services.check_in_opening import BY_THE_CALENDAR, close
from treatment.services.locks import lock_chart, lock_check_ins
from treatment.services.prescriptions import prescriber_of

_PHASE_ENDS = {
    DischargeReason.GOAL_REACHED: PhaseReason.RESPONSE,
    DischargeReason.PATIENT_WISH: PhaseReason.PATIENT_WISH,
    DischargeReason.NO_BENEFIT: PhaseReason.NO_BENEFIT,
    DischargeReason.SIDE_EFFECTS: PhaseReason.SIDE_EFFECTS,
    DischargeReason.SAFETY: PhaseReason.SAFETY,
    DischargeReason.OTHER_CARE: PhaseReason.OTHER,
    DischargeReason.OUT_OF_TOUCH: PhaseReason.OTHER,
}
REASON = "discharged"


@dataclass(frozen=True)
class Ending:
    """What the prescriber writes: why, what became of it, what to do with what is left, and who goes on caring."""

    reason: DischargeReason
    summary: str
    leftover: Leftover
    follow_up: str


def discharge(*, patient: Patient, ending: Ending, by: User, now: datetime) -> Discharge:
    """End the treatment: order, plan, sessions, reminders, questionnaires and due visits, and write the letter.

    A second click gives the same discharge back. Raises PermissionDenied for anybody but a prescriber, RuleViolation
    for an empty text, without an open chart, while a session runs, or for a letter that would say that nothing is left
    while the ledger counts units.
    """
    clinician = prescriber_of(by)
    if not ending.summary.strip() or not ending.follow_up.strip():
        raise RuleViolation(_("Write the summary, and who goes on caring for the patient."), "words_missing")
    with transaction.atomic():
        # Two clicks at once: the second waits here for the first, and then finds what it made.
        list(Chart.objects.select_for_update(of=("self",)).filter(patient=patient).order_by("pk"))
        standing = discharge_of(patient)
        if standing is not None:
            return standing
        chart = lock_chart(patient)
        _require_true(patient, ending.leftover)
        # Nobody is asked, reminded or chased by the calendar any more; what a dose asks is asked all the same.
        asked = lock_check_ins(CheckIn.objects.filter(patient=patient, status="open", kind__in=BY_THE_CALENDAR))
        chart = phases.discharge(
            patient=patient, reason=_PHASE_ENDS[ending.reason], by=by, now=now, words=ending.summary
        )
        for check_in in asked:
            close(check_in, REASON, by=by, now=now)
        letter = letter_of(patient, chart, ending, clinician, now=now)
        # Of a closed chart no visit is due any more.
        visits.bring_up_to_date(chart=chart, visits_held=(), by=by, now=now)
        row = Discharge.objects.create(
            patient=patient,
            chart=chart,
            clinician=clinician,
            discharged_at=now,
            reason=ending.reason,
            leftover=ending.leftover,
            summary=ending.summary.strip(),
            follow_up=ending.follow_up.strip(),
            letter=letter,
            letter_sha256=digest(letter),
            created_at=now,
        )
        record(actor=by, action="discharge.made", now=now, subject=row, reason=row.reason)
    return row


def _require_true(patient: Patient, leftover: Leftover) -> None:
    """Raise RuleViolation when the letter would say "by our records nothing is left" and the records say otherwise."""
    line = ledger_of(patient).total
    if leftover == Leftover.NONE and line.at_home + line.on_the_way > 0:
        raise RuleViolation(
            _(
                "The ledger counts %(home)s units at home and %(way)s on the way. Say what the patient does with them, "
                "or write into the ledger first what became of them."
            )
            % {"home": line.at_home, "way": line.on_the_way},
            "not_empty",
        )


def letter_of(patient: Patient, chart: Chart, ending: Ending, clinician: Clinician, *, now: datetime) -> dict[str, Any]:
    """The summary letter as it stands from now on."""
    written = [
        [_("Why it ended"), str(DischargeReason(ending.reason).label)],
        [_("In your prescriber’s words"), ending.summary.strip()],
        [_("Who goes on caring for you"), ending.follow_up.strip()],
    ]
    return {
        **head(patient, clinician, now=now),
        "title": _("Summary of your treatment"),
        "sections": [
            {"code": "summary", "heading": _("The end of your treatment"), "rows": written},
            *sections(patient, chart, PARTS),
            {"code": "leftover", "heading": _("Medicine that is left"), "text": words.leftover_lines(ending.leftover)},
            {"code": "return", "heading": _("If symptoms return"), "text": words.if_it_returns()},
        ],
    }


def head(patient: Patient, clinician: Clinician, *, now: datetime) -> dict[str, Any]:
    """What stands above and below every letter."""
    born = patient.date_of_birth
    return {
        "record": patient.mrn,
        "patient": patient.legal_name,
        "born": clock.long_date_words(born) if born else "",
        "date": clock.long_date_words(clock.today(patient.zone, now)),
        "author": str(clinician),
        "author_address": clinician.practice_address,
        "author_phone": clinician.phone,
    }
