"""The next supply: one below, on and above each number, and that nothing is granted while anything is missing."""

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES, each
from treatment import policy
from treatment.rules.refill import RefillFacts, check_grant, refill

POLICY = policy.load()
ISSUED = date(2026, 5, 31)
LAST = date(2026, 11, 30)
READY = RefillFacts(
    in_treatment=True,
    prescribed=True,
    ended=False,
    in_force=True,
    issued_on=ISSUED,
    today=date(2026, 8, 1),
    prescriber_today=date(2026, 8, 1),
    units_per_session=2,
    sessions_at_home=1,
    days_left=7,
    left_to_ship=8,
    fills=1,
    on_the_way=False,
)


@each(
    ("changes", "status"),
    [
        ({"sessions_at_home": 0}, "open"),
        ({"sessions_at_home": 1}, "open"),
        ({"sessions_at_home": 2}, "not_yet"),
        # The same number as in the ledger: what lasts longer than a week is early.
        ({"days_left": 6}, "open"),
        ({"days_left": 8}, "not_yet"),
        ({"in_treatment": False}, "nothing"),
        ({"prescribed": False}, "nothing"),
        ({"ended": True, "in_force": False}, "ended"),
        ({"on_the_way": True}, "on_the_way"),
        ({"request": "requested", "sessions_at_home": 5}, "requested"),
        ({"request": "asked"}, "asked"),
        ({"check_ins_open": 1}, "missing"),
        ({"scores_due": True}, "missing"),
        ({"ledger_clean": False}, "missing"),
        ({"paused": True, "in_force": False}, "missing"),
        ({"safety_hold": True}, "missing"),
        ({"case_hold": True}, "missing"),
        ({"sign_unread": True}, "missing"),
        ({"visit_overdue": True}, "missing"),
        ({"evaluation_due": True}, "missing"),
        ({"consents_in_force": False}, "missing"),
        # An expired prescription makes what is at home no supply.
        ({"sessions_at_home": 4, "today": LAST}, "not_yet"),
        ({"sessions_at_home": 4, "today": LAST + timedelta(days=1)}, "open"),
    ],
)
def test_the_next_supply_has_one_status(changes, status):
    assert refill(replace(READY, **changes), POLICY).status == status


@each(
    ("changes", "code"),
    [
        ({"today": LAST - timedelta(days=1)}, None),
        ({"today": LAST}, None),
        ({"today": LAST + timedelta(days=1)}, "refill_expired"),
        # Midnight has passed where the prescriber is, not yet where the patient is: the later day counts.
        ({"today": LAST, "prescriber_today": LAST + timedelta(days=1)}, "refill_expired"),
        ({"fills": 5}, None),  # the fifth refill is still to come
        ({"fills": 6}, "refill_count_reached"),  # five refills were sent (21 CFR 1306.22)
        ({"fills": 7}, "refill_count_reached"),
        ({"left_to_ship": 3}, None),
        ({"left_to_ship": 2}, None),
        ({"left_to_ship": 1}, "refill_used_up"),
        ({"in_force": False}, "refill_not_in_force"),
    ],
)
def test_a_new_prescription_is_needed_where_nothing_more_may_be_sent(changes, code):
    facts = replace(READY, **changes)
    found = refill(facts, POLICY)
    assert [item.code for item in found.needs_new] == ([code] if code else [])
    assert found.last_day == LAST
    assert bool(check_grant(facts, 2, POLICY)) is bool(code)


@each(
    ("units", "code"),
    [
        (0, "quantity_not_whole_sessions"),
        (1, "quantity_not_whole_sessions"),
        (2, None),
        (7, "quantity_not_whole_sessions"),
        (8, None),
        (10, "shipment_over_prescribed"),
    ],
)
def test_whole_sessions_are_sent_within_what_was_prescribed(units, code):
    """I2."""
    assert [item.code for item in check_grant(READY, units, POLICY)] == ([code] if code else [])


def test_more_is_not_sent_while_there_is_enough_or_some_is_on_its_way():
    for changes in ({"sessions_at_home": 2}, {"on_the_way": True}, {"in_treatment": False}, {"ended": True}):
        assert check_grant(replace(READY, **changes), 2, POLICY)[0].code == "refill_not_due", changes


BLOCKS = (
    "safety_hold",
    "case_hold",
    "sign_unread",
    "unreleased",
    "paused",
    "evaluation_due",
    "visit_overdue",
    "scores_due",
)
FLAGS = [field.name for field in fields(RefillFacts) if field.type == "bool" or field.type is bool]


@TRIES
@given(
    st.fixed_dictionaries({name: st.booleans() for name in FLAGS}),
    st.integers(-3, 3),
    st.integers(0, 4),
    st.integers(0, 9),
    st.integers(0, 8),
    st.sampled_from(["", "requested", "asked"]),
    st.integers(-1, 12),
)
def test_what_is_granted_is_always_in_force_unexpired_complete_and_within(
    flags, days, at_home, left, fills, request, units
):
    """I2, policy 10: whatever the facts, a grant implies each of them."""
    facts = replace(
        READY,
        **flags,
        today=LAST + timedelta(days=days),
        sessions_at_home=at_home,
        left_to_ship=left,
        fills=fills,
        request=request,
    )
    if check_grant(facts, units, POLICY):
        return
    assert facts.in_treatment and facts.in_force and not facts.ended
    assert facts.today <= LAST and fills <= 5
    assert 0 < units <= left and units % 2 == 0
    assert facts.consents_in_force and facts.ledger_clean
    assert not any(getattr(facts, name) for name in BLOCKS)
    assert request or at_home <= 1
