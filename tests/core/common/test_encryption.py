"""The encrypted field: every value comes back as itself, nothing opens elsewhere (BUG-35, SEC-05)."""

import base64
import os
from typing import Any

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import DecryptionError, key_ring, seal, unseal
from tests.cast import make_patient

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_any_value_comes_back_as_itself(value: object) -> None:
    assert unseal(seal(value, place="a.b.c:1"), place="a.b.c:1") == value


@pytest.mark.parametrize("value", [None, "", 0, False, [], {}, "é🙂", "x" * 1_000_000])
def test_the_values_that_other_fields_lose(db: None, patient: Patient, value: object) -> None:
    patient.address = value
    patient.save(update_fields=["address"])
    again = Patient.objects.get(pk=patient.pk).address
    assert again == value
    assert type(again) is type(value)


def raw(patient: Patient, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from accounts_patient where id = %s", [patient.pk])
        return str(cursor.fetchone()[0])


def write(patient: Patient, column: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"update accounts_patient set {column} = %s where id = %s", [text, patient.pk])


def test_the_database_holds_no_readable_name(patient: Patient) -> None:
    for column in ("legal_name", "preferred_name", "phone", "address", "emergency_contact", "date_of_birth_sealed"):
        stored = raw(patient, column)
        assert stored.startswith("v1:")
        assert not any(word in stored for word in ("Robin", "Test", "1985", "555"))


def test_a_value_copied_to_another_row_does_not_open(patient: Patient, other_patient: Patient) -> None:
    write(other_patient, "phone", raw(patient, "phone"))
    with pytest.raises(DecryptionError):
        _ = Patient.objects.get(pk=other_patient.pk).phone


def test_a_value_copied_to_another_column_does_not_open(patient: Patient) -> None:
    write(patient, "legal_name", raw(patient, "phone"))
    with pytest.raises(DecryptionError):
        _ = Patient.objects.get(pk=patient.pk).legal_name


def test_one_changed_byte_does_not_open_and_shows_nothing(patient: Patient) -> None:
    stored = raw(patient, "phone")
    write(patient, "phone", stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:])
    with pytest.raises(DecryptionError) as failure:
        _ = Patient.objects.get(pk=patient.pk).phone
    assert "555" not in str(failure.value)


def test_saving_an_unread_row_keeps_its_values(patient: Patient) -> None:
    Patient.objects.get(pk=patient.pk).save()
    assert Patient.objects.get(pk=patient.pk).phone == "+15550100123"


def test_keys_rotate_old_ones_still_open(settings: Any) -> None:
    sealed = seal("secret", place="a.b.c:1")
    fresh = base64.b64encode(os.urandom(32)).decode()
    settings.PHI_KEYS = f"next:{fresh},{settings.PHI_KEYS}"
    assert unseal(sealed, place="a.b.c:1") == "secret"
    assert seal("new", place="a.b.c:1").startswith("v1:next:")
    settings.PHI_KEYS = f"next:{fresh}"
    with pytest.raises(DecryptionError):
        unseal(sealed, place="a.b.c:1")


@pytest.mark.parametrize("keys", ["", "a:short", "a:!!!", "a"])
def test_a_bad_key_ring_is_refused(keys: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        key_ring(keys)


def test_sealed_columns_cannot_be_searched_or_set_in_bulk(db: None) -> None:
    make_patient()
    with pytest.raises(FieldError):
        Patient.objects.filter(phone="+15550100123").exists()
    with pytest.raises(FieldError):
        Patient.objects.update(phone="x")
