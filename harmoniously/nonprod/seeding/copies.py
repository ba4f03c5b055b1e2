"""A practice of any size: the invented patients over and over, each copy with a name, a record and rows of its own.

`seed` tells its stories through the services, which takes a third of a second for each patient. A practice of two
thousand, where lists and counts show what they cost, is made of copies: every row that belongs to a patient is written
once more with keys of its own, and what names a row in a text then names the row of the copy. Messages that wait and
the trail are not copied: nobody is reminded of what somebody else was reminded of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import Patient, User, new_mrn
from harmoniously.core.audit.models import StatusChange
from harmoniously.nonprod.seeding.diary import Diary
from harmoniously.nonprod.seeding.people import invent
from harmoniously.nonprod.seeding.staffing import Staff, engage
from telemedicine.models import Appointment

AT_ONCE = 100
# More than the seeding tells; of a practice that was copied already, some are enough to go on.
MOST_STORIES = 60
OURS = ("accounts", "questions", "documents", "alerts", "intake", "treatment", "billing", "telemedicine")
# What lasts minutes, or what a provider keeps as well.
LEFT_OUT = {"billing.providerevent", "telemedicine.signal", "telemedicine.room", "telemedicine.guest"}
# By which names somebody is found is written anew for each copy.
LEFT_OUT |= {"telemedicine.waitingwish", "telemedicine.offeredtime", "accounts.lookupkey"}
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Row = dict[str, Any]
Table = tuple[type[models.Model], list[Row]]


def grow(*, patients: int, now: datetime) -> int:
    """Copy the patients of the seeded practice until there are `patients`; how many there are now.

    The practice takes on clinicians too, so that there are twenty. Does nothing where there are enough already.
    """
    with transaction.atomic():
        wanted = patients - Patient.objects.count()
        if wanted > 0:
            originals = Patient.objects.select_related("user").order_by("created_at", "pk")[:MOST_STORIES]
            _copy(list(originals), patients - wanted, wanted, engage(), now)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return Patient.objects.count()


def _copy(originals: list[Patient], first: int, wanted: int, staff: Staff, now: datetime) -> None:
    tables, moves = list(_tables(originals)), _moves()
    templates = {patient.pk: _of_one(patient, tables, moves) for patient in originals}
    known = frozenset(row["id"] for rows in templates.values() for _model, own in rows for row in own if "id" in row)
    diary = Diary(staff.everybody, now)
    # Invented people, not secrets. Whoever is copied after another time gets other numbers, and so other keys.
    rng = Random(first)  # noqa: S311
    copies = (
        _Copy(first + place, place // len(originals) + first, known, staff, diary).rows(
            templates[originals[place % len(originals)].pk], rng, now.year
        )
        for place in range(wanted)
    )
    numbers = set(Patient.objects.values_list("mrn", flat=True))
    while batch := list(islice(copies, AT_ONCE)):
        _number(batch, numbers)
        _write(batch)


def _number(batch: list[list[models.Model]], taken: set[str]) -> None:
    """Give everybody a record number that nobody has: of a hundred thousand drawn by lot two are easily the same."""
    for patient in (row for rows in batch for row in rows if isinstance(row, Patient)):
        while patient.mrn in taken:
            patient.mrn = new_mrn()
        taken.add(patient.mrn)


def _write(batch: list[list[models.Model]]) -> None:
    """Parents before children, as the triggers that count want it."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for rows in batch:
        for row in rows:
            by_model.setdefault(type(row), []).append(row)
    for model in (User, EmailAddress, Patient, *_models(), StatusChange):
        model._base_manager.bulk_create(by_model.get(model, []), batch_size=1000)
    index.keep_all(row for row in by_model.get(Patient, []) if isinstance(row, Patient))


