"""Properties of every decision, on random cases (issue 3, I8).

Few here and always the same; PROPERTY_EXAMPLES=10000 runs many. tests/intake runs them on new cases each time.
"""

import os
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.case_reader import read_case
from intake.eligibility import assess
from tests.rules import eligibility_properties as properties
from tests.rules.random_cases import random_case, random_worry

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "10"))
SEEDS = st.integers(0, 2**32)
some = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@some
@given(SEEDS)
def test_any_case_is_decided_and_reproducible(seed):
    properties.check_total_and_reproducible(random_case(seed))


@some
@given(SEEDS)
def test_order_does_not_matter(seed):
    properties.check_order_does_not_matter(random_case(seed), seed)


@some
@given(SEEDS)
def test_a_contraindication_never_helps(seed):
    properties.check_a_worry_never_helps(random_case(seed), random_worry(seed))


@settings(some, max_examples=EXAMPLES // 3)
@given(SEEDS)
def test_silence_never_helps(seed):
    properties.check_silence_never_helps(random_case(seed))


@some
@given(SEEDS)
def test_crisis_always_wins(seed):
    properties.check_crisis_always_wins(random_case(seed))


@some
@given(SEEDS)
def test_a_brand_is_its_generic(seed):
    properties.check_a_brand_is_its_generic(random_case(seed))


def test_ten_thousand_cases_are_decided_in_ten_seconds():
    """Of one core. A part of them here, with time to spare; all of them with PROPERTY_EXAMPLES=10000."""
    many = max(EXAMPLES, 100)
    cases = [random_case(seed) for seed in range(many)]
    began = time.process_time()
    outcomes = {assess(read_case(case), properties.POLICY).outcome for case in cases}
    took = time.process_time() - began
    print(f"{many:,} cases decided in {took:.1f} s")
    assert len(outcomes) == 4
    assert many < 10_000 or took < 10
