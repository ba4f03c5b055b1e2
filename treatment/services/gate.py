"""The readiness gate of the day: answers and readings are kept one by one, and decided on by the rules."""

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.notifications import services as notifications
from harmoniously.core.questions.instruments import SuicideRisk
from harmoniously.core.questions.services import record_assessment
from treatment import policy as policies
from treatment import selectors
from treatment.models import DoseSession, SessionStatus, Vital, VitalPhase
from treatment.policy import Policy
from treatment.rules import readiness
from treatment.rules.readiness import Gate, GateFacts, GateVerdict
from treatment.selecting.booking import check_place
from treatment.selecting.stops import stops_of
from treatment.services.locks import lock_chart
from treatment.services.plans import GATE_COLUMNS, locked_session, reset_gate
from treatment.services.reasons import refuse
from treatment.services.reminders import about_session
from treatment.services.reports import note_reports
from treatment.services.safety import CSSRS_ITEMS, act_on_risk, half_said, risk_of, since_last

# Question pages of the gate in order; each names the facts that it answers. "safety" is the C-SSRS.
PAGES: dict[str, tuple[str, ...]] = {
    "sitter": ("sitter_adult", "sitter_reachable"),
    "place": ("address_confirmed",),
    "food": ("food_ok", "liquids_ok"),
    "today": ("alcohol_or_cannabis", "new_medicine", "illness", "pregnancy_possible"),
    "safety": CSSRS_ITEMS,
    "rest": ("will_not_drive", "seated"),
}


def fresh_answers(session: DoseSession, *, now: datetime, policy: Policy) -> dict[str, Any]:
    """The pages that were answered lately enough to count; this morning's answer says nothing of this evening."""
    since = now - timedelta(minutes=policy.gate.answers_valid_minutes)
    return {page: known for page, known in session.gate_answers.items() if datetime.fromisoformat(known["at"]) >= since}


def open_page(session: DoseSession, *, now: datetime) -> str | None:
    """The first page that still needs an answer, or None."""
    answered = fresh_answers(session, now=now, policy=policies.load())
    return next((page for page in PAGES if page not in answered), None)


def gate_facts(session: DoseSession, *, now: datetime, policy: Policy) -> GateFacts:
    """Everything the gate is decided on: the patient's answers, and what the database knows, read now."""
    answers = fresh_answers(session, now=now, policy=policy)
    invitation = selectors.live_invitation(session)
    last = selectors.last_taken(session.patient)
    hours = (now - last.started_at).total_seconds() / 3600 if last and last.started_at else None
    unseen = (now - session.prescription.chart.approved_at).total_seconds() / 3600
    safety = answers.get("safety")
    given = {
        name: answers.get(page, {}).get(name)
        for page, names in PAGES.items()
        if page != "safety"
        for name in names
        if isinstance(answers.get(page, {}).get(name), bool)
    }
    supply = selectors.supply_of(session.prescription)
    stops = stops_of(session.patient, now=now)
    today = clock.today(session.patient.zone, now)
    reasons = selectors.prescription_reasons(session.prescription, supply, today=today, policy=policy)
    codes = {item.code for item in reasons}
    return GateFacts(
        **given,
        sitter_confirmed=invitation is not None and invitation.confirmed_at is not None,
        risk=risk_of(safety).value if isinstance(safety, dict) else None,
        prescription_valid=not codes - {"supply_used_up", "supply_not_at_home"},
        sessions_at_home=0 if codes & {"supply_used_up", "supply_not_at_home"} else supply.sessions_at_home,
        hours_since_last=hours,
        hours_unseen=unseen if hours is None else min(unseen, hours),
        safety_hold="safety_hold" in stops,
        case_hold="case_hold" in stops,
        consents_in_force=consents.in_force(session.patient, Activity.DOSE, now),
        sign_to_review="sign_to_review" in stops,
        supply_to_review="supply_to_review" in stops,
        # The newest start: nobody begins another while one runs.
        unreleased_session=last is not None and last.status == SessionStatus.STARTED and last.pk != session.pk,
        licensed_there=not check_place(session, state=_state_today(answers)),
        rounds=selectors.day_rounds(session, now=now, policy=policy),
    )


