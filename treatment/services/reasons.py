"""From the reason of a rule to the refusal that somebody reads."""

from collections.abc import Sequence

from harmoniously.core.common.errors import RuleViolation
from treatment import words
from treatment.rules.reasons import Reason


def refuse(reasons: Sequence[Reason]) -> None:
    """Raise RuleViolation with the first reason in the patient's words, if there is one."""
    if reasons:
        raise RuleViolation(words.patient_text(reasons[0]), reasons[0].code)
