"""What the pages of one version show: its decision without the actions, and the answers as they were given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.documents.services import is_intact
from harmoniously.core.questions.said import Question, Shown, Transcript
from intake import transcripts
from intake.models import EligibilityDecision, Submission
from telemedicine.reviews import papers, selectors, versions
from telemedicine.reviews.changes import changes, reason_of
from telemedicine.reviews.evidence import evidence
from telemedicine.reviews.wording import Item


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its answer; beside them the reader's language, where it was asked in another."""

    question: Question
    wording: str = ""
    answer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageShown:
    """One page: its entries, each with a title (empty where the page is no list) and its questions."""

    page: Shown
    entries: list[tuple[str, list[Asked]]]


@dataclass(frozen=True, slots=True)
class Part:
    """The pages of one section of the questionnaire."""

    title: str
    pages: list[PageShown] = field(default_factory=list)


def zone_of(user: User) -> str:
    """The zone that the reader lives by."""
    clinician = selectors.clinician_of(user)
    return clinician.zone if clinician else clock.PRACTICE_ZONE


def of_version(decision: EligibilityDecision) -> dict[str, Any]:
    """One version of the case, to be read."""
    listed, older = versions.listed(decision), versions.before(decision)
    return {
        "versions": listed,
        "number": versions.place_of(decision),
        "evidence": evidence(decision),
        "changes": changes(older, decision) if older else None,
        "letters": papers.letters(decision),
    }


def of_answers(decision: EligibilityDecision) -> dict[str, Any]:
    """The answers of one version: what was asked, in the words that were shown, and what was answered."""
    listed = versions.listed(decision)
    submission = decision.submission
    document = transcripts.kept_copies([submission]).get(submission.pk)
    said = transcripts.said(submission, document)
    pages = _shown(said.transcript, _in_readers_language(said, submission))
    return {
        "versions": listed,
        "number": versions.place_of(decision),
        "submission": submission,
        "parts": _parts([page for page in pages if page.page.used]),
        "closed": [page for page in pages if not page.page.used],
        "left_open": _left_open(pages),
        "said": said,
        "intact": is_intact(document) if document else None,
        "reason": reason_of(decision),
    }


def _shown(transcript: Transcript, here: dict[tuple[str, str, str], Question]) -> list[PageShown]:
    found = []
    for page in transcript.pages:
        entries = []
        for entry in page.entries:
            asked = []
            for one in entry.questions:
                other = here.get((page.key, entry.key, one.key))
                same = other is None or (other.wording, other.answer) == (one.wording, one.answer)
                asked.append(Asked(one) if same or other is None else Asked(one, other.wording, other.answer))
            entries.append((entry.title, asked))
        found.append(PageShown(page, entries))
    return found


def _parts(pages: Iterable[PageShown]) -> list[Part]:
    """Pages that follow each other in one section, together; a page that was asked earlier stays where it was asked."""
    found: list[Part] = []
    for page in pages:
        if not found or found[-1].title != page.page.section:
            found.append(Part(page.page.section))
        found[-1].pages.append(page)
    return found


def _left_open(pages: Iterable[PageShown]) -> list[Item]:
    """The questions that nobody answered though they had to be, by the page and the entry they stand on."""
    found = []
    for page in pages:
        for title, questions in page.entries:
            left = [one.question.wording for one in questions if not (one.question.answered or one.question.optional)]
            if left and page.page.used:
                found.append(Item(f"{page.page.name}, {title}" if title else page.page.name, "; ".join(left)))
    return found


def _in_readers_language(said: transcripts.Said, submission: Submission) -> dict[tuple[str, str, str], Question]:
    """Every question in the reader's language, where it was asked in another."""
    language = said.transcript.language
    if not language or language.split("-")[0] == (get_language() or "").split("-")[0]:
        return {}
    return {
        (page.key, entry.key, question.key): question
        for page in transcripts.in_todays_words(submission).pages
        for entry in page.entries
        for question in entry.questions
    }
