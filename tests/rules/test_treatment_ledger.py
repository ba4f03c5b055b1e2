"""The supply ledger: it always balances (I2), what nobody can account for shows, and asking early is noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES
from treatment import policy
from treatment.rules import ledger
from treatment.rules.ledger import Asked, Line
from treatment.rules.supply import Supply, check_shipment, check_take

POLICY = policy.load()
NOW = datetime(2026, 11, 4, 18, 0, tzinfo=UTC)
UNITS = 2


def supply(line):
    return Supply(
        prescribed=line.prescribed,
        shipped=line.at_pharmacy + line.shipped,
        delivered=line.delivered,
        taken=line.taken,
        units_per_session=UNITS,
        strength_mg=Decimal(100),
        gone=line.gone,
    )


def moved(line, act, units):
    """The line after somebody tried this: as it was when a rule refuses."""
    if act == "order":
        return line if check_shipment(supply(line), units) else replace(line, at_pharmacy=line.at_pharmacy + units)
    if act == "ship":
        return replace(line, at_pharmacy=0, on_the_way=line.on_the_way + line.at_pharmacy)
    columns = {"deliver": "delivered", "lose_parcel": "lost_on_the_way", "turn_back": "came_back"}
    if act in columns:
        column = columns[act]
        return replace(line, on_the_way=0, **{column: getattr(line, column) + line.on_the_way})
    if act == "take":
        return line if check_take(supply(line)) else replace(line, taken=line.taken + UNITS)
    if ledger.check_entry(line, act, units):
        return line
    column = "missing" if act == "count" else act
    return replace(line, **{column: getattr(line, column) + ledger.leaves(line, act, units)})


ACTS = ("order", "ship", "deliver", "lose_parcel", "turn_back", "take", "returned", "destroyed", "lost", "count")


@TRIES
@given(st.integers(0, 12), st.lists(st.tuples(st.sampled_from(ACTS), st.integers(-1, 8)), max_size=24))
def test_whatever_is_tried_the_ledger_balances_and_nothing_exceeds_what_was_prescribed(prescribed, acts):
    """I2."""
    line = Line(prescribed=prescribed)
    for act, units in acts:
        line = moved(line, act, units)
        assert line.balances, (act, units, line)
        assert line.shipped <= line.prescribed, line
        assert line.taken <= line.prescribed, line
        assert supply(line).at_home == line.at_home, line
        if act == "count" and 0 <= units <= line.delivered:
            assert line.at_home == units
    assert ledger.total([line, line]).balances


def test_an_entry_is_never_more_than_there_is():
    line = Line(prescribed=6, delivered=4, taken=1)
    for kind, units, code in (
        ("returned", 0, "units_missing"),
        ("returned", 2, None),
        ("returned", 3, None),
        ("returned", 4, "more_than_at_home"),
        ("destroyed", 4, "more_than_at_home"),
        ("lost", 4, "more_than_at_home"),
        ("count", -1, "count_impossible"),
        ("count", 0, None),
        ("count", 4, None),
        ("count", 5, "count_impossible"),
    ):
        assert [item.code for item in ledger.check_entry(line, kind, units)] == ([code] if code else []), (kind, units)


def test_a_line_that_does_not_add_up_says_so():
    for wrong in (Line(prescribed=2, delivered=3), Line(prescribed=4, delivered=1, taken=2), Line(at_pharmacy=1)):
        assert not wrong.balances, wrong


def test_every_unit_that_is_missing_or_too_many_is_read():
    for units, read in ((0, False), (1, True), (-1, True), (3, True)):
        assert (ledger.unaccounted(units, POLICY) is not None) is read, units


def test_the_second_early_request_within_180_days_is_a_pattern():
    def found(*asked):
        asks = [Asked(NOW - timedelta(days=ago), left) for ago, left in asked]
        return ledger.early_refill_pattern(asks, now=NOW, policy=POLICY) is not None

    for asked, pattern in (
        ((), False),
        (((0, 8),), False),
        (((0, 8), (30, 8)), True),
        (((0, 8), (30, 7)), False),
        (((0, 8), (180, 8)), True),
        (((0, 8), (181, 8)), False),
    ):
        assert found(*asked) is pattern, asked


def test_days_left_are_whole_sessions_at_the_ordered_pace():
    for units, each, between, days in (
        (2, 1, "7", 14),
        (3, 2, "7", 7),
        (1, 2, "7", 0),
        (2, 1, "3.5", 7),
        (5, 0, "7", 0),
    ):
        assert ledger.days_left(units=units, units_per_session=each, days_between=Decimal(between)) == days, units
