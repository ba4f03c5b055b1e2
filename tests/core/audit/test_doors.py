"""One door to each row: own patient, care relation, or coordinator for what is not clinical; 404 for the rest (I7)."""

from datetime import timedelta

import pytest
from django.http import Http404

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from tests.cast import make_patient, take_into_care


def opens(user: User, patient: Patient, *, clinical: bool = True) -> bool:
    try:
        return patient_for(user, patient.pk, clinical=clinical) == patient
    except Http404:
        return False


def test_patients_open_their_own_record_only(patient: Patient, other_patient: Patient) -> None:
    assert opens(patient.user, patient)
    assert not opens(other_patient.user, patient)


def test_a_clinician_opens_whom_they_care_for(patient: Patient, prescriber: Clinician) -> None:
    assert not opens(prescriber.user, patient)
    take_into_care(patient, prescriber, since=clock.now() - timedelta(hours=1))
    assert opens(prescriber.user, patient)
    care_relation_close(patient=patient, clinician=prescriber, now=clock.now())
    assert not opens(prescriber.user, patient)


def test_care_that_begins_tomorrow_opens_nothing_today(patient: Patient, prescriber: Clinician) -> None:
    take_into_care(patient, prescriber, since=clock.now() + timedelta(days=1))
    assert not opens(prescriber.user, patient)


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_the_office_sees_who_somebody_is_and_nothing_clinical(
    patient: Patient, who: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    assert opens(user, patient, clinical=False)
    assert not opens(user, patient, clinical=True)


def test_reads_and_refusals_are_written(patient: Patient, other_patient: Patient) -> None:
    opens(patient.user, patient)
    opens(other_patient.user, patient)
    assert list(AuditEvent.objects.filter(patient=patient.pk).order_by("id").values_list("action", "actor")) == [
        ("patient.viewed", str(patient.user.pk)),
        ("patient.refused", str(other_patient.user.pk)),
    ]


def test_a_disabled_account_opens_nothing(patient: Patient) -> None:
    patient.user.is_active = False
    assert not opens(patient.user, patient)


@pytest.mark.parametrize("key", ["", "1", "not-a-key", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_key_is_a_404(patient: Patient, key: str) -> None:
    with pytest.raises(Http404):
        patient_for(patient.user, key)


def test_the_superuser_flag_opens_no_chart(db: None) -> None:
    boss = User.objects.create_superuser("root@example.com", "x")
    assert not opens(boss, make_patient("p2@example.com"))
