"""Finding patients by what somebody typed into the one box."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet

from harmoniously.core.accounts.lookup import index, rules
from harmoniously.core.accounts.lookup.rules import Sought
from harmoniously.core.accounts.models import LookupKey, Patient

SHOWN = 25
# So many records at most are opened to see how a word begins or a number ends.
OPENED = 300


@dataclass(frozen=True, slots=True)
class Found:
    """The patients who fit, by name, and whether there are more of them than are shown."""

    patients: list[Patient]
    more: bool = False


def find(sought: Sought, among: QuerySet[Patient]) -> Found:
    """Who of these fits everything that was typed.

    When nobody does, the last word counts as the beginning of one. At most two queries of the patients.
    """
    if not sought.is_anchored:
        return Found([])
    found = _fitting(sought, among)
    shorter = rules.last_word_as_beginning(sought)
    if not found.patients and not found.more and shorter is not None:
        return _fitting(shorter, among)
    return found


def _fitting(sought: Sought, among: QuerySet[Patient]) -> Found:
    sifts = bool(sought.beginnings) or any(len(end) > rules.PHONE_END for end in sought.phone_ends)
    most = OPENED if sifts else SHOWN
    rows = list(narrowed(sought, among)[: most + 1])
    more = len(rows) > most
    kept = [row for row in rows[:most] if rules.fits(sought, names=names_of(row), phone=row.phone)] if sifts else rows
    more = more or len(kept) > SHOWN
    return Found(sorted(kept[:SHOWN], key=lambda row: (rules.plain(row.display_name), row.date_of_birth_sealed)), more)


def names_of(patient: Patient) -> frozenset[str]:
    """Every word of the names of a patient, as words are compared."""
    return rules.words_of(patient.legal_name) | rules.words_of(patient.preferred_name)


def narrowed(sought: Sought, among: QuerySet[Patient]) -> QuerySet[Patient]:
    """Those of the patients for whom the database can tell that they fit; every part uses an index."""
    rows = among
    if sought.mrn:
        rows = rows.filter(mrn__startswith=sought.mrn)
    if sought.email:
        rows = rows.filter(user__email__startswith=sought.email)
    parts = [index.of_word(word) for word in sought.words]
    parts += [index.of_phone(number) for number in sought.phones]
    parts += [index.of_phone_end(digits) for digits in sought.phone_ends]
    parts += [index.of_birth(day) for day in sought.births]
    for digests in parts:
        rows = rows.filter(pk__in=LookupKey.objects.filter(digest__in=digests).values("patient"))
    return rows


def alike(patient_like: Sought, among: QuerySet[Patient]) -> list[Patient]:
    """Who may be the same person: the same whole name and birth date, the same number, or the same e-mail address."""
    by_name = replace(patient_like, mrn="", email="", phones=(), phone_ends=(), beginnings=())
    found: dict[object, Patient] = {}
    parts = [by_name] if by_name.words and by_name.births else []
    parts += [Sought(phones=(number,)) for number in patient_like.phones]
    for part in parts:
        found |= {row.pk: row for row in narrowed(part, among)[:SHOWN]}
    return list(found.values())
