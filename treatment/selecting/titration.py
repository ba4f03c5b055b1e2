"""What a proposed dose rests on, read from the record; the rule decides."""

from datetime import datetime
from typing import Any

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.selectors import what_stops
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.selectors import scored
from treatment import policy as policies
from treatment import selectors
from treatment.models import CheckIn, DoseSession, Prescription, SessionStatus
from treatment.rules import checkin, safety
from treatment.rules.titration import SessionSeen, TitrationFacts
from treatment.selecting.check_ins import sign_to_review
from treatment.services.checkins import answers_of
from treatment.services.orders import facts_of as order_facts

# Flags of a check-in after which somebody looks before any further dose.
_LOOK = checkin.STOP_CODES | {"risk_high", "risk_moderate", "risk_incomplete"}


def titration_facts(patient: Patient, prescription: Prescription, now: datetime) -> TitrationFacts:
    """The newest session that was begun, how it went, the scores around it, and who the patient is."""
    policy = policies.load()
    last = selectors.last_taken(patient)
    known = order_facts(patient, now=now)
    before, after = _phq9(patient, last)
    stops = set(what_stops(patient))
    if known.evaluation_due:
        stops.add("evaluation_due")
    if sign_to_review(patient):
        stops.add("sign_to_review")
    if selectors.supply_to_review(patient):
        stops.add("supply_to_review")
    products = selectors.products().filter(form=prescription.product.form)
    return TitrationFacts(
        session=_seen(last) if last else None,
        strengths=tuple(products.values_list("strength_mg", flat=True)),
        strength_mg=prescription.strength_mg,
        age=known.age if patient.date_of_birth is not None else None,
        weight_kg=known.weight_kg,
        cyp_inhibitor=known.cyp_inhibitor,
        phq9_first=before[0] if before else None,
        phq9_now=after[-1] if after else None,
        phq9_worse=checkin.phq9_worse(before[-1] if before else None, after[-1] if after else None, policy),
        ordered_mg=prescription.mg_per_session,
        stops=tuple(sorted(stops)),
    )


def _phq9(patient: Patient, last: DoseSession | None) -> tuple[list[int], list[int]]:
    """The PHQ-9 totals before the first session with the later ones before the newest, and those since it."""
    rows = [(row.taken_at, int(row.total or 0)) for row in scored(patient, Assessment.Instrument.PHQ9)]
    since = last.started_at if last else None
    if since is None:
        return [total for _at, total in rows], []
    return [total for at, total in rows if at < since], [total for at, total in rows if at >= since]


def _seen(session: DoseSession) -> SessionSeen:
    check_in = CheckIn.objects.filter(session=session, kind=CheckIn.Kind.DAY, status=CheckIn.Status.ANSWERED).first()
    answers = answers_of(check_in.answers, check_in.scores, asks_risk=True) if check_in else None
    ratings = answers.side_effects if answers else {}
    flags = check_in.flags if check_in else []
    reviewed = session.reviewed_at is not None and (
        check_in is None or check_in.answered_at is None or check_in.answered_at <= session.reviewed_at
    )
    return SessionSeen(
        mg=session.mg,
        completed=session.status == SessionStatus.COMPLETED,
        released=session.sitter_released_at is not None,
        reviewed=reviewed,
        effects_known=all(name in ratings for name in checkin.SIDE_EFFECTS),
        worst_effect=max(ratings.values(), default=None),
        severe=tuple(sorted(flag["facts"]["effect"] for flag in flags if flag["code"] == "side_effect_severe")),
        signs=tuple(sorted({flag["code"] for flag in flags if flag["code"] in _LOOK})),
        mood_worse=answers.mood in {"worse", "much_worse"} if answers and answers.mood in checkin.MOODS else None,
        pressure_alert=_pressure_alert(session),
    )


def _pressure_alert(session: DoseSession) -> bool | None:
    facts = selectors.session_facts(session)
    if not facts.readings:
        return None
    policy = policies.load()
    return any(safety.reading_alerts(reading, facts.baseline, policy) for reading in facts.readings)


def plain(facts: TitrationFacts) -> dict[str, Any]:
    """The facts as they are kept with the answer (design I8): text and numbers only."""

    def known(value: Any) -> Any:
        if isinstance(value, tuple):
            return [known(item) for item in value]
        return value if value is None or isinstance(value, bool | int | str) else str(value)

    session = {name: known(value) for name, value in vars(facts.session).items()} if facts.session else None
    return {name: known(value) for name, value in vars(facts).items() if name != "session"} | {"session": session}
