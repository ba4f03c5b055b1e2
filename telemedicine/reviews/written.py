"""What was written lately: the newest signed notes and the newest messages, for whoever cares for the patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from harmoniously.core.common.encryption import UNREADABLE
from telemedicine.models import Message, Topic, VisitNote
from telemedicine.models.appointment import Kind
from telemedicine.notes.wording import heading_of
from telemedicine.reviews.course import WHO, Course, moment, opened, text_of
from telemedicine.reviews.wording import Item
from treatment.models.report import ReportCode

SHOWN_NOTE = ("assessment", "plan")
LONGEST_MESSAGE = 220


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: its assessment and plan."""

    key: UUID
    kind: str
    author: str
    at: datetime
    parts: list[Item]


@dataclass(frozen=True, slots=True)
class Words:
    """The beginning of a message."""

    thread: UUID
    topic: str
    author: str
    at: datetime
    words: str
    unread: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Both, the newest first."""

    notes: list[Note] = field(default_factory=list)
    messages: list[Words] = field(default_factory=list)


def written(course: Course) -> Written:
    """Empty for whoever does not care for the patient."""
    return Written(
        notes=[
            Note(
                key=UUID(row["id"]),
                kind=str(Kind(row["kind"]).label),
                author=row["author__display_name"],
                at=moment(row["visit_began_at"] or row["signed_at"]),
                parts=_parts(opened(VisitNote, row, "sections", None)),
            )
            for row in course.of("notes")
        ],
        messages=[
            Words(
                thread=UUID(row["thread"]),
                topic=str(Topic(row["thread__topic"]).label),
                author="" if row["from_patient"] else row[f"author__{WHO}"] or "",
                at=moment(row["sent_at"]),
                words=Truncator(text_of(Message, row, "body")).chars(LONGEST_MESSAGE),
                unread=row["from_patient"] and row["read_at"] is None,
            )
            for row in course.of("messages")
        ],
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the patient told on the day of a session that changes which medicines are safe."""

    label: str
    at: datetime


def told(course: Course) -> list[Told]:
    """The newest first."""
    return [Told(str(ReportCode(row["code"]).label), moment(row["at"])) for row in course.of("reports")]


def _parts(sections: dict[str, str] | None) -> list[Item]:
    if sections is None:
        return [Item(_("Note"), str(UNREADABLE))]
    return [Item(heading_of(name), text) for name in SHOWN_NOTE if (text := sections.get(name, "").strip())]
