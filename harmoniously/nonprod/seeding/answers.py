"""What the invented patients answer in the intake, in the form in which the pages keep it."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from harmoniously.nonprod.seeding.people import Person
from intake.pages.substances import NAMES as SUBSTANCES

Answers = dict[str, Any]
# Medicine, class, mg a day: each adequate by house policy 2.
TRIALS = (
    ("sertraline", "SSRI", 150.0),
    ("escitalopram", "SSRI", 20.0),
    ("venlafaxine", "SNRI", 225.0),
    ("bupropion", "NDRI", 300.0),
    ("mirtazapine", "NaSSA", 30.0),
)


@dataclass(frozen=True)
class Circumstances:
    """What differs between the stories: scores, pressure, what excludes or is missing, and thoughts of suicide."""

    phq9: int = 17
    gad7: int = 11
    pressure: tuple[int, int] = (122, 78)
    heart: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    mind: tuple[str, ...] = ()
    times: tuple[tuple[str, int, str], ...] = ()
    trials: int = 2
    medicines: tuple[tuple[str, str], ...] = ()
    wish_dead: bool = False
    thoughts: bool = False
    method: bool = False
    plan: bool = False
    indications: tuple[str, ...] = ("depression",)


def spread(total: int, items: int, top: int, rng: Random, *, last: int | None = None) -> list[int]:
    """Item scores that add up to a total, each from 0 to top; the last one given when it matters."""
    scores = [0] * items
    free = list(range(items if last is None else items - 1))
    if last is not None:
        scores[-1] = last
    left = max(0, total - sum(scores))
    while left and free:
        place = rng.choice(free)
        scores[place] += 1
        left -= 1
        if scores[place] == top:
            free.remove(place)
    return scores


def intake_answers(person: Person, story: Circumstances, rng: Random, *, on: date, emergency: str) -> Answers:
    """Every page of the intake, answered on a day."""
    answers: Answers = {
        **_about(person, emergency),
        "indications": {"codes": list(story.indications)},
        "phq9": {"items": spread(story.phq9, 9, 3, rng, last=1 if story.thoughts or story.wish_dead else 0)},
        "gad7": {"items": spread(story.gad7, 7, 3, rng)},
        **_thoughts(story),
        **_treatments(story, rng),
        **_conditions(story),
        "substances": dict.fromkeys(SUBSTANCES, "never") | {"alcohol": "less_than_monthly"},
        "substance_details": {"alcohol_amount": "1 glass of wine", "alcohol_last": {"amount": 3, "unit": "weeks"}},
        "substance_problems": {"alcohol": "none"},
        **_body(person, story, rng, on),
        "sitter": {"adult": "yes"},
        "sitter_details": {"name": person.sitter, "phone": "+15550100142"},
    }
    return answers


def _about(person: Person, emergency: str) -> Answers:
    return {
        "about_you": {
            "legal_name": person.name,
            "preferred_name": person.preferred,
            "date_of_birth": person.born.isoformat(),
            "sex_at_birth": person.sex,
            "phone": person.phone,
            "texts": True,
        },
        "where_you_are": {
            "street": person.street,
            "city": "Testville",
            "state": person.state,
            "zip": "90001",
            "zone": person.zone,
        },
        "emergency_contact": {"name": emergency, "phone": "+15550100177", "relation": "family"},
    }


def _thoughts(story: Circumstances) -> Answers:
    pages: Answers = {
        "cssrs_thoughts": {"wish_dead": story.wish_dead or story.thoughts, "suicidal_thoughts": story.thoughts},
        "cssrs_behavior": {"behavior_lifetime": False},
    }
    if story.thoughts:
        pages["cssrs_plans"] = {"method": story.method or story.plan, "intent": story.plan, "plan": story.plan}
    return pages


def _treatments(story: Circumstances, rng: Random) -> Answers:
    chosen = rng.sample(TRIALS, len(TRIALS))
    distinct = {group: (name, dose) for name, group, dose in chosen}
    trials = [
        {
            "id": _id(rng),
            "medicine": name,
            "dose": dose,
            "dose_unit": "mg",
            "weeks": rng.randint(8, 30),
            "taken_for": "depression",
            "episode": "current",
            "improvement": "10",
            "stopped": "no_benefit",
        }
        for name, dose in list(distinct.values())[: story.trials]
    ]
    medicines = [
        {"id": _id(rng), "name": name, "dose": "", "frequency": frequency} for name, frequency in story.medicines
    ]
    return {
        "antidepressants": {"items": trials, "complete": True},
        "medicines": {"items": medicines, "complete": True},
    }


def _conditions(story: Circumstances) -> Answers:
    pages: Answers = {
        "conditions_heart": {"codes": list(story.heart)},
        "conditions_brain": {"codes": []},
        "conditions_body": {"codes": list(story.body)},
        "conditions_mind": {"codes": list(story.mind)},
    }
    if story.times:
        pages["condition_times"] = {code: {"amount": amount, "unit": unit} for code, amount, unit in story.times}
    return pages


def _body(person: Person, story: Circumstances, rng: Random, on: date) -> Answers:
    upper, lower = story.pressure
    reading = {
        "id": _id(rng),
        "taken_on": (on - timedelta(days=1)).isoformat(),
        "pressure": {"systolic": upper, "diastolic": lower},
    }
    pages: Answers = {
        "blood_pressure": {"items": [reading], "complete": True},
        "body": {"heart_rate": rng.randint(62, 84), "height": 172.0, "weight": float(rng.randint(58, 95))},
    }
    if person.sex != "male":
        pages["pregnancy_possible"] = {"can_become_pregnant": False, "breastfeeding": False}
    return pages


def _id(rng: Random) -> str:
    return UUID(int=rng.getrandbits(128), version=4).hex