def _state_today(answers: Mapping[str, Any]) -> str:
    """The state of the address that was confirmed today; "" before that, or when it names none."""
    return str(((answers.get("place") or {}).get("address") or {}).get("state") or "")


def assess(session: DoseSession, *, now: datetime) -> Gate:
    """What the gate says now, without changing anything."""
    policy = policies.load()
    return readiness.assess_gate(gate_facts(session, now=now, policy=policy), policy)


def open_gate(session: DoseSession, *, now: datetime, policy: Policy) -> None:
    """Raise RuleViolation unless the gate of this session may be answered now."""
    if session.status == SessionStatus.HELD:
        raise RuleViolation(_("This session is on hold."), "held")
    if session.status not in (SessionStatus.SCHEDULED, SessionStatus.RELEASED):
        raise RuleViolation(_("This session is not waiting to begin."), "not_planned")
    if check_place(session):
        raise RuleViolation(
            _("Your prescriber may not treat you in the state where you will be. Choose a day when you are home."),
            "not_licensed_there",
        )
    if now < selectors.gate_opens_at(session):
        raise RuleViolation(_("The readiness check opens on the day of your session."), "too_early")
    if now > selectors.gate_closes_at(session, policy):
        raise RuleViolation(_("The time for this session has passed. Choose another day."), "too_late")
    if clock.today(session.zone, now) in selectors.held_days(session.patient):
        raise RuleViolation(_("Choose another day: nothing is taken on a day on hold."), "held_day")


def answer_gate(
    *, session: DoseSession, page: str, answers: Mapping[str, Any], by: User, now: datetime
) -> tuple[DoseSession, Gate]:
    """Keep the answers of one page and decide: released, wait, or held (which tells the clinician at once).

    `answers` holds true, false or None per name of PAGES[page]; "place" also takes the address of today as `address`.
    Raises RuleViolation when the gate is not open, KeyError for an unknown page. The safety page is acted on whatever
    became of the session (I3), and only then refused.
    """
    policy = policies.load()
    known = {name: answers.get(name) for name in PAGES[page]} | {"at": now.isoformat()}
    if page == "place":
        known["address"] = answers.get("address", {})
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if page == "safety":
            _keep_safety(row, known, by=by, now=now)
        if row.status == SessionStatus.HELD:
            return row, assess(row, now=now)
        try:
            open_gate(row, now=now, policy=policy)
        except RuleViolation as closed:
            refusal = closed
        else:
            _keep_page(row, page, known, by=by, now=now)
            return row, _decide(row, by=by, now=now, policy=policy)
    raise refusal


def _keep_page(session: DoseSession, page: str, known: Mapping[str, Any], *, by: User, now: datetime) -> None:
    _again_after_release(session, now=now)
    session.gate_answers = {**session.gate_answers, page: known}
    session.save(update_fields=["gate_answers"])
    note_reports(patient=session.patient, answers=known, about=about_session(session), by=by, now=now)
    record(actor=by, action="dosesession.gate_answered", now=now, subject=session, page=page)


def half_answered(*, session: DoseSession, answers: Mapping[str, Any], by: User, now: datetime) -> SuicideRisk | None:
    """A safety page that was sent with a question open (I3): what it says already is acted on at once.

    Returns HIGH, INCOMPLETE, or None when it says nothing yet.
    """
    said = half_said(answers)
    if said is SuicideRisk.HIGH:
        with contextlib.suppress(RuleViolation):
            answer_gate(session=session, page="safety", answers=answers, by=by, now=now)
    elif said is not None:
        with transaction.atomic():
            row = locked_session(session)
            act_on_risk(patient=row.patient, risk=said, about=about_session(row), by=by, now=now)
    return said


