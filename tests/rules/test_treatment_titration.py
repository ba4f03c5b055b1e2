"""Proposals for the next dose: one below, on and above the limits of policy 8; absent data never raises it."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES, each
from treatment import policy
from treatment.rules import dosing
from treatment.rules.dosing import DoseOrder, DoseVerdict
from treatment.rules.titration import Move, SessionSeen, TitrationFacts, propose

POLICY = policy.load()
LOZENGES = tuple(Decimal(mg) for mg in (25, 50, 100, 150, 200))
SEEN = SessionSeen(
    mg=Decimal(100),
    completed=True,
    released=True,
    reviewed=True,
    effects_known=True,
    worst_effect=1,
    mood_worse=False,
    pressure_alert=False,
)
FACTS = TitrationFacts(
    session=SEEN,
    strengths=LOZENGES,
    strength_mg=Decimal(100),
    age=40,
    weight_kg=Decimal(72),
    cyp_inhibitor=False,
    phq9_first=18,
    phq9_now=15,
)


def proposed(facts=FACTS, **changes):
    of_session = {name: changes.pop(name) for name in list(changes) if hasattr(SEEN, name)}
    return propose(replace(facts, session=replace(facts.session, **of_session), **changes), POLICY)


def codes(proposal):
    return {item.code for item in (*proposal.reasons, *proposal.limits)}


@each(
    ("mg", "changes", "to"),
    [
        (25, {}, None),  # +50 % is 37.5 mg: no whole unit reaches it
        (50, {}, 75),  # at most +50 %
        (100, {}, 150),
        (200, {}, 250),  # the usual step; policy 8 would allow 300
        (350, {}, 400),
        (400, {}, 450),
        (425, {}, 450),  # never over what needs a second prescriber
        (450, {}, None),
        (100, {"age": 64}, 150),
        (100, {"age": 65}, 125),
        (100, {"weight_kg": Decimal("49.9")}, 125),
        (100, {"weight_kg": Decimal(50)}, 150),
        (100, {"cyp_inhibitor": True}, 125),
        (100, {"strengths": (Decimal(100),)}, None),  # whole units only
    ],
)
def test_a_step_up_stays_within_every_limit(mg, changes, to):
    found = proposed(mg=Decimal(mg), **changes)
    assert (found.move, found.dose.mg if found.dose else None) == ((Move.UP, to) if to else (Move.STAY, mg)), codes(
        found
    )


@each(
    ("changes", "move", "code"),
    [
        ({"reviewed": False}, Move.STAY, "step_before_review"),
        ({"completed": False, "released": False}, Move.STAY, "titration_running"),
        ({"worst_effect": 1}, Move.UP, "titration_no_response"),
        ({"worst_effect": 2}, Move.STAY, "titration_effect"),
        ({"worst_effect": 3, "severe": ("nausea",)}, Move.DOWN, "titration_severe_effect"),
        ({"pressure_alert": True}, Move.DOWN, "titration_pressure"),
        ({"mood_worse": True}, Move.STAY, "mood_worse"),
        ({"phq9_now": 10}, Move.UP, "titration_no_response"),
        ({"phq9_now": 9}, Move.STAY, "titration_response"),
        ({"phq9_now": 8}, Move.STAY, "titration_response"),
        ({"phq9_worse": True}, Move.LOOK, "phq9_worse"),
        ({"signs": ("mania_signs",)}, Move.LOOK, "mania_signs"),
        ({"released": False}, Move.LOOK, "titration_not_released"),
        ({"stops": ("safety_hold",)}, Move.LOOK, "titration_safety_hold"),
        ({"stops": ("supply_to_review",), "pressure_alert": True}, Move.LOOK, "titration_supply_to_review"),
        ({"mg": Decimal(400)}, Move.UP, "high_dose"),
        ({"mg": Decimal(349)}, Move.UP, "titration_step_limit"),
        ({"mg": Decimal(25), "severe": ("nausea",)}, Move.LOOK, "titration_no_lower"),
    ],
)
def test_each_finding_leads_to_its_proposal(changes, move, code):
    found = proposed(**changes)
    assert found.move is move and code in codes(found)
    assert all(item.source for item in (*found.reasons, *found.limits))


def test_a_step_down_is_a_quarter_or_more_in_whole_units():
    for mg, to in ((100, 75), (150, 100), (200, 150), (50, 25), (400, 300)):
        assert proposed(mg=Decimal(mg), severe=("nausea",)).dose.mg == to, mg


def test_before_the_first_session_nothing_is_proposed():
    found = propose(replace(FACTS, session=None), POLICY)
    assert (found.move, found.dose) == (Move.STAY, None)


maybe = st.none() | st.booleans()
SESSIONS = st.builds(
    SessionSeen,
    mg=st.sampled_from([Decimal(mg) for mg in (25, 50, 75, 100, 130, 200, 350, 400, 450, 600)]),
    completed=st.booleans(),
    released=st.booleans(),
    reviewed=st.booleans(),
    effects_known=st.booleans(),
    worst_effect=st.none() | st.integers(0, 3),
    severe=st.sampled_from([(), ("nausea",)]),
    signs=st.sampled_from([(), ("mania_signs",)]),
    mood_worse=maybe,
    pressure_alert=maybe,
)
WORLDS = st.builds(
    TitrationFacts,
    session=SESSIONS,
    strengths=st.lists(st.sampled_from(LOZENGES), unique=True).map(tuple),
    strength_mg=st.sampled_from(LOZENGES),
    age=st.none() | st.integers(18, 90),
    weight_kg=st.none() | st.integers(35, 140).map(Decimal),
    cyp_inhibitor=maybe,
    phq9_first=st.none() | st.integers(0, 27),
    phq9_now=st.none() | st.integers(0, 27),
    phq9_worse=st.booleans(),
    stops=st.sampled_from([(), ("case_hold",)]),
)
# Most of the time everything is there, so that steps up are met often enough.
LIKELY = st.builds(
    replace,
    st.just(FACTS),
    session=st.builds(replace, st.just(SEEN), mg=st.sampled_from([Decimal(mg) for mg in (25, 50, 100, 200, 425, 450)])),
    age=st.none() | st.integers(18, 90),
    weight_kg=st.none() | st.integers(35, 140).map(Decimal),
    cyp_inhibitor=maybe,
    phq9_now=st.none() | st.integers(0, 27),
)


@TRIES
@given(WORLDS | LIKELY)
def test_no_proposal_breaks_a_guard_rail_and_absent_data_never_raises_a_dose(facts):
    """I2, policy 8: a step up is reviewed, complete, within both limits and makeable; the form would take it."""
    found, session = propose(facts, POLICY), facts.session
    assert found.reasons
    if found.dose is None:
        return
    assert found.dose.units in range(1, 21)
    if found.move is not Move.UP:
        assert found.dose.mg <= session.mg
        assert found.move is not Move.DOWN or found.dose.mg <= session.mg * Decimal("0.75")
        return
    assert found.dose.strength_mg in facts.strengths
    assert session.mg < found.dose.mg <= min(session.mg + 100, session.mg * Decimal("1.5"), Decimal(450))
    assert session.completed and session.released and session.reviewed and session.effects_known
    known = (session.worst_effect, session.mood_worse, session.pressure_alert, facts.age, facts.weight_kg,
             facts.cyp_inhibitor, facts.phq9_first, facts.phq9_now)  # fmt: skip
    assert None not in known and not session.signs and not session.severe and not facts.stops
    fragile = facts.age >= 65 or facts.weight_kg < 50 or facts.cyp_inhibitor
    assert not fragile or found.dose.mg - session.mg <= min(Decimal(50), session.mg / 4)
    order = DoseOrder(
        strength_mg=found.dose.strength_mg, units_per_session=found.dose.units, quantity_units=found.dose.units,
        first_shipment_units=found.dose.units, age=facts.age, weight_kg=facts.weight_kg,
        cyp_inhibitor=facts.cyp_inhibitor, previous_mg=session.mg, previous_reviewed=True,
    )  # fmt: skip
    check = dosing.check_order(order, POLICY)
    assert check.verdict is (DoseVerdict.NEEDS_REASON if found.dose.mg >= 400 else DoseVerdict.ALLOWED)
