"""Random cases that the format allows, for the properties that must hold for all of them."""

from typing import Any

from hypothesis import strategies as st

from intake.case import (
    CONDITION_CODES,
    Disorder,
    DocumentKind,
    Episode,
    Frequency,
    Indication,
    Sex,
    StoppedBecause,
    Substance,
    TakenFor,
    Use,
)
from tests.rules.eligibility_cases import CLEAN, days_ago

NAMES = [
    "Zoloft 150", "sertraline", "Lexapro", "Paxil CR", "Brisdelle", "Wellbutrin XL 300", "Aplenzin", "Auvelity",
    "Emsam", "selegiline", "Prozac Weekly", "Effexor XR", "Zurzuvae", "Zulresso", "Spravato", "lithium", "TMS",
    "Zolft", "Percocet", "buprenorphine", "Xanax", "Plavix", "grapefruit", "Biaxin", "theophylline", "Symbyax",
    "Lipitor", "",
]  # fmt: skip


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def number(lowest: float, highest: float) -> st.SearchStrategy[Any]:
    return maybe(st.integers(int(lowest), int(highest)) | st.floats(lowest, highest, allow_nan=False))


def one_of(options: Any) -> st.SearchStrategy[Any]:
    return maybe(st.sampled_from([option.value for option in options]))


def rows(size: int = 3, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return maybe(st.lists(st.fixed_dictionaries({}, optional=fields), max_size=size))


def items(length: int, highest: int) -> st.SearchStrategy[Any]:
    return maybe(st.lists(maybe(st.integers(0, highest)), min_size=length, max_size=length))


def answers(*keys: str) -> st.SearchStrategy[Any]:
    return maybe(st.fixed_dictionaries({}, optional={key: maybe(st.booleans()) for key in keys}))


def day(most: int) -> st.SearchStrategy[Any]:
    return maybe(st.integers(0, most).map(days_ago))


_NAME = maybe(st.sampled_from(NAMES) | st.text(max_size=12))
_ANY = {
    "date_of_birth": day(40_000),
    "sex_at_birth": one_of(Sex),
    "state": maybe(st.sampled_from(["CA", "NY", "PR"]) | st.text(max_size=3)),
    "weight_kg": number(20, 400),
    "height_cm": number(80, 250),
    "indications": maybe(st.lists(st.sampled_from([one.value for one in Indication]), max_size=3)),
    "antidepressant_trials": rows(
        4,
        medicine=_NAME,
        max_daily_dose_mg=number(0, 400),
        weeks_at_dose=number(0, 12),
        taken_for=one_of(TakenFor),
        episode=one_of(Episode),
        improvement_percent=number(0, 100),
        stopped_because=one_of(StoppedBecause),
    ),
    "phq9": items(9, 3),
    "gad7": items(7, 3),
    "pcl5": items(20, 4),
    "peg": items(3, 10),
    "cssrs": answers(*CLEAN["cssrs"]),
    "conditions": rows(code=maybe(st.sampled_from(sorted(CONDITION_CODES))), weeks_ago=number(0, 120)),
    "substances": rows(
        substance=one_of(Substance), use=one_of(Use), disorder=one_of(Disorder), remission_months=number(0, 24)
    ),
    "medicines": rows(name=_NAME, dose=maybe(st.text(max_size=5)), frequency=one_of(Frequency)),
    "blood_pressure": rows(4, taken_on=day(40), systolic=number(90, 200), diastolic=number(50, 130)),
    "heart_rate": number(20, 250),
    "reproductive": answers("can_become_pregnant", "pregnant", "breastfeeding", "trying_to_conceive"),
    "documents": rows(kind=one_of(DocumentKind), dated=day(120)),
    "adult_sitter": maybe(st.booleans()),
}

# Some answers random, the others those of a patient whom nothing holds up: both kinds of outcome are common.
CASES = st.fixed_dictionaries({}, optional=_ANY).map(lambda random: {**CLEAN, **random})
LISTS = ("antidepressant_trials", "conditions", "substances", "medicines", "blood_pressure", "documents", "indications")

_TIMES = {"weeks_ago": number(0, 120)}
# Saying when the last mania was answers a question, so the code `bipolar` may help and is left out.
_CODES = st.sampled_from(sorted(CONDITION_CODES - {"bipolar"}))
_SUBSTANCES = st.sampled_from([one.value for one in Substance])
_HIGH = {
    "taken_on": st.integers(0, 30).map(days_ago),
    "systolic": st.integers(181, 250),
    "diastolic": st.integers(121, 150),
}

# Each of these is a contraindication or a worry: adding it can never make an outcome better.
WORRIES = st.one_of(
    st.tuples(st.just("conditions"), st.fixed_dictionaries({"code": _CODES}, optional=_TIMES)),
    st.tuples(st.just("substances"), st.fixed_dictionaries({"substance": _SUBSTANCES}, optional={"use": one_of(Use)})),
    st.tuples(
        st.just("medicines"),
        st.fixed_dictionaries({"name": st.sampled_from(NAMES)}, optional={"frequency": one_of(Frequency)}),
    ),
    st.tuples(st.just("blood_pressure"), st.fixed_dictionaries(_HIGH)),
)
