"""Guard-rails on a dose: for every number of policy section 8 one below, on, and above."""

from decimal import Decimal

from tests.rules.tables import each
from treatment import policy
from treatment.rules import dosing
from treatment.rules.directions import check_directions, contradicts
from treatment.rules.dosing import DoseOrder, DoseVerdict
from treatment.rules.supply import Supply, check_shipment, check_take

POLICY = policy.load()


def order(**changes):
    fields = {
        "strength_mg": Decimal(100),
        "units_per_session": 1,
        "quantity_units": 6,
        "first_shipment_units": 2,
        "age": 40,
        "weight_kg": Decimal(72),
        "cyp_inhibitor": False,
        **changes,
    }
    return DoseOrder(**fields)


def said(**changes):
    check = dosing.check_order(order(**changes), POLICY)
    return check.verdict, {item.code for item in check.reasons}


@each(
    ("mg", "verdict", "code"),
    [
        (49, DoseVerdict.ALLOWED, "start_below_range"),
        (50, DoseVerdict.ALLOWED, None),
        (100, DoseVerdict.ALLOWED, None),
        (101, DoseVerdict.NEEDS_REASON, "start_above_range"),
    ],
)
def test_a_first_dose_stands_in_its_range(mg, verdict, code):
    found, codes = said(strength_mg=Decimal(mg), weight_kg=Decimal(100))
    assert found is verdict
    assert codes == ({code} if code else set())


def test_one_mg_per_kg_reaches_further_for_a_heavy_person():
    assert said(strength_mg=Decimal(130), weight_kg=Decimal(130))[0] is DoseVerdict.ALLOWED
    assert said(strength_mg=Decimal(131), weight_kg=Decimal(130))[0] is DoseVerdict.NEEDS_REASON


@each(
    ("changes", "halved"),
    [
        ({"age": 64}, ()),
        ({"age": 65}, ("age",)),
        ({"age": 66}, ("age",)),
        ({"weight_kg": Decimal("49.9")}, ("weight",)),
        ({"weight_kg": Decimal(50)}, ()),
        ({"weight_kg": Decimal("50.1")}, ()),
        ({"cyp_inhibitor": True}, ("cyp_inhibitor",)),
        ({"cyp_inhibitor": None}, ("cyp_inhibitor",)),
        ({"age": 70, "weight_kg": Decimal(45)}, ("age", "weight")),
    ],
)
def test_the_fragile_start_with_half(changes, halved):
    limits = dosing.start_range(order(**changes), POLICY)
    assert limits.halved_for == halved
    assert limits.high_mg == (50 if halved else 100)


def test_a_written_reason_opens_a_start_above_the_range():
    assert said(strength_mg=Decimal(150), written_reason="Known response in clinic.")[0] is DoseVerdict.ALLOWED
    assert said(strength_mg=Decimal(150), written_reason="   ")[0] is DoseVerdict.NEEDS_REASON


@each(
    ("previous", "dose", "allowed"),
    [
        (100, 149, True),
        (100, 150, True),
        (100, 151, False),
        (300, 399, True),
        (200, 300, True),
        (200, 301, False),
        (250, 350, True),
        (250, 351, False),
        (100, 100, True),
        (100, 50, True),
    ],
)
def test_a_step_up_is_at_most_100_mg_and_half(previous, dose, allowed):
    verdict, codes = said(strength_mg=Decimal(dose), previous_mg=Decimal(previous), previous_reviewed=True)
    assert (verdict is DoseVerdict.ALLOWED) is allowed
    assert ("step_too_large" in codes) is not allowed


def test_no_step_up_before_the_last_session_was_reviewed():
    assert said(strength_mg=Decimal(101), previous_mg=Decimal(100))[1] == {"step_before_review"}
    assert said(strength_mg=Decimal(100), previous_mg=Decimal(100))[1] == set()


@each(
    ("dose", "verdict"),
    [
        (399, DoseVerdict.ALLOWED),
        (400, DoseVerdict.NEEDS_REASON),
        (401, DoseVerdict.NEEDS_REASON),
        (450, DoseVerdict.NEEDS_REASON),
        (451, DoseVerdict.REFUSED),
    ],
)
def test_400_asks_for_a_reason_and_over_450_is_refused(dose, verdict):
    assert said(strength_mg=Decimal(dose), previous_mg=Decimal(400), previous_reviewed=True)[0] is verdict


