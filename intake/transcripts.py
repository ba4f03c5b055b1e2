"""What was said in a submission, in the words in which it was asked: from the copy kept under the signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.questions import flow
from harmoniously.core.questions.said import Entry, Question, Shown, Transcript
from harmoniously.core.questions.transcript import transcript
from intake.models import Submission
from intake.pages import INTAKE

KIND = "intake.answers"
MOST = 40  # signed copies that are looked through; nobody hands in more often


@dataclass(frozen=True, slots=True)
class Said:
    """The transcript of one submission. ``as_shown``: kept when it was signed, and not put together again since."""

    transcript: Transcript
    as_shown: bool
    document: SignedDocument | None = None


def in_todays_words(submission: Submission) -> Transcript:
    """The answers under the questionnaire as it is now, in the reader's language."""
    return transcript(INTAKE, submission.answers)


def comparable(*submissions: Submission) -> list[Transcript]:
    """Transcripts that can be held against each other: in today's words, unless the questionnaire changed since."""
    if all(row.form_version == INTAKE.version for row in submissions):
        only = _may_differ(submissions)
        return [transcript(INTAKE, row.answers, only=only) for row in submissions]
    kept = kept_copies(submissions)
    return [said(row, kept.get(row.pk)).transcript for row in submissions]


def _may_differ(submissions: Sequence[Submission]) -> set[str]:
    """The pages that can read otherwise: putting a whole questionnaire into words takes longer than all the rest."""
    keys = {page.key for page in INTAKE.pages if any(spec.shown_if is not None for spec in page.fields)}
    shown: list[set[str]] = [{page.key for page in flow.route(INTAKE, row.answers).pages} for row in submissions]
    keys |= {key for pages in shown for key in pages if any(key not in other for other in shown)}
    first, given = submissions[0].answers, {key for row in submissions for key in row.answers}
    return keys | {key for key in given if any(row.answers.get(key) != first.get(key) for row in submissions)}


def kept_copies(submissions: Iterable[Submission]) -> dict[UUID, SignedDocument]:
    """The signed copies of these submissions of one patient; one query."""
    wanted = {str(row.pk): row for row in submissions}
    if not wanted:
        return {}
    patient = next(iter(wanted.values())).patient_id
    rows = SignedDocument.objects.filter(patient_id=patient, kind=KIND).order_by("-signed_at")[:MOST]
    # The newest copy of each: a later one replaces what was signed before.
    found = {row.content.get("submission"): row for row in reversed(rows)}
    return {row.pk: found[key] for key, row in wanted.items() if key in found}


def said(submission: Submission, document: SignedDocument | None) -> Said:
    """What was said, from the signed copy where it holds the words that were shown."""
    content: Mapping[str, Any] = document.content if document else {}
    if "transcript" in content:
        return Said(Transcript.from_json(content["transcript"]), as_shown=True, document=document)
    if submission.form_version == INTAKE.version or not content:
        return Said(in_todays_words(submission), as_shown=False, document=document)
    return Said(_from_sections(submission, content), as_shown=True, document=document)


def _from_sections(submission: Submission, content: Mapping[str, Any]) -> Transcript:
    """An older copy holds the short words of check-your-answers, section by section."""
    pages = []
    for at, section in enumerate(content["sections"]):
        questions = tuple(Question(f"{at}.{row}", label, tuple(lines)) for row, (label, lines) in _rows(section))
        title = section["section"]
        pages.append(Shown(str(at), title, title, title, (Entry("", "", questions),)))
    return Transcript("", submission.form_version, tuple(pages))


def _rows(section: Mapping[str, Any]) -> Iterable[tuple[int, tuple[str, list[str]]]]:
    return enumerate((label, lines) for label, lines in section["rows"])