class _Copy:
    """One copy of one patient."""

    def __init__(self, place: int, number: int, known: frozenset[UUID], staff: Staff, diary: Diary) -> None:
        self.place, self.number, self.known, self.staff, self.diary = place, number, known, staff, diary
        self.stands_for = staff.stand_ins(number)

    def rows(self, template: list[Table], rng: Random, year: int) -> list[models.Model]:
        """Every row of it, with a person of its own."""
        made = [self._row(model, row) for model, rows in template for row in rows]
        patient = next(row for row in made if isinstance(row, Patient))
        user = next(row for row in made if isinstance(row, User))
        person = invent(rng, self.place, year=year, state=patient.state)
        user.email, user.full_name, patient.mrn = person.email, person.name, new_mrn()
        if patient.legal_name:
            patient.legal_name, patient.preferred_name = person.name, person.preferred
            patient.date_of_birth, patient.phone = person.born, person.phone
            patient.address = {**patient.address, "street": person.street}
        made.append(EmailAddress(user=user, email=user.email, verified=True, primary=True))
        return made

    def key(self, old: UUID) -> UUID:
        """The key that stands in a copy for one of the original's; everybody else's stays."""
        if old in self.stands_for:
            return self.stands_for[old]
        return uuid5(old, str(self.number)) if old in self.known else old

    def _row(self, model: type[models.Model], row: Row) -> models.Model:
        values = {name: self._value(value) for name, value in row.items()}
        for name in _one_of_a_kind(model):
            if values[name] and values[name] == row[name]:
                values[name] = self._another(row[name])
        made = model(**values)
        if isinstance(made, Appointment):
            self.diary.enter(made)
        return made

    def _another(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return uuid5(value, str(self.number))
        return sha256(f"{value}:{self.number}".encode()).hexdigest()[: len(value)]

    def _value(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self.key(value)
        return _Text.filled(value, self) if isinstance(value, _Text) else value


class _Text:
    """A text, or a value as JSON, that names rows by their keys."""

    def __init__(self, text: str, *, is_json: bool) -> None:
        self.text, self.is_json = text, is_json

    def filled(self, copy: _Copy) -> Any:
        """The same with the keys of the copy."""
        text = KEY.sub(lambda found: str(copy.key(UUID(found[0]))), self.text)
        return json.loads(text) if self.is_json else text


def _of_one(patient: Patient, tables: list[Table], moves: dict[UUID, list[Row]]) -> list[Table]:
    """The rows of one patient, table by table, with the moves of each."""
    own: list[Table] = [(User, [_plain(patient.user)]), (Patient, [_plain(patient)])]
    keys = {patient.pk}
    for model, rows in tables:
        mine = [row for row in rows if row[_way(model)] in keys]
        keys |= {row["id"] for row in mine}
        own.append((model, mine))
    return [*own, (StatusChange, [move for key in keys for move in moves.get(key, [])])]


def _moves() -> dict[UUID, list[Row]]:
    """What was written of moves from one state to the next, by the row that moved."""
    found: dict[UUID, list[Row]] = {}
    for move in StatusChange.objects.order_by("pk"):
        row = {name: value for name, value in _plain(move).items() if name != "id"}
        found.setdefault(UUID(KEY.findall(move.subject)[-1]), []).append(row)
    return found


def _tables(originals: list[Patient]) -> Iterator[Table]:
    """Every table that belongs to patients, with the rows of these as they are before they are sealed."""
    for model in _models():
        rows = model._base_manager.filter(**{f"{_path(model)}__in": originals})
        if model is Appointment:
            rows = rows.exclude(status=Appointment.Status.HELD)
        yield model, [_plain(row) for row in rows.order_by("created_at", "pk")]


def _plain(row: models.Model) -> Row:
    """The columns of a row, sealed ones opened; what names other rows in its words is a text to fill in."""
    return {field.attname: _named(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _named(value: Any) -> Any:
    if isinstance(value, str):
        return _Text(value, is_json=False) if KEY.search(value) else value
    if isinstance(value, dict | list):
        text = json.dumps(value, cls=DjangoJSONEncoder)
        return _Text(text, is_json=True) if KEY.search(text) else value
    return value


@cache
def _models() -> tuple[type[models.Model], ...]:
    """The tables whose rows belong to a patient, every one after those it points to."""
    wanted = [model for name in OURS for model in apps.get_app_config(name).get_models() if _path(model)]
    found: list[type[models.Model]] = []
    while len(found) < len(wanted):
        waiting = [model for model in wanted if model not in found]
        found += [model for model in waiting if not _parents(model).intersection(waiting) - {model}]
    return tuple(found)


def _parents(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field.related_model, type)}


@cache
def _path(model: type[models.Model]) -> str:
    """How to ask for the rows of a patient, "" where a table has none that is copied."""
    if model._meta.label_lower in LEFT_OUT or model in (User, Patient):
        return ""
    fields = {field.name: field.related_model for field in model._meta.concrete_fields if field.is_relation}
    if fields.get("patient") is Patient:
        return "patient"
    ways = (f"{name}__{_path(parent)}" for name, parent in fields.items() if parent is not model and _path(parent))
    return next(ways, "")


@cache
def _way(model: type[models.Model]) -> str:
    """The column that names the patient, or the row through which a row belongs to one."""
    first = _path(model).partition("__")[0]
    return next(field.attname for field in model._meta.concrete_fields if field.name == first)


@cache
def _one_of_a_kind(model: type[models.Model]) -> tuple[str, ...]:
    """Columns of which no two rows have the same, and that are no keys of rows."""
    alone = {field.attname for field in model._meta.concrete_fields if field.unique and not field.is_relation}
    together = {name for rule in model._meta.constraints for name in getattr(rule, "fields", ())}
    tokens = {name for name in ("token", "form_token", "key") if name in together}
    return tuple(sorted((alone | tokens) - {model._meta.pk.attname, "email", "mrn"}))