def test_over_450_needs_the_second_prescriber_and_still_a_reason():
    known = {"strength_mg": Decimal(451), "previous_mg": Decimal(450), "previous_reviewed": True}
    assert said(**known, second_prescriber=True)[0] is DoseVerdict.NEEDS_REASON
    assert said(**known, second_prescriber=True, written_reason="x")[0] is DoseVerdict.ALLOWED
    assert said(**known, written_reason="x")[0] is DoseVerdict.REFUSED


@each(
    ("units", "first", "code"),
    [
        (1, 2, None),
        (1, 3, "first_shipment_too_large"),
        (2, 4, None),
        (2, 5, "first_shipment_too_large"),
        (2, 1, "first_shipment_too_small"),
    ],
)
def test_the_first_shipment_is_for_two_sessions_at_most(units, first, code):
    codes = said(strength_mg=Decimal(50), units_per_session=units, quantity_units=12, first_shipment_units=first)[1]
    assert codes == ({code} if code else set())


@each("changes", [{"units_per_session": 0}, {"strength_mg": Decimal(0)}, {"strength_mg": Decimal(-5)}])
def test_no_dose_is_refused(changes):
    assert said(**changes)[0] is DoseVerdict.REFUSED


def test_a_product_that_is_off_is_refused():
    assert said(product_enabled=False) == (DoseVerdict.REFUSED, {"product_off"})


def test_a_quantity_is_whole_sessions():
    assert said(strength_mg=Decimal(50), units_per_session=2, quantity_units=7)[1] == {"quantity_not_whole_sessions"}


@each(
    ("quantity", "units", "between", "days"),
    [(8, 1, "3.5", 28), (7, 1, "3.5", 25), (8, 2, "7", 28), (1, 1, "3.5", 4), (6, 0, "7", 0)],
)
def test_days_supply_rounds_up(quantity, units, between, days):
    found = dosing.days_supply(quantity_units=quantity, units_per_session=units, days_between=Decimal(between))
    assert found == days


@each(
    ("medicines", "found"),
    [(None, None), ([], False), (["Zoloft"], False), (["Paxlovid"], True), (["clopidogrel 75 mg"], True)],
)
def test_cyp_inhibitors_are_known_by_ingredient_and_brand(medicines, found):
    assert dosing.takes_cyp_inhibitor(medicines) is found


def supply(**changes):
    fields = {"prescribed": 6, "shipped": 2, "delivered": 2, "taken": 0, "units_per_session": 1}
    return Supply(strength_mg=Decimal(100), **{**fields, **changes})


@each(("units", "allowed"), [(0, False), (1, True), (4, True), (5, False)])
def test_no_more_is_shipped_than_prescribed(units, allowed):
    assert (not check_shipment(supply(), units)) is allowed


@each(
    ("changes", "code"),
    [
        ({}, None),
        ({"taken": 1}, None),
        ({"taken": 2}, "supply_not_at_home"),
        ({"delivered": 0}, "supply_not_at_home"),
        ({"delivered": 6, "taken": 5}, None),
        ({"delivered": 6, "taken": 6}, "supply_used_up"),
        ({"delivered": 9, "taken": 6}, "supply_used_up"),
        ({"units_per_session": 2, "taken": 1}, "supply_not_at_home"),
        ({"units_per_session": 0}, "supply_unknown"),
    ],
)
def test_no_more_is_taken_than_is_there(changes, code):
    assert [item.code for item in check_take(supply(**changes))] == ([code] if code else [])


@each(
    ("directions", "spits", "wrong"),
    [
        ("Hold for 10 minutes, then swallow.", True, True),
        ("Hold for 10 minutes, then spit out.", True, False),
        ("Hold for 10 minutes, then spit out.", False, True),
        ("Hold for 10 minutes. Swallow what is left.", False, False),
        ("Do not swallow; spit out what is left.", True, False),
        ("Hold for 10 minutes.", True, False),
        ("Hold for 10 minutes.", False, False),
    ],
)
def test_directions_may_not_say_the_opposite_of_the_product(directions, spits, wrong):
    assert contradicts(directions, spits=spits) is wrong