def _keep_safety(session: DoseSession, answers: Mapping[str, Any], *, by: User, now: datetime) -> None:
    # The hold's row before the trail, as whoever clears it does: else the two would wait for each other.
    act_on_risk(patient=session.patient, risk=risk_of(answers), about=about_session(session), by=by, now=now)
    record_assessment(
        patient=session.patient,
        instrument="cssrs",
        answers=since_last(answers),
        context="session",
        by=by,
        now=now,
    )


def _again_after_release(session: DoseSession, *, now: datetime) -> None:
    """A changed answer takes an earlier release back; an expired one starts the gate anew."""
    if session.status != SessionStatus.RELEASED:
        return
    expired = session.gate_valid_until is not None and now > session.gate_valid_until
    back_to_planned(session, fresh=expired, by=session.patient.user, now=now)


def back_to_planned(session: DoseSession, *, fresh: bool, by: Actor, now: datetime) -> None:
    """Take a release back; `fresh` begins the gate anew with nothing answered."""
    advance(session, SessionStatus.SCHEDULED, by=by, now=now, reason_code="gate_expired" if fresh else "answer_changed")
    if fresh:
        reset_gate(session)
    else:
        session.gate_passed_at = session.gate_valid_until = None
    session.save(update_fields=list(GATE_COLUMNS))


def next_reading(session: DoseSession, *, now: datetime, policy: Policy) -> tuple[int, int]:
    """Round and place of the reading that comes next: (1, 1), (1, 2), (2, 1) ...; old readings do not count."""
    readings = selectors.gate_readings(session)
    return _place_after(0 if _old(readings, now=now, policy=policy) else len(readings), policy)


def _place_after(count: int, policy: Policy) -> tuple[int, int]:
    per_round = policy.gate.readings_per_round
    return count // per_round + 1, count % per_round + 1


def record_gate_reading(
    *,
    session: DoseSession,
    number: int,
    systolic: int,
    diastolic: int,
    heart_rate: int,
    by: User,
    now: datetime,
) -> tuple[DoseSession, Gate]:
    """Keep one reading before the dose and decide. `number` counts from 1 and makes a second click do nothing.

    Raises RuleViolation for a repeat that comes too early, or when no further reading is asked for.
    """
    policy = policies.load()
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        readings = _readings_that_count(row, now=now, policy=policy)
        if row.status == SessionStatus.HELD or number <= len(readings):
            return row, assess(row, now=now)
        open_gate(row, now=now, policy=policy)
        _check_reading_wanted(row, readings, number, now=now, policy=policy)
        turn, place = _place_after(len(readings), policy)
        vital = Vital.objects.create(
            patient=row.patient,
            session=row,
            phase=VitalPhase.GATE,
            attempt=row.gate_attempt,
            round=turn,
            place=place,
            taken_at=now,
            systolic=systolic,
            diastolic=diastolic,
            heart_rate=heart_rate,
            created_at=now,
        )
        record(actor=by, action="vital.recorded", now=now, subject=vital, phase="gate")
        return row, _decide(row, by=by, now=now, policy=policy)


def _check_reading_wanted(
    session: DoseSession, readings: list[Vital], number: int, *, now: datetime, policy: Policy
) -> None:
    if session.status == SessionStatus.RELEASED:
        raise RuleViolation(_("No further reading is needed."), "no_reading_needed")
    if number != len(readings) + 1:
        raise RuleViolation(_("Your earlier reading is too old by now. Please measure again."), "reading_out_of_turn")
    given = selectors.day_rounds(session, now=now, policy=policy)
    pressure = readiness.assess_pressure(given, policy)
    if pressure.verdict is GateVerdict.RELEASED:
        raise RuleViolation(_("No further reading is needed."), "no_reading_needed")
    early = readiness.check_repeat_time(given, taken_at=now, policy=policy)
    refuse([item for item in early if item.code == "bp_repeat_early"])


def look(session: DoseSession, *, now: datetime) -> Gate:
    """What the gate says now, without deciding. Raises RuleViolation when a planned session's gate is not open."""
    if session.status == SessionStatus.SCHEDULED:
        open_gate(session, now=now, policy=policies.load())
    return assess(session, now=now)


