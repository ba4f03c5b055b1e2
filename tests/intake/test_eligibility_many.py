"""Properties of every decision, on random cases; in tests/rules inventing them would take most of the time."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake import eligibility_properties as properties
from tests.intake.eligibility_strategies import CASES, WORRIES

many = settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
ANSWERS = ["phq9", "cssrs", "conditions", "substances", "medicines", "blood_pressure", "antidepressant_trials", "state"]


@many
@given(CASES)
def test_any_case_is_decided_and_reproducible(raw):
    properties.check_total_and_reproducible(raw)


@many
@given(CASES)
def test_order_does_not_matter(raw):
    properties.check_order_does_not_matter(raw)


@many
@given(CASES, WORRIES)
def test_a_contraindication_never_helps(raw, worry):
    properties.check_a_worry_never_helps(raw, worry)


@many
@given(CASES, st.sampled_from(ANSWERS))
def test_silence_never_helps(raw, key):
    properties.check_silence_never_helps(raw, key)
