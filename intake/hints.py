"""What a list page says at once about what is on it: what each entry counts as or was read as, and what to do now.

Nothing here decides anything: every word follows from the engine's own verdicts and findings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from harmoniously.core.questions.flow import is_unfinished
from harmoniously.core.questions.forms import AnswersForm
from harmoniously.core.questions.specs import Answers, Context, Page
from intake.case import SCHEMA
from intake.case_reader import read_case
from intake.facts import readings_of
from intake.pages import health, treatments
from intake.policy import load_policy
from intake.rules.blood_pressure import blood_pressure_findings
from intake.spoken import told
from intake.trial_notes import Note, in_all, judge, trial_note


@dataclass(frozen=True, slots=True)
class ListNotes:
    """One note per entry (or None), what is said about all of them, and whether help is needed now."""

    entries: tuple[Note | None, ...]
    in_all: tuple[str, ...] = field(default=())
    urgent: bool = False


def notes_for(page: Page, entries: Sequence[Mapping[str, Any]], context: Context) -> ListNotes:
    """What is said about a list as it stands."""
    if not entries:
        return ListNotes(())
    if page.key == treatments.ANTIDEPRESSANTS.key:
        return _trials(page, entries, context)
    if page.key == treatments.MEDICINES.key:
        return ListNotes(tuple(_open(page, entry) or _medicine(entry) for entry in entries))
    if page.key == health.BLOOD_PRESSURE.key:
        return _pressures(page, entries, context)
    return ListNotes(tuple(None for _entry in entries))


def _open(page: Page, entry: Mapping[str, Any]) -> Note | None:
    if not is_unfinished(page, entry):
        return None
    return Note(_("Not finished"), "caution", _("Choose Change to tell the rest about it."))


def _trials(page: Page, entries: Sequence[Mapping[str, Any]], context: Context) -> ListNotes:
    policy = load_policy()
    named = [entry for entry in entries if entry.get("medicine")]
    result = judge(named, _indications(context.used), as_of=context.today, policy=policy)
    verdicts = iter(
        [_open(page, entry) or trial_note(trial, policy) for entry, trial in zip(named, result.trials, strict=True)]
    )
    notes = tuple(next(verdicts) if entry.get("medicine") else _open(page, entry) for entry in entries)
    return ListNotes(notes, (in_all(result, policy),))


def _indications(used: Answers) -> list[str] | None:
    found: list[str] | None = used.get("indications", {}).get("codes")
    return found


def _medicine(entry: Mapping[str, Any]) -> Note | None:
    policy = load_policy()
    match = policy.names.match(entry["name"])
    if not match.recognised:
        text = _("We do not know this name. It is kept as you wrote it, and a person reads it.")
        return Note(_("Name not known"), "caution", text)
    parts = sorted({part for key in match.keys for part in policy.components.get(key, (key,))})
    plain = [_plain_name(policy.spellings[part]) for part in parts if part in policy.spellings]
    if [one.casefold() for one in plain] == [entry["name"].casefold()]:
        return None
    return Note("", "", _("It contains: %(names)s.") % {"names": ", ".join(plain)})


def _plain_name(spellings: Sequence[str]) -> str:
    """The ingredient as it is written: "vitamin D", not "vitamin d"."""
    plain, *others = spellings
    return next((name for name in others if name.casefold() == plain), plain)


def _pressures(page: Page, entries: Sequence[Mapping[str, Any]], context: Context) -> ListNotes:
    notes = tuple(_open(page, entry) for entry in entries)
    urgent = is_urgent(page.key, entries, today=context.today)
    whole = [entry for entry, note in zip(entries, notes, strict=True) if note is None]
    if not whole:
        return ListNotes(notes, urgent=urgent)
    rows = [row for entry in whole for row in readings_of(entry, as_of=context.today)]
    case = {
        "schema": SCHEMA,
        "as_of": context.today.isoformat(),
        "date_of_birth": context.used.get("about_you", {}).get("date_of_birth"),
        "blood_pressure": rows,
    }
    findings = blood_pressure_findings(read_case(case), load_policy())
    # What is urgent stands in an alert of its own.
    said = dict.fromkeys(told(one.patient_text).text for one in findings if one.code != "blood_pressure.urgent")
    return ListNotes(notes, tuple(said) or (_passes(),), urgent)


def _passes() -> str:
    return _("Your blood pressure is within the limit for treatment. A second reading on another day makes it surer.")


def is_urgent(page_key: str, entries: Iterable[Mapping[str, Any]], *, today: date) -> bool:
    """Whether a list holds a blood pressure of the days that count that needs help now (policy section 5)."""
    if page_key != health.BLOOD_PRESSURE.key:
        return False
    oldest = today - timedelta(days=int(load_policy().blood_pressure.recent_days.value))
    return any(
        shows_urgent(pressure)
        for entry in entries
        # A reading whose day is still missing may be of today.
        if not entry.get("taken_on") or date.fromisoformat(entry["taken_on"]) >= oldest
        for pressure in health.pressures(entry)
    )


def typed_urgent(page: Page, form: AnswersForm) -> bool:
    """Whether a reading that was just typed needs help now, also when something about it has to be mended first."""
    if page.key != health.BLOOD_PRESSURE.key or not form.is_bound:
        return False
    typed = []
    for name in health.PRESSURES:
        try:
            typed.append(form.fields[name].clean(form[name].data))
        except ValidationError:
            continue
    return any(shows_urgent(pressure) for pressure in typed if pressure)


def very_high() -> str:
    """What to do about such a reading, where its page is left."""
    return _(
        "This reading is very high. Rest for five minutes and measure again. If it is still this high, or you have "
        "chest pain, a bad headache, trouble speaking or seeing, weakness or short breath, call 911 now. Otherwise "
        "see a doctor today."
    )


def shows_urgent(pressure: Mapping[str, int]) -> bool:
    """Whether one blood pressure needs help now."""
    limits = load_policy().blood_pressure
    high = pressure["systolic"] >= limits.systolic_urgent.value
    return high or pressure["diastolic"] >= limits.diastolic_urgent.value