def finish_gate(*, session: DoseSession, by: User, now: datetime) -> tuple[DoseSession, Gate]:
    """Decide again with what is known now, such as a sitter who has just confirmed."""
    policy = policies.load()
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status != SessionStatus.SCHEDULED:
            return row, assess(row, now=now)
        open_gate(row, now=now, policy=policy)
        return row, _decide(row, by=by, now=now, policy=policy)


def _readings_that_count(session: DoseSession, *, now: datetime, policy: Policy) -> list[Vital]:
    """Readings that are no longer good for a release begin anew, under the next number; the answers stay."""
    readings = selectors.gate_readings(session)
    if not _old(readings, now=now, policy=policy):
        return readings
    session.gate_attempt += 1
    session.save(update_fields=["gate_attempt"])
    return []


def _old(readings: list[Vital], *, now: datetime, policy: Policy) -> bool:
    return bool(readings) and now - readings[-1].taken_at > timedelta(minutes=policy.gate.valid_minutes)


def _decide(session: DoseSession, *, by: User, now: datetime, policy: Policy) -> Gate:
    readings = _readings_that_count(session, now=now, policy=policy)
    facts = gate_facts(session, now=now, policy=policy)
    gate = readiness.assess_gate(facts, policy)
    if gate.verdict is GateVerdict.RELEASED:
        _keep(session, facts, gate, policy)
        # Counted from the reading, so that answering a page again does not stretch it.
        measured = readings[-1].taken_at
        valid_until = max(measured + timedelta(minutes=policy.gate.valid_minutes), now + timedelta(seconds=1))
        advance(session, SessionStatus.RELEASED, by=by, now=now, gate_passed_at=now, gate_valid_until=valid_until)
    elif gate.verdict is GateVerdict.HELD:
        # At once, whatever is still open: whoever leaves after such an answer would have told nobody.
        hold_session(session, facts=facts, gate=gate, by=by, now=now, policy=policy)
    return gate


def hold_session(
    session: DoseSession, *, facts: GateFacts, gate: Gate, by: Actor, now: datetime, policy: Policy
) -> None:
    """No dose today: kept with its reasons, and the clinician is told in the same transaction."""
    _keep(session, facts, gate, policy)
    codes = sorted({item.code for item in gate.reasons if item.weight.value == "refuse"})
    advance(session, SessionStatus.HELD, by=by, now=now, reason_code=codes[0] if codes else "", held_at=now)
    notifications.cancel_about(about=about_session(session), now=now, reason="held")
    urgent = {"bp_emergency", "bp_clinician"} & set(codes)
    alerts.raise_alert(
        kind=AlertKind.SESSION_HELD,
        patient=session.patient,
        about=about_session(session),
        dedupe_key=f"{about_session(session)}:held:{session.gate_attempt}",
        by=by,
        now=now,
    )
    if urgent:
        # 160/100 and over asks for a clinician on the same day: this kind rings until somebody acknowledges it.
        alerts.raise_alert(
            kind=AlertKind.BLOOD_PRESSURE,
            patient=session.patient,
            about=about_session(session),
            dedupe_key=f"{about_session(session)}:pressure:{session.gate_attempt}",
            by=by,
            now=now,
        )


def _keep(session: DoseSession, facts: GateFacts, gate: Gate, policy: Policy) -> None:
    """The facts and reasons of the decision, so that it can be reproduced (design I8)."""
    session.gate_facts = {name: value for name, value in vars(facts).items() if name != "rounds"} | {
        "rounds": [
            [
                [reading.taken_at.isoformat(), reading.systolic, reading.diastolic, reading.heart_rate]
                for reading in turn
            ]
            for turn in facts.rounds
        ]
    }
    session.gate_reasons = [
        {"code": item.code, "weight": item.weight.value, "source": item.source, "facts": dict(item.facts)}
        for item in gate.reasons
    ]
    session.gate_policy = policy.version
    session.save(update_fields=["gate_facts", "gate_reasons", "gate_policy"])
