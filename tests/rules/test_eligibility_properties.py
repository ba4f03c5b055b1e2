"""Properties of every decision, on a handful of random cases; tests/intake runs many more."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rules import eligibility_properties as properties
from tests.rules.eligibility_strategies import CASES, WORRIES

few = settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)


@few
@given(CASES)
def test_any_case_is_decided_and_reproducible(raw):
    properties.check_total_and_reproducible(raw)


@few
@given(CASES)
def test_order_does_not_matter(raw):
    properties.check_order_does_not_matter(raw)


@few
@given(CASES, WORRIES)
def test_a_contraindication_never_helps(raw, worry):
    properties.check_a_worry_never_helps(raw, worry)


@few
@given(CASES, st.sampled_from(["phq9", "cssrs", "conditions", "substances", "medicines", "blood_pressure"]))
def test_silence_never_helps(raw, key):
    properties.check_silence_never_helps(raw, key)
