"""The strict reader of the eligibility case format, version 1.

Every answer may be absent or null. Everything else that the format does not know is refused with its path: an unknown
or repeated key, a wrong type, a value out of range, a date after the day of assessment.
"""

import json
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from harmoniously.core.questions.instruments import CssrsAnswers
from intake.case import (
    CONDITION_CODES,
    SCHEMA,
    Case,
    CaseError,
    Condition,
    Disorder,
    Document,
    DocumentKind,
    Episode,
    Frequency,
    Indication,
    Items,
    Medicine,
    Reading,
    Reproductive,
    Sex,
    StoppedBecause,
    Substance,
    SubstanceUse,
    TakenFor,
    Trial,
    Use,
    years_between,
)

_Choice = TypeVar("_Choice", bound=StrEnum)
_Row = TypeVar("_Row")
_Answers = TypeVar("_Answers", CssrsAnswers, Reproductive)


def parse_case(text: str | bytes) -> Case:
    """Read a case from JSON text. Raises CaseError; the path of the whole document is "$"."""
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        raw = json.loads(decoded, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CaseError("$", f"is not JSON ({error})") from error
    return read_case(raw)


def read_case(raw: object) -> Case:
    """Read a case from parsed JSON. Raises CaseError for anything the format does not know."""
    table = _Fields("$", raw, {"schema", *(field.name for field in fields(Case))})
    if type(table.raw.get("schema")) is not int or table.raw["schema"] != SCHEMA:
        raise CaseError("schema", f"must be {SCHEMA}")
    as_of = table.day("as_of", None)
    if as_of is None:
        raise CaseError("as_of", "is required")
    return Case(
        as_of=as_of,
        date_of_birth=_date_of_birth(table, as_of),
        sex_at_birth=table.choice("sex_at_birth", Sex),
        state=table.text("state"),
        weight_kg=table.number("weight_kg", 20, 400),
        height_cm=table.number("height_cm", 80, 250),
        indications=table.choices("indications", Indication),
        antidepressant_trials=table.rows("antidepressant_trials", Trial, _trial),
        phq9=table.items("phq9", 9, 3),
        gad7=table.items("gad7", 7, 3),
        pcl5=table.items("pcl5", 20, 4),
        peg=table.items("peg", 3, 10),
        cssrs=_answers(table, "cssrs", CssrsAnswers),
        conditions=table.rows("conditions", Condition, _condition),
        substances=table.rows("substances", SubstanceUse, _substance),
        medicines=table.rows("medicines", Medicine, _medicine),
        blood_pressure=table.rows("blood_pressure", Reading, lambda row: _reading(row, as_of)),
        heart_rate=table.number("heart_rate", 20, 250),
        reproductive=_answers(table, "reproductive", Reproductive),
        documents=table.rows("documents", Document, lambda row: _document(row, as_of)),
        adult_sitter=table.flag("adult_sitter"),
        state_closed=table.flag("state_closed"),
    )


class _Duplicate:
    """Stands for a JSON object that gives one key twice; the second value could hide the first."""

    def __init__(self, key: str) -> None:
        self.key = key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Duplicate:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            return _Duplicate(key)
        found[key] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _shown(key: str) -> str:
    """A key that somebody typed, fit for one line of a terminal."""
    return json.dumps(key)[1:-1] or '""'


class _Fields:
    """One JSON object: every key must be known, and every value is checked when it is read."""

    def __init__(self, path: str, raw: object, known: set[str]) -> None:
        self.path = path
        if isinstance(raw, _Duplicate):
            raise CaseError(self.at(_shown(raw.key)), "is given twice")
        if not isinstance(raw, dict):
            raise CaseError(path, "must be an object")
        self.raw: dict[str, Any] = raw
        for key in raw:
            if key not in known:
                raise CaseError(self.at(_shown(key)), "is not a known key")

    def at(self, key: str) -> str:
        return key if self.path == "$" else f"{self.path}.{key}"

    def text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, str):
            raise CaseError(self.at(key), "must be a text")
        return value

    def flag(self, key: str) -> bool | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise CaseError(self.at(key), "must be true, false or null")
        return value

    def number(self, key: str, lowest: float, highest: float) -> float | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CaseError(self.at(key), "must be a number")
        if not lowest <= value <= highest:
            raise CaseError(self.at(key), f"must be from {lowest:,} to {highest:,}")
        return value

    def day(self, key: str, latest: date | None) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        # date.fromisoformat also reads 20261102 and 2026-W45-1, which the format does not allow.
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise CaseError(self.at(key), "must be a date, YYYY-MM-DD")
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise CaseError(self.at(key), "is not a day of the calendar") from error
        if latest is not None and day > latest:
            raise CaseError(self.at(key), "is after as_of")
        return day

    def choice(self, key: str, options: type[_Choice]) -> _Choice | None:
        return _choose(self.at(key), self.raw.get(key), options)

    def choices(self, key: str, options: type[_Choice]) -> tuple[_Choice, ...] | None:
        found = []
        for path, value in self._list(key) or ():
            chosen = _choose(path, value, options)
            if chosen is None:
                raise CaseError(path, "must be a text")
            found.append(chosen)
        return None if self.raw.get(key) is None else tuple(found)

    def items(self, key: str, length: int, highest: int) -> Items | None:
        listed = self._list(key)
        if listed is None:
            return None
        if len(listed) != length:
            raise CaseError(self.at(key), f"must have {length} items")
        for path, value in listed:
            if value is not None and type(value) is not int:
                raise CaseError(path, "must be a whole number or null")
            if value is not None and not 0 <= value <= highest:
                raise CaseError(path, f"must be from 0 to {highest}")
        return tuple(value for _, value in listed)

    def rows(self, key: str, row: type[_Row], read: "Callable[[_Fields], _Row]") -> tuple[_Row, ...] | None:
        listed = self._list(key)
        if listed is None:
            return None
        known = _names(row)
        return tuple(read(_Fields(path, value, known)) for path, value in listed)

    def _list(self, key: str) -> list[tuple[str, Any]] | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            raise CaseError(self.at(key), "must be a list")
        return [(f"{self.at(key)}.{at}", item) for at, item in enumerate(value)]


