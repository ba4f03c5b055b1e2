"""The questionnaire as a whole: its version says what was asked, and its choices mean one thing."""

import json
import re
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.utils import translation

from harmoniously.core.questions.specs import Field, Page
from intake.case import TakenFor, Trial
from intake.pages import INTAKE
from intake.pages.treatments import IMPROVEMENT
from intake.policy import load_policy
from intake.rules.trials import judge_trials

# What each version asked, as the digest of `_shape`. A line stays for good: answers name their version.
ASKED = {"2026.2": "0a2c124567729de6"}


def _shape() -> list[Any]:
    """The questions as they are answered: pages, fields and choices with their English words, without hints."""
    with translation.override("en"):
        return [
            [INTAKE.slug(page), page.key, page.section, str(page.title), _list(page), [_field(f) for f in page.fields]]
            for page in INTAKE.pages
        ]


def _list(page: Page) -> list[str]:
    return [str(page.repeat.first), str(page.repeat.none)] if page.repeat else []


def _field(spec: Field) -> list[Any]:
    options = [[option.code, str(option.label)] for option in spec.options]
    asked = [spec.name, str(spec.label), spec.kind.value, str(spec.none_label), spec.minimum, spec.maximum, options]
    return [*asked, spec.instrument.key if spec.instrument else ""]


def test_i8_the_version_rises_when_the_questions_change() -> None:
    """Answers are held against each other in today's words only where their version is today's (transcripts)."""
    found = sha256(json.dumps(_shape()).encode()).hexdigest()[:16]
    assert ASKED.get(INTAKE.version) == found, (
        f"The questions are not those of {INTAKE.version}. Raise INTAKE.version (intake/pages/__init__.py) and add "
        f'its line to ASKED here: "<new version>": "{found}". A line of a version that was handed in is never changed.'
    )


def test_ux_09_every_per_cent_of_improvement_is_one_choice_and_one_verdict() -> None:
    """Policy section 2: 25 fails, 26 to 49 is partial, 50 responded; the words of each choice say its per cents."""
    with translation.override("en"):
        rows = [(float(one.code), re.findall(r"\d+", str(one.label))) for one in IMPROVEMENT if one.code != "unknown"]
    spans = [(stored, range(int(ends[0]), int(ends[-1]) + 1)) for stored, ends in rows]
    assert [percent for _, span in spans for percent in span] == list(range(101))
    verdicts = {percent: _verdict(percent) for percent in range(101)}
    assert [(one, len(list(of))) for one, of in groupby(verdicts.values())] == [
        ("failed_adequate", 26),
        ("partial", 24),
        ("responded", 51),
    ]
    assert [stored for stored, span in spans if {verdicts[one] for one in span} != {_verdict(stored)}] == []


def _verdict(percent: float) -> str:
    trial = Trial("sertraline", 100, 12, TakenFor.DEPRESSION, improvement_percent=percent)
    return judge_trials([trial], load_policy())[0].verdict.value
