"""The patient's own journal as one plain text file."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from treatment import journal_prompts
from treatment.journal_forms import named
from treatment.models import JournalEntry


def as_text(entries: Iterable[JournalEntry], *, shared: Mapping[UUID, list[str]], zone: str, now: datetime) -> str:
    """Every entry with its moment in the patient's zone, what it is about, and with whom it is shared."""
    head = [_("My journal"), _("Saved from Harmoniously on %(when)s.") % {"when": clock.describe(now, zone)}]
    return "\n".join([*head, "", *("\n".join(_lines(row, shared.get(row.pk, []), zone)) for row in entries)])


def _lines(entry: JournalEntry, names: list[str], zone: str) -> Iterable[str]:
    yield "-" * 60
    yield clock.describe(entry.created_at, zone)
    if entry.session is not None:
        yield named(entry.session)
    prompt = journal_prompts.prompt_of(entry.prompt, entry.prompts_version)
    if prompt is not None:
        yield str(prompt.text)
    if names:
        yield _("Shared with %(names)s") % {"names": ", ".join(names)}
    if entry.saved_at is not None:
        yield from ("", entry.text, "")
    if entry.draft is not None:
        yield from (_("Not saved yet:"), "", entry.draft, "")