@each(
    ("units", "verdict", "texts"),
    [
        (1, "fits", (
            "Dissolve one lozenge in the mouth.", "Hold one 100 mg lozenge.", "Hold for ten to 15 minutes.",
            "Take 0.1 g.",
            "Take 1 lozenge 2 times a week.", "Never take a double dose. One (1) lozenge.",
            "Take 1 lozenge for 10 minutes.",
            "Do not use more than two units in 72 hours.", "Hold under the tongue, then spit. Every 72 hours.",
            "Two hours after a light meal.", "Take 1.0 lozenge 2 times weekly.", "Hold 10-15 minutes.",
            "Take one 100mg lozenge, then spit out. Max 1 lozenge per session.",
        )),
        (2, "fits", (
            "Place 1 lozenge in each cheek.", "Dissolve two lozenges, one lozenge in each cheek.", "Both lozenges.",
            "Let one lozenge dissolve, then take the next.", "One lozenge after the other.",
            "Two, one after the other.", "One lozenge under your tongue and one in your cheek.",
            "1 lozenge 2 times, 15 min apart.", "Take 2 (two) units, never more than 3 units a week.", "Take 200 mg.",
            "2 x 100 mg lozenges.", "Two (2) 100-mg lozenges.", "2 small lozenges.", "No more than one session a week.",
        )),
        (4, "fits", ("Hold one lozenge at a time under the tongue.", "For one session: hold for 10 minutes.")),
        (1, "refuse", (
            "Dissolve TWO lozenges.", "Dissolve two lozenges, one lozenge in each cheek.", "Place 1 in each cheek.",
            "Take 2 lozenges. 30 min before, 1 tablet of ondansetron.", "2 x 100 mg lozenges", "2x100mg lozenges",
            "two (2) 100-mg lozenges", "2 sublingual lozenges", "two rapid-dissolve tablets", "2 ketamine troches",
            "both lozenges", "twelve lozenges", "one and a half lozenges", "half a lozenge", "1½ lozenges",
            "0 lozenges",
            "Dissolve 2 under the tongue", "2 tabs", "2 lozenge(s)", "2\xa0lozenges", "a two-lozenge dose", "2 RDTs",
            "Take 300 mg", "Take 300 mg under the tongue", "Hold one 200 mg lozenge",
            "Take 1 lozenge, up to 2 lozenges",
            "one to two troches", "1 - 2 lozenges", "1–2 lozenges",
        )),
        (2, "refuse", (
            "one lozenge", "1-2 lozenges", "1/2 lozenge", "one or two lozenges", "3 lozenges, 1 at a time",
            "Take 300 mg",
            "Take 100-200 mg", "One lozenge in each session.", "1 lozenge in either cheek",
        )),
        (5, "refuse", ("1.5 lozenges",)),
        (1, "ask", (
            "2 small lozenges", "Lozenges: 2", "Take another lozenge if needed", "1 lozenge; repeat after 15 minutes",
            "Take 3 of them", "3 per session", "Take 2 lzg", "Never take two lozenges",
            "One lozenge under your tongue and one in your cheek", "Take a double dose", "some lozenges",
            "1 lozenge, 15 minutes later 1 lozenge", "Take 0.5 mg/kg",
            "1 lozenge. Before it, 2 tablets of ondansetron.", "1 lozenge. Before it, 4 mg ondansetron.",
        )),
        (2, "ask", (
            "Take 100 mg under the tongue", "Two lozenges, or one lozenge if dizzy", "Up to 2 lozenges",
            "One lozenge, wait 15 minutes, then one lozenge", "1 lozenge 3 times", "Dissolve a lozenge",
            "Not more than 2 lozenges",
        )),
        (4, "ask", ("Not 50 mg troches; none of one strength.", "Place 1 lozenge in each cheek.")),
    ],
)  # fmt: skip
def test_directions_may_not_name_another_dose_than_the_order(units, verdict, texts):
    """21 CFR 1306.05: what names another dose is refused, and what cannot be read for sure is not told as fitting."""
    for text in texts:
        found = {item.weight.value for item in check_directions(text, units=units, strength_mg=Decimal(100))}
        assert ("refuse" if "refuse" in found else "ask" if found else "fits") == verdict, text


def test_directions_weigh_as_every_guard_rail_of_an_order():
    """Policy 8: a doubt asks for a written reason, another dose is refused whatever is written."""
    assert said(previous_mg=Decimal(100), directions="Lozenges: 2")[0] is DoseVerdict.NEEDS_REASON
    written = {"previous_mg": Decimal(100), "written_reason": "Two of half the size."}
    assert said(**written, directions="Lozenges: 2")[0] is DoseVerdict.ALLOWED
    assert said(**written, directions="Two lozenges")[0] is DoseVerdict.REFUSED
