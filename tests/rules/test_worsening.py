"""What newer answers have against a treatment that was approved (policy section 9: stop and refer)."""

from typing import Any

from intake.rules.worsening import PHQ9_WORSE, scores_worse, speaks_against
from tests.rules.tables import each
from treatment.policy import load


def finding(code: str, tier: str, about: str = "hypertension", **facts: Any) -> dict[str, Any]:
    return {"code": code, "tier": tier, "about": about, "facts": facts, "patient_text": f"Why {code}."}


APPROVED = [
    finding("condition.hypertension", "review"),
    finding("medicine.unrecognised", "review", "unrecognised_medicine", medicine="Foo"),
    finding("condition.stroke_or_tia.with_letter", "review", "stroke_or_tia"),
    finding("off_label", "note", "off_label"),
]
# the newer finding -> whether the treatment waits for a prescriber
CASES = {
    "nothing new": (None, False),
    "mania": (finding("condition.mania_current", "exclude", "mania_current"), True),
    "a new review": (finding("condition.sleep_apnea", "review", "sleep_apnea"), True),
    "another unknown medicine": (
        finding("medicine.unrecognised", "review", "unrecognised_medicine", medicine="Bar"),
        True,
    ),
    "the same with other facts": (finding("condition.hypertension", "review", weeks_ago=3), False),
    "heavier than before": (finding("condition.hypertension", "exclude"), True),
    "a letter that does not do": (
        finding("condition.stroke_or_tia.letter_missing", "information", "stroke_or_tia"),
        True,
    ),
    "a high pressure": (finding("blood_pressure.above_limit", "information", "blood_pressure"), True),
    "a pressure that is measured at the gate": (
        finding("blood_pressure.none_recent", "information", "blood_pressure"),
        False,
    ),
    "a questionnaire too old": (finding("instrument.phq9.missing", "information", "instrument.phq9"), False),
    "somebody whom it helps": (finding("indication.none_reaches_threshold", "information", "indication"), False),
    "a suicide risk, which has its own hold": (finding("suicide_risk.low", "review", "suicide_risk"), False),
    "a note": (finding("medicine.note", "note", "lithium"), False),
    "an exclusion whatever it is about": (finding("instrument.x", "exclude", "sitter"), True),
}


@each("name", CASES)
def test_policy_9_what_speaks_against_an_approved_treatment(name: str) -> None:
    newer, against = CASES[name]
    newest = [*APPROVED, newer] if newer else APPROVED
    assert speaks_against(APPROVED, newest) == ([newer] if against else [])


@each(("now", "worse"), [(10, False), (14, False), (15, True), (16, True), (4, False), (None, False)])
def test_policy_3_and_9_a_phq9_that_is_worse_by_five_stops_a_treatment(now: int | None, worse: bool) -> None:
    newest = {} if now is None else {"phq9": {"total": now}}
    assert scores_worse({"phq9": {"total": 10}}, newest) is worse
    assert not scores_worse({}, newest)
    assert load().check_in.phq9_worsening == PHQ9_WORSE
