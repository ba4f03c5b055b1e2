"""The properties of every decision on new random cases each time; tests/rules runs them on a few that stay."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rules import eligibility_properties as properties
from tests.rules.random_cases import random_case, random_worry

SEEDS = st.integers(0, 2**32)
many = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@many
@given(SEEDS)
def test_what_holds_for_every_case(seed):
    raw = random_case(seed)
    properties.check_total_and_reproducible(raw)
    properties.check_order_does_not_matter(raw, seed)
    properties.check_a_worry_never_helps(raw, random_worry(seed))
    properties.check_crisis_always_wins(raw)
    properties.check_a_brand_is_its_generic(raw)


@settings(many, max_examples=25)
@given(SEEDS)
def test_silence_never_helps(seed):
    properties.check_silence_never_helps(random_case(seed))