def _names(row: Any) -> set[str]:
    return {field.name for field in fields(row)}


def _choose(path: str, value: object, options: type[_Choice]) -> _Choice | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in [option.value for option in options]:
        raise CaseError(path, f"must be one of {', '.join(options)}")
    return options(value)


def _answers(table: _Fields, key: str, answers: type[_Answers]) -> _Answers | None:
    """An object of yes, no and null answers."""
    if table.raw.get(key) is None:
        return None
    names = _names(answers)
    inner = _Fields(table.at(key), table.raw[key], names)
    return answers(**{name: inner.flag(name) for name in names})


def _date_of_birth(table: _Fields, as_of: date) -> date | None:
    born = table.day("date_of_birth", as_of)
    if born is not None and years_between(born, as_of) > 120:
        raise CaseError("date_of_birth", "makes the age more than 120")
    return born


def _trial(row: _Fields) -> Trial:
    return Trial(
        medicine=row.text("medicine"),
        max_daily_dose_mg=row.number("max_daily_dose_mg", 0, 10_000),
        weeks_at_dose=row.number("weeks_at_dose", 0, 2_000),
        taken_for=row.choice("taken_for", TakenFor),
        episode=row.choice("episode", Episode),
        improvement_percent=row.number("improvement_percent", 0, 100),
        stopped_because=row.choice("stopped_because", StoppedBecause),
    )


def _condition(row: _Fields) -> Condition:
    code = row.text("code")
    if code is not None and code not in CONDITION_CODES:
        raise CaseError(row.at("code"), f"{code!r} is not a condition code")
    return Condition(code=code, weeks_ago=row.number("weeks_ago", 0, 2_000))


def _substance(row: _Fields) -> SubstanceUse:
    return SubstanceUse(
        substance=row.choice("substance", Substance),
        use=row.choice("use", Use),
        disorder=row.choice("disorder", Disorder),
        remission_months=row.number("remission_months", 0, 1_440),
    )


def _medicine(row: _Fields) -> Medicine:
    return Medicine(name=row.text("name"), dose=row.text("dose"), frequency=row.choice("frequency", Frequency))


def _reading(row: _Fields, as_of: date) -> Reading:
    return Reading(
        taken_on=row.day("taken_on", as_of),
        systolic=row.number("systolic", 50, 300),
        diastolic=row.number("diastolic", 20, 200),
    )


def _document(row: _Fields, as_of: date) -> Document:
    return Document(kind=row.choice("kind", DocumentKind), dated=row.day("dated", as_of))
