"""Ending a treatment: everything that is planned ends in one transaction, and the letter is kept as it was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.services import digest
from treatment import discharge_words as words
from treatment import selectors
from treatment.models import (
    Chart,
    CheckIn,
    Discharge,
    DischargeReason,
    DoseSession,
    Leftover,
    PhaseChoice,
    PhaseReason,
    PrescriptionStatus,
    SessionStatus,
)
from treatment.rules.transfer import PARTS
from treatment.selecting.course import sections
from treatment.selecting.discharge import discharge_of
from treatment.selecting.ledger import total_of
from treatment.services import phases, plans, refills, visits
from treatment.services.check_in_opening import BY_THE_CALENDAR, close
from treatment.services.ending import EndReason, stop_prescription
from treatment.services.locks import lock_check_ins, lock_treatment
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
_ORDER_ENDS = {
    PhaseReason.NO_BENEFIT: EndReason.NO_BENEFIT,
    PhaseReason.SIDE_EFFECTS: EndReason.SIDE_EFFECTS,
    PhaseReason.SAFETY: EndReason.SAFETY,
    PhaseReason.PATIENT_WISH: EndReason.PATIENT_WISH,
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

    The one way in which a chart is closed. Its visits, its care and its money are ended by telemedicine, which calls
    this. A second click gives the same discharge back. Raises PermissionDenied for anybody but a prescriber,
    RuleViolation for an empty text, without an open chart, while a session runs, or for a letter that would say that
    nothing is left while the ledger counts units.
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
        chart = lock_treatment(patient)
        if DoseSession.objects.filter(patient=patient, status=SessionStatus.STARTED).exists():
            raise RuleViolation(_("A session is in progress. Discharge when it is completed."), "session_running")
        _require_true(patient, ending.leftover)
        # Nobody is asked, reminded or chased by the calendar any more; what a dose asks is asked all the same.
        asked = lock_check_ins(CheckIn.objects.filter(patient=patient, status="open", kind__in=BY_THE_CALENDAR))
        refills.overtake(patient=patient, reason_code="ended", by=by, now=now)
        _end(chart, ending, by=by, now=now)
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
    line = total_of(patient)
    if leftover == Leftover.NONE and line.at_home + line.on_the_way > 0:
        raise RuleViolation(
            _(
                "The ledger counts %(home)s units at home and %(way)s on the way. Say what the patient does with them, "
                "or write into the ledger first what became of them."
            )
            % {"home": line.at_home, "way": line.on_the_way},
            "not_empty",
        )


def _end(chart: Chart, ending: Ending, *, by: User, now: datetime) -> None:
    """The plan with its sessions, reminders and links, the order or its draft, and the chart."""
    patient, why = chart.patient, _PHASE_ENDS[ending.reason]
    facts, before = phases.facts_of(chart, now=now), chart.status
    plans.end_plan(patient=patient, reason_code=REASON, by=by, now=now)
    order, draft = selectors.standing_prescription(patient), selectors.draft_of(patient)
    if order is not None:
        stop_prescription(prescription=order, reason=_ORDER_ENDS.get(why, EndReason.OTHER), by=by, now=now)
    if draft is not None:
        advance(draft, PrescriptionStatus.CANCELLED, by=by, now=now, reason_code=REASON)
    over: dict[str, Any] = {"rhythm": "", "phase_since": now, "closed_at": now, "closed_reason": REASON}
    advance(chart, PhaseChoice.DISCHARGED, by=by, now=now, reason_code=why.value, **over)
    change = phases.keep_change(chart, before, why, ending.summary, facts, by=by, now=now)
    if order is None:  # else stopping it has told the patient
        plans.tell_patient(patient=patient, key=f"phase:{change.pk}", now=now)


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
