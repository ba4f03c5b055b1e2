"""A proposal for the next dose (house policy, section 8): stay, step up, step down, or stop and look.

It only ever proposes. A prescriber decides, and the patient never sees it. Absent data never raises a dose: what is not
known keeps it where it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules import dosing
from treatment.rules.reasons import Reason, Weight, reason

MOST_UNITS = 20  # what the order form takes for one session


class Move(StrEnum):
    """What is proposed."""

    STAY = "stay"
    UP = "step_up"
    DOWN = "step_down"
    LOOK = "stop_and_look"


@dataclass(frozen=True)
class SessionSeen:
    """The newest session that was begun. None means not known or not answered.

    `worst_effect` is the highest side effect of its check-in (0-3), `severe` names those that a clinician has to read,
    `pressure_alert` says whether a reading during or after it called the clinician.
    """

    mg: Decimal
    completed: bool
    released: bool
    reviewed: bool
    effects_known: bool
    worst_effect: int | None
    severe: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    mood_worse: bool | None = None
    pressure_alert: bool | None = None


@dataclass(frozen=True)
class TitrationFacts:
    """What a proposal rests on. `strengths` are the products of the form in use that may be prescribed, in mg a unit.

    `ordered_mg` is the dose of the order in force, which may be lower than what was taken last. `phq9_first` and
    `phq9_now` are the totals before the treatment and after the newest session; `stops` are codes of what stands
    against any dose now (safety_hold, case_hold, sign_to_review, evaluation_due, supply_to_review,
    unreleased_session).
    """

    session: SessionSeen | None
    strengths: tuple[Decimal, ...]
    strength_mg: Decimal
    age: int | None
    weight_kg: Decimal | None
    cyp_inhibitor: bool | None
    phq9_first: int | None
    phq9_now: int | None
    phq9_worse: bool = False
    ordered_mg: Decimal | None = None
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Makeable:
    """A dose in whole units of one product."""

    strength_mg: Decimal
    units: int

    @property
    def mg(self) -> Decimal:
        """Strength times units."""
        return self.strength_mg * self.units


@dataclass(frozen=True)
class Proposal:
    """What is proposed, in which units, and why; `limits` are the guard-rails that the dose would meet.

    `dose` is None when nothing should be ordered before somebody has looked.
    """

    move: Move
    dose: Makeable | None
    reasons: tuple[Reason, ...]
    limits: tuple[Reason, ...] = ()


# House policy 9, "stop and refer": beside the codes of the check-in, what stands against any dose.
_LOOK_SOURCE = "house policy 9: stop and refer to the prescriber"


def fragile_for(facts: TitrationFacts, policy: Policy) -> tuple[str, ...]:
    """Why a step is halved; unknown counts as yes."""
    rule, found = policy.dosing, []
    if facts.age is None or facts.age >= rule.older_age_years:
        found.append("age")
    if facts.weight_kg is None or facts.weight_kg < rule.low_weight_kg:
        found.append("weight")
    if facts.cyp_inhibitor is not False:
        found.append("cyp_inhibitor")
    return tuple(found)


def highest_step(previous_mg: Decimal, facts: TitrationFacts, policy: Policy) -> Decimal:
    """The highest dose that may be proposed: the step limit of section 8, halved for the fragile, never over 450 mg."""
    allowed = dosing.step_limit(previous_mg, policy) - previous_mg
    step = min(allowed, Decimal(policy.titration.usual_step_mg))
    if fragile_for(facts, policy):
        step = min(step, allowed * Decimal(str(policy.titration.fragile_step_factor)))
    return min(previous_mg + step, Decimal(policy.dosing.second_prescriber_above_mg))


def makeable(strengths: Iterable[Decimal], *, most_mg: Decimal, preferred: Decimal) -> Makeable | None:
    """The largest dose of whole units up to a limit: the strength in use where it reaches as far, else fewest units."""
    found = [
        Makeable(strength, units)
        for strength in strengths
        if strength > 0
        for units in [min(MOST_UNITS, int(most_mg // strength))]
        if units >= 1
    ]
    return max(found, key=lambda dose: (dose.mg, dose.strength_mg == preferred, -dose.units), default=None)


def _look_reasons(facts: TitrationFacts, session: SessionSeen) -> list[Reason]:
    found = [reason(f"titration_{code}", Weight.REFUSE, _LOOK_SOURCE) for code in facts.stops]
    found += [reason(code, Weight.REFUSE, _LOOK_SOURCE) for code in session.signs]
    if facts.phq9_worse:
        found.append(reason("phq9_worse", Weight.REFUSE, "house policy 3: worsening is 5 points or more"))
    if session.completed and not session.released:
        found.append(reason("titration_not_released", Weight.REFUSE, _LOOK_SOURCE))
    return found


def _down_reasons(session: SessionSeen, policy: Policy) -> list[Reason]:
    found = []
    if session.severe:
        source = policy.source("check_in.flag_side_effect_from")
        effects = " ".join(session.severe)
        found.append(reason("titration_severe_effect", Weight.REFUSE, source, effects=effects))
    if session.pressure_alert:
        found.append(reason("titration_pressure", Weight.REFUSE, policy.source("session.alert_systolic")))
    return found


def _unknown(facts: TitrationFacts, session: SessionSeen, policy: Policy) -> list[Reason]:
    """Everything that is not known and that a step up would rest on."""
    names = {
        "age": facts.age is None,
        "weight": facts.weight_kg is None,
        "cyp_inhibitor": facts.cyp_inhibitor is None,
        "effects": not session.effects_known or session.worst_effect is None or session.mood_worse is None,
        "pressure": session.pressure_alert is None,
        "phq9": facts.phq9_first is None or facts.phq9_now is None,
    }
    source = "house: absent data never raises a dose"
    return [reason("titration_unknown", Weight.ASK, source, what=name) for name, absent in names.items() if absent]


def _stay_reasons(facts: TitrationFacts, session: SessionSeen, policy: Policy) -> list[Reason]:
    found = []
    if not session.completed:
        found.append(reason("titration_running", Weight.ASK, policy.source("dosing.step_up_max_mg")))
    elif not session.reviewed:
        found.append(reason("step_before_review", Weight.ASK, policy.source("dosing.step_up_max_percent")))
    found += _unknown(facts, session, policy)
    from_effect = policy.titration.no_step_up_from_effect
    if session.worst_effect is not None and session.worst_effect >= from_effect:
        source = policy.source("titration.no_step_up_from_effect")
        found.append(reason("titration_effect", Weight.NOTE, source, rating=session.worst_effect))
    if session.mood_worse:
        found.append(reason("mood_worse", Weight.NOTE, "house policy 9: worsening is read by a clinician"))
    if _responded(facts, policy):
        facts_of = {"first": facts.phq9_first, "now": facts.phq9_now}
        found.append(reason("titration_response", Weight.NOTE, policy.source("titration.response_percent"), **facts_of))
    return found


def _responded(facts: TitrationFacts, policy: Policy) -> bool:
    if facts.phq9_first is None or facts.phq9_now is None or facts.phq9_first <= 0:
        return False
    fall = (facts.phq9_first - facts.phq9_now) * 100
    return fall >= facts.phq9_first * policy.titration.response_percent


def propose(facts: TitrationFacts, policy: Policy) -> Proposal:
    """The proposal for the next dose, with every reason. The first that applies: look, down, stay, up."""
    session = facts.session
    if session is None:
        none = reason("titration_no_session", Weight.NOTE, policy.source("dosing.step_up_max_mg"))
        return Proposal(Move.STAY, None, (none,))
    look = _look_reasons(facts, session)
    if look:
        return Proposal(Move.LOOK, None, tuple(look))
    base = session.mg if facts.ordered_mg is None else min(session.mg, facts.ordered_mg)
    lowered = base < session.mg
    down = _down_reasons(session, policy)
    if down and not (lowered and base <= _lower_limit(session, policy)):
        return _step_down(facts, session, down, policy)
    if lowered:
        return Proposal(Move.STAY, makeable_exactly(facts, base), (_lowered(session, base),))
    # Of products that may be prescribed today, and no more units than the form takes: else no dose stands beside it.
    same = makeable_exactly(facts, session.mg)
    stay = _stay_reasons(facts, session, policy)
    if stay:
        return Proposal(Move.STAY, same, tuple(stay))
    most = highest_step(session.mg, facts, policy)
    dose = makeable(facts.strengths, most_mg=most, preferred=facts.strength_mg)
    if dose is None or dose.mg <= session.mg:
        limit = reason(
            "titration_no_step_fits", Weight.NOTE, policy.source("dosing.step_up_max_mg"), limit=_plain(most)
        )
        return Proposal(Move.STAY, same, (limit,))
    return Proposal(Move.UP, dose, _up_reasons(facts, policy), _limits(facts, session.mg, dose, policy))


def _lower_limit(session: SessionSeen, policy: Policy) -> Decimal:
    return session.mg * (100 - policy.titration.step_down_percent) / 100


def makeable_exactly(facts: TitrationFacts, mg: Decimal) -> Makeable | None:
    """This very dose in whole units of products that may be prescribed today, or None."""
    nearest = makeable(facts.strengths, most_mg=mg, preferred=facts.strength_mg)
    return nearest if nearest is not None and nearest.mg == mg else None


def _lowered(session: SessionSeen, base: Decimal) -> Reason:
    source = "house: after a prescriber lowered the dose, a session at the lower dose comes before any step up"
    return reason("titration_lowered", Weight.NOTE, source, previous=_plain(session.mg), ordered=_plain(base))


def _step_down(facts: TitrationFacts, session: SessionSeen, why: list[Reason], policy: Policy) -> Proposal:
    most = _lower_limit(session, policy)
    dose = makeable(facts.strengths, most_mg=most, preferred=facts.strength_mg)
    if dose is None:
        lowest = reason("titration_no_lower", Weight.REFUSE, policy.source("titration.step_down_percent"))
        return Proposal(Move.LOOK, None, (*why, lowest))
    limit = reason(
        "titration_down_limit", Weight.NOTE, policy.source("titration.step_down_percent"), limit=_plain(most)
    )
    return Proposal(Move.DOWN, dose, tuple(why), (limit,))


def _up_reasons(facts: TitrationFacts, policy: Policy) -> tuple[Reason, ...]:
    source = policy.source("titration.response_percent")
    return (reason("titration_no_response", Weight.NOTE, source, first=facts.phq9_first, now=facts.phq9_now),)


def _limits(facts: TitrationFacts, previous: Decimal, dose: Makeable, policy: Policy) -> tuple[Reason, ...]:
    limit, source = dosing.step_limit(previous, policy), policy.source("dosing.step_up_max_mg")
    found = [
        reason("titration_step_limit", Weight.NOTE, source, previous=_plain(previous), limit=_plain(limit)),
        reason("titration_usual_step", Weight.NOTE, policy.source("titration.usual_step_mg"),
               step=policy.titration.usual_step_mg),
    ]  # fmt: skip
    fragile = fragile_for(facts, policy)
    if fragile:
        source = policy.source("titration.fragile_step_factor")
        found.append(reason("titration_step_halved", Weight.NOTE, source, because=" ".join(fragile)))
    if dose.mg >= policy.dosing.written_reason_from_mg:
        source, limit_mg = policy.source("dosing.written_reason_from_mg"), policy.dosing.written_reason_from_mg
        found.append(reason("high_dose", Weight.ASK, source, dose=_plain(dose.mg), limit=limit_mg))
    return tuple(found)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
