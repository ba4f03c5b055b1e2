"""Two versions of one draft side by side, in words: every field that differs, whichever of them is empty."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from telemedicine.models import VisitNote
from telemedicine.notes.forms import MARKS, NoteForm
from telemedicine.notes.rules.codes import BY_CODE
from telemedicine.notes.rules.templates import ALWAYS_ASKED, DEALT_WITH
from telemedicine.notes.wording import DECISIONS, choice_of, code_words


@dataclass(frozen=True)
class Difference:
    """One field: what it is called, what stands in it here and what there, for people to read."""

    heading: str
    here: str
    there: str


def differences(form: NoteForm, typed: QueryDict, note: VisitNote) -> list[Difference]:
    """What was typed on this page beside what is kept, in the order of the page."""
    kept = {**note.sections, **note.billing}
    found = []
    for name in _as_on_the_page(form):
        given = typed.getlist(name) if name == "codes" else typed.get(name, "")
        here, there = _words(form, name, given), _words(form, name, kept.get(name))
        if here != there:
            found.append(Difference(str(form.fields[name].label), here, there))
    return found


def _as_on_the_page(form: NoteForm) -> list[str]:
    first = [bound.name for bound in (*form.opening, *form.mental)]
    named = ("mental_words", "risk_level", DEALT_WITH, "risk", "assessment", "plan")
    last = [name for name in named if name in form.fields]
    return [*first, *last, *(name for name in form.fields if name not in (*first, *last, *MARKS))]


def _words(form: NoteForm, name: str, value: Any) -> str:
    if name == "codes":
        chosen = sorted(value or ())
        words = "\n".join(code_words(BY_CODE[code]) if code in BY_CODE else code for code in chosen)
        return words or _("No code")
    text = "" if value is None else str(value).replace("\r\n", "\n")
    if name == DEALT_WITH:
        return str(dict(form[name].field.widget.choices).get(text, text))
    if name == "risk_level":
        return choice_of(name, text) or _("Nothing chosen")
    if name.startswith("mental_") and name != "mental_words":
        asked = name.removeprefix("mental_") in ALWAYS_ASKED
        return _("Nothing chosen") if asked and not text else choice_of(name, text)
    if name == "decision":
        return str(DECISIONS.get(text, _("Not stated")))
    return text if text.strip() else _("Nothing")
