"""What a proposed dose rests on, from the picture of the patient; the rule decides."""

from typing import Any

from treatment import policy as policies
from treatment.models import CheckIn, DoseSession, Prescription, SessionStatus, VitalPhase
from treatment.rules import checkin, safety
from treatment.rules.titration import SessionSeen, TitrationFacts
from treatment.selecting.picture import Picture
from treatment.services.checkins import answers_of
from treatment.services.orders import facts_of as order_facts

# Flags of a check-in after which somebody looks before any further dose.
_LOOK = checkin.STOP_CODES | {"risk_high", "risk_moderate", "risk_incomplete"}


def titration_facts(picture: Picture, prescription: Prescription) -> TitrationFacts:
    """The newest session that was begun, how it went, the scores around it, and who the patient is."""
    policy = policies.load()
    known = order_facts(picture)
    first, before, after = _phq9(picture)
    stops = picture.stops | {"evaluation_due"} if known.evaluation_due else picture.stops
    return TitrationFacts(
        session=_seen(picture, picture.last) if picture.last else None,
        strengths=tuple(row.strength_mg for row in picture.products if row.form == prescription.product.form),
        strength_mg=prescription.strength_mg,
        age=known.age if picture.patient.date_of_birth is not None else None,
        weight_kg=known.weight_kg,
        cyp_inhibitor=known.cyp_inhibitor,
        phq9_first=first,
        phq9_now=after,
        phq9_worse=checkin.phq9_worse(before, after, policy),
        ordered_mg=prescription.mg_per_session,
        stops=tuple(sorted(stops)),
    )


def _phq9(picture: Picture) -> tuple[int | None, int | None, int | None]:
    """The PHQ-9 totals before the first dose of this course, before its newest session, and the newest one since."""
    first_dose, since = picture.beginning.first_dose, picture.last.started_at if picture.last else None
    # A score that came only after the first dose is no beginning; without a dose every score is one.
    began = [total for at, total in picture.scores if first_dose is None or at <= first_dose]
    before = [total for at, total in picture.scores if since is None or at < since]
    after = [total for at, total in picture.scores if since is not None and at >= since]
    return _newest(began), _newest(before), _newest(after)


def _newest(totals: list[int]) -> int | None:
    return totals[-1] if totals else None


def _seen(picture: Picture, session: DoseSession) -> SessionSeen:
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
        pressure_alert=_pressure_alert(picture, session),
    )


def _pressure_alert(picture: Picture, session: DoseSession) -> bool | None:
    """Whether a reading of the session calls, against the last one before the dose; None without a reading."""
    own = [row for row in picture.measured if row.session == str(session.pk)]
    before = [row.read for row in own if row.phase == VitalPhase.GATE and row.attempt == session.gate_attempt]
    readings = [row.read for row in own if row.phase != VitalPhase.GATE]
    if not readings:
        return None
    policy, baseline = policies.load(), before[-1] if before else None
    return any(safety.reading_alerts(reading, baseline, policy) for reading in readings)


def plain(facts: TitrationFacts) -> dict[str, Any]:
    """The facts as they are kept with the answer (design I8): text and numbers only."""

    def known(value: Any) -> Any:
        if isinstance(value, tuple):
            return [known(item) for item in value]
        return value if value is None or isinstance(value, bool | int | str) else str(value)

    session = {name: known(value) for name, value in vars(facts.session).items()} if facts.session else None
    return {name: known(value) for name, value in vars(facts).items() if name != "session"} | {"session": session}
