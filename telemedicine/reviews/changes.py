"""What changed since the answers before, in words: answers, findings, the outcome, and the reason the patient gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from intake.models import EligibilityDecision
from intake.transcripts import comparable
from telemedicine.reviews.findings import Finding, in_words
from telemedicine.reviews.rules.changes import AnswerChange, FindingChange, answers_changed, findings_changed
from telemedicine.reviews.wording import CHANGE_WORDS, RESISTANCE_WORDS, RISK_WORDS, TIER_WORDS, Tagged


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """One answer, before and now."""

    kind: Tagged
    page: str
    question: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedFinding:
    """One finding, before and now; each with the words of its tier."""

    kind: Tagged
    before: Finding | None
    before_tier: Tagged | None
    after: Finding | None
    after_tier: Tagged | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One summary of a decision that reads otherwise now."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that differs between two versions."""

    since: datetime
    reason: str
    verdicts: list[Verdict]
    answers: list[ChangedAnswer]
    findings: list[ChangedFinding]


def changes(older: EligibilityDecision, newer: EligibilityDecision) -> Changes:
    """What is different in the newer decision."""
    before, after = comparable(older.submission, newer.submission)
    return Changes(
        since=older.submission.submitted_at or older.decided_at,
        reason=reason_of(newer),
        verdicts=_verdicts(older, newer),
        answers=[_answer(change) for change in answers_changed(before, after)],
        findings=[_finding(change) for change in findings_changed(older.findings, newer.findings)],
    )


def reason_of(decision: EligibilityDecision) -> str:
    """Why the patient changed their answers, with what they wrote about it; empty for the first version."""
    submission = decision.submission
    parts = [submission.get_amend_reason_display() if submission.amend_reason else "", submission.amend_note or ""]
    return ": ".join(part for part in parts if part)


def _answer(change: AnswerChange) -> ChangedAnswer:
    page = f"{change.page}: {change.entry}" if change.entry else change.page
    return ChangedAnswer(_kind(change.kind), page, change.question, change.before, change.after)


def _finding(change: FindingChange) -> ChangedFinding:
    before, after = change.before, change.after
    return ChangedFinding(
        kind=_kind(change.kind),
        before=in_words(before) if before else None,
        before_tier=_tier(before),
        after=in_words(after) if after else None,
        after_tier=_tier(after),
    )


def _kind(kind: str) -> Tagged:
    return Tagged(*CHANGE_WORDS[kind])


def _tier(finding: Mapping[str, Any] | None) -> Tagged | None:
    return Tagged(*TIER_WORDS[finding["tier"]]) if finding else None


def _verdicts(older: EligibilityDecision, newer: EligibilityDecision) -> list[Verdict]:
    readings: tuple[tuple[str, Callable[[EligibilityDecision], str]], ...] = (
        (_("The rules say"), lambda row: row.get_outcome_display()),
        (_("Suicide risk"), lambda row: str(RISK_WORDS[row.suicide_risk][1])),
        (_("Treatment resistance"), _resistance),
        (_("Policy"), lambda row: row.policy_version),
    )
    found = [Verdict(name, read(older), read(newer)) for name, read in readings]
    return [one for one in found if one.before != one.after]


def _resistance(decision: EligibilityDecision) -> str:
    status = (decision.summary.get("treatment_resistance") or {}).get("status", "")
    return str(RESISTANCE_WORDS[status][1]) if status in RESISTANCE_WORDS else ""
