"""The cast as fixtures. What services the tests need starts in tests/services.py."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from tests import cast
from tests.running_demo import running_demo
from tests.services import django_db_setup


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def english() -> None:
    """A request in Spanish leaves its process speaking Spanish; no test may hear what another said."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def patient(db: None) -> Patient:
    return cast.make_patient()


@pytest.fixture
def other_patient(db: None) -> Patient:
    return cast.make_patient("other@example.com", legal_name="Kim Elsewhere", preferred_name="Kim")


@pytest.fixture
def prescriber(db: None) -> Clinician:
    return cast.make_clinician()


@pytest.fixture
def other_prescriber(db: None) -> Clinician:
    return cast.make_clinician("other-prescriber@example.com", states=("NY",), display_name="Dr Alex Specimen")


@pytest.fixture
def therapist(db: None) -> Clinician:
    return cast.make_clinician("therapist@example.com", role=Role.THERAPIST, display_name="Pat Model")


@pytest.fixture
def coordinator(db: None) -> User:
    return cast.make_user("coordinator@example.com", Role.COORDINATOR, full_name="Casey Placeholder")


@pytest.fixture
def administrator(db: None) -> User:
    return cast.make_user("administrator@example.com", Role.ADMINISTRATOR, full_name="Lee Instance")


@pytest.fixture
def patient_client(patient: Patient) -> Client:
    return cast.signed_in(patient.user)


@pytest.fixture
def other_client(other_patient: Patient) -> Client:
    return cast.signed_in(other_patient.user)


@pytest.fixture
def prescriber_client(prescriber: Clinician) -> Client:
    return cast.signed_in(prescriber.user)


@pytest.fixture
def coordinator_client(coordinator: User) -> Client:
    return cast.signed_in(coordinator)
