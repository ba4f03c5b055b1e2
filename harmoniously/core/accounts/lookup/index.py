"""The blind index: what is sealed can be found by a keyed digest of each whole word, and by nothing less.

The keys are derived from PHI_KEYS. A digest is looked for under every key of the ring, so that nobody is lost while
a new key comes into use; `manage.py index_patients` writes the rows anew with the first one.
"""

import hmac
from collections.abc import Iterable, Iterator
from datetime import date

from django.conf import settings
from django.db import transaction

from harmoniously.core.accounts.lookup import rules
from harmoniously.core.accounts.models import LookupKey, Patient
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import derived_keys
from harmoniously.core.common.phones import e164

# Changes with the way in which words are taken apart: `index_patients` then writes every row anew.
LABEL = "harmoniously.lookup.1"


def keep(patient: Patient) -> None:
    """Bring the index of one patient in step with their row, after it was saved and in the same transaction.

    Whoever writes a name, a telephone number or a birth date calls it; tests/test_repository.py holds them to it.
    """
    # As it stands in the database: the caller may hold a copy that is older in what it did not save.
    keep_all(Patient.objects.select_for_update(no_key=True).filter(pk=patient.pk))


def keep_all(patients: Iterable[Patient]) -> int:
    """The same for many; returns how many there were. Two statements to read and two to write, whatever the number."""
    with transaction.atomic():
        wanted = {patient.pk: set(digests_of(patient)) for patient in patients}
        label = made_with()
        present: dict[object, set[str]] = {}
        stale = []
        for row in LookupKey.objects.filter(patient__in=wanted):
            if row.made_with == label and row.digest in wanted[row.patient_id]:
                present.setdefault(row.patient_id, set()).add(row.digest)
            else:
                stale.append(row.pk)
        if stale:
            LookupKey.objects.filter(pk__in=stale).delete()
        now = clock.now()
        missing = [
            LookupKey(patient_id=key, digest=digest, made_with=label, created_at=now)
            for key, digests in wanted.items()
            for digest in sorted(digests - present.get(key, set()))
        ]
        LookupKey.objects.bulk_create(missing, ignore_conflicts=True, batch_size=2000)
    return len(wanted)


def made_with() -> str:
    """How rows are made now: the way in which words are taken apart, and the key."""
    return f"{LABEL.rpartition('.')[2]}:{next(iter(derived_keys(settings.PHI_KEYS, LABEL)))}"


def of_word(word: str) -> list[str]:
    """The digests of a whole word of a name (`rules.words_of`), one for each key."""
    return _under_all_keys("name", word)


def of_phone(number: str) -> list[str]:
    """The digests of a telephone number in E.164."""
    return _under_all_keys("phone", number)


def of_phone_end(digits: str) -> list[str]:
    """The digests of how a number ends: of its last four digits, whatever more is given."""
    return _under_all_keys("phone_end", digits[-rules.PHONE_END :])


def of_birth(day: date) -> list[str]:
    """The digests of a birth date."""
    return _under_all_keys("birth", day.isoformat())


def digests_of(patient: Patient) -> Iterator[str]:
    """What the row of a patient is found by, under the first key. Columns only: a migration asks it, too."""
    for word in rules.words_of(patient.legal_name) | rules.words_of(patient.preferred_name):
        yield of_word(word)[0]
    number = e164(patient.phone)
    if number:
        yield of_phone(number)[0]
        yield of_phone_end(rules.phone_end(number))[0]
    if patient.date_of_birth_sealed:
        yield _under_all_keys("birth", patient.date_of_birth_sealed)[0]


def _under_all_keys(kind: str, value: str) -> list[str]:
    message = f"{kind}\0{value}".encode()
    keys = derived_keys(settings.PHI_KEYS, LABEL).values()
    return [hmac.new(key, message, "sha256").hexdigest() for key in keys]
