"""Random cases that the format allows, near the numbers of the policy, from a seed: ten thousand in some seconds.

Hypothesis draws the seeds. A case is the clean one with a few or with many answers random, so every outcome is common
and a failing case is seldom long.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

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

LISTS = ("antidepressant_trials", "conditions", "substances", "medicines", "blood_pressure", "documents", "indications")
# Names with their generic where they are nothing but another name of it.
GENERICS = {
    "Zoloft 150": "sertraline 150", "Lexapro": "escitalopram", "Wellbutrin XL 300": "bupropion",
    "Emsam": "selegiline patch", "Prozac Weekly": "fluoxetine weekly", "Effexor XR": "venlafaxine",
    "Paxil CR": "paroxetine CR", "Zurzuvae": "zuranolone", "Zulresso": "brexanolone", "Spravato": "esketamine",
    "Percocet": "oxycodone", "Suboxone": "buprenorphine", "Xanax": "alprazolam", "Plavix": "clopidogrel",
    "Biaxin": "clarithromycin", "Symbyax": "olanzapine fluoxetine", "Lipitor": "atorvastatin",
}  # fmt: skip
NAMES = [
    *GENERICS, "Brisdelle", "Aplenzin", "Auvelity", "selegiline", "Luvox", "lithium", "TMS", "Zolft", "Xanaks",
    "grapefruit", "theophylline", "mirtazapine", "tramadol", "Quillfeather drops", "",
]  # fmt: skip
DOSES = (5, 6, 10, 20, 25, 40, 50, 60, 75, 90, 100, 150, 210, 300, 348)
HIGH = {"taken_on": days_ago(3), "systolic": 181, "diastolic": 121}


def _options(values: Iterable[Any]) -> list[str]:
    return [value.value for value in values]


class _Draw:
    """Draws answers; each may be missing, as an absent key or as null."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def near(self, *numbers: float) -> float:
        """One of the numbers, or a little or one beside it."""
        return max(0, round(self.random.choice(numbers) + self.random.choice((-1, -0.1, 0, 0, 0.1, 1)), 1))

    def some(self, draw: Callable[[], Any], most: int) -> list[Any]:
        return [draw() for _ in range(self.random.randint(0, most))]

    def row(self, **answers: Any) -> dict[str, Any]:
        kept = {key: None if self.random.random() < 0.08 else value for key, value in answers.items()}
        return {key: value for key, value in kept.items() if value is not None or self.random.random() < 0.5}

    def items(self, length: int, highest: int, total: int) -> list[int | None]:
        """Answers that add up to about a total; sometimes one is missing."""
        wanted = total + self.random.choice((-1, 0, 1, 8))
        answers: list[int | None] = [min(highest, wanted // length + (at < wanted % length)) for at in range(length)]
        if self.random.random() < 0.1:
            answers[self.random.randrange(length)] = None
        return answers

    def trial(self) -> dict[str, Any]:
        choice = self.random.choice
        return self.row(
            medicine=choice(NAMES),
            max_daily_dose_mg=self.near(*DOSES),
            weeks_at_dose=self.near(2, 4, 6, 12),
            taken_for=choice(["depression"] * 8 + _options(TakenFor)),
            episode=choice(_options(Episode)),
            improvement_percent=min(100, self.near(0, 10, 25, 26, 50)),
            stopped_because=choice(_options(StoppedBecause)),
        )

    def condition(self) -> dict[str, Any]:
        weeks = self.near(0, 6, 26, 52, 100) if self.random.random() < 0.8 else None
        return self.row(code=self.random.choice(sorted(CONDITION_CODES)), weeks_ago=weeks)

    def substance(self) -> dict[str, Any]:
        choice = self.random.choice
        return self.row(
            substance=choice(_options(Substance)),
            use=choice(_options(Use)),
            disorder=choice([None, *_options(Disorder)]),
            remission_months=choice([None, self.near(0, 12, 24)]),
        )

    def medicine(self) -> dict[str, Any]:
        choice = self.random.choice
        return self.row(name=choice(NAMES), dose=choice([None, "one"]), frequency=choice(_options(Frequency)))

    def reading(self) -> dict[str, Any]:
        return self.row(
            taken_on=days_ago(self.random.choice((0, 1, 1, 2, 30, 31))),
            systolic=self.near(120, 135, 140, 150, 160, 180),
            diastolic=self.near(70, 85, 90, 100, 120),
        )

    def document(self) -> dict[str, Any]:
        kind = self.random.choice(_options(DocumentKind))
        return self.row(kind=kind, dated=days_ago(self.random.choice((0, 30, 89, 90, 91))))

    def answers(self, *keys: str) -> dict[str, bool | None]:
        return {key: self.random.choice((None, False, False, False, True)) for key in keys}

    def answer(self, key: str) -> Any:
        choice = self.random.choice
        answers: dict[str, Callable[[], Any]] = {
            "date_of_birth": lambda: choice(("2008-11-02", "2008-11-03", "1961-11-02", "1961-11-03", "1950-01-01")),
            "sex_at_birth": lambda: choice(_options(Sex)),
            "state": lambda: choice(("CA", "ny ", "PR", "")),
            "weight_kg": lambda: choice((49.9, 50, 102.3, 102.4, 200)),
            "height_cm": lambda: choice((160, 178)),
            "indications": lambda: self.random.sample(_options(Indication), self.random.randint(0, 3)),
            "antidepressant_trials": lambda: self.some(self.trial, 4),
            "phq9": lambda: self.items(9, 3, 10),
            "gad7": lambda: self.items(7, 3, 10),
            "pcl5": lambda: self.items(20, 4, 33),
            "peg": lambda: self.items(3, 10, 12),
            "cssrs": lambda: self.answers(*CLEAN["cssrs"]),
            "conditions": lambda: self.some(self.condition, 2),
            "substances": lambda: self.some(self.substance, 2),
            "medicines": lambda: self.some(self.medicine, 3),
            "blood_pressure": lambda: self.some(self.reading, 4),
            "heart_rate": lambda: self.near(50, 110),
            "reproductive": lambda: self.answers(
                "can_become_pregnant", "pregnant", "breastfeeding", "trying_to_conceive"
            ),
            "documents": lambda: self.some(self.document, 3),
            "adult_sitter": lambda: choice((True, False)),
        }
        return None if self.random.random() < 0.1 else answers[key]()

    def worry(self) -> tuple[str, dict[str, Any]]:
        """A row that is a contraindication or a worry. Saying when the last mania was may help, so not `bipolar`."""
        key = self.random.choice(("conditions", "substances", "medicines", "blood_pressure"))
        if key == "conditions":
            return key, {**self.condition(), "code": self.random.choice(sorted(CONDITION_CODES - {"bipolar"}))}
        if key == "substances":
            return key, {**self.substance(), "substance": self.random.choice(_options(Substance))}
        return key, dict(HIGH) if key == "blood_pressure" else {**self.medicine(), "name": self.random.choice(NAMES)}


def random_case(seed: int) -> dict[str, Any]:
    """The case of a seed."""
    draw = _Draw(seed)
    part = draw.random.choice((0.05, 0.2, 0.6))
    changed = [key for key in CLEAN if key not in ("schema", "as_of") and draw.random.random() < part]
    return {**CLEAN, **{key: draw.answer(key) for key in changed}}


def random_worry(seed: int) -> tuple[str, dict[str, Any]]:
    """A list and a row to add to it that can never make an outcome better."""
    return _Draw(seed).worry()
