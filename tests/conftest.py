"""The cast as fixtures. What services the tests need starts in tests/services.py."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.expressions import BaseExpression
from django.template import Context, Template
from django.test import Client
from django.test.signals import template_rendered
from django.utils import translation

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from tests import cast
from tests.running_demo import running_demo
from tests.services import django_db_modify_db_settings, django_db_setup

# Template.render before Django's test set-up wraps it.
RENDER = Template._render
SECURITY = Path(__file__).parent / "security"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first; what shares one long history stays together, and so in one process."""
    items.sort(key=lambda item: (item.path.parent != SECURITY, item.get_closest_marker("long") is None))


def in_one_piece(call: Callable[..., object], **arguments: object) -> object:
    return call(**arguments)


# A frame of 1 MB, which nobody fills: Python takes a piece of 2 MB for it, with room for every call that is made in it.
in_one_piece.__code__ = in_one_piece.__code__.replace(co_stacksize=2**17)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> object:
    """Python takes its stack in pieces of 16 KB and gives each back at once: where a loop calls over the end of one, it
    asks the system for memory each time, a seventh of the time of these tests.
    """
    manager = session.config.pluginmanager
    return in_one_piece(manager.subset_hook_caller("pytest_runtestloop", [sys.modules[__name__]]), session=session)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """As all the time no garbage is searched (tests/services.py), not five times through everything at the end either.

    What is dropped without being closed is found when its last name goes, as before.
    """
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def only_pages_tell_their_context(django_test_environment: None) -> None:
    """For `response.context` Django copies the context of every piece that a page includes; the page's own will do."""

    def render(self: Template, context: Context) -> str:
        if context.template is self:
            template_rendered.send(sender=self, template=self, context=context)
        return RENDER(self, context)

    Template._render = render


@pytest.fixture(scope="session", autouse=True)
def expressions_are_copied_plainly() -> None:
    """Django copies the parts of a query thousands of times a page, by asking each how it is copied: always so."""

    def copy(self: BaseExpression) -> BaseExpression:
        made = object.__new__(type(self))
        made.__dict__.update(self.__getstate__())
        return made

    BaseExpression.copy = copy


@pytest.fixture(scope="session", autouse=True)
def no_query_asks_for_a_local_time(django_test_environment: None) -> None:
    """FI-13: PostgreSQL has a book of zones of its own, which may be older than the pinned one of Python."""

    def refuse(_self: DatabaseOperations, sql: str, params: object, tzname: str | None) -> tuple[str, object]:
        assert tzname is None, f"what time or day a moment is in a place is for Python to tell: {sql}"
        return sql, params

    DatabaseOperations._convert_sql_to_tz = refuse


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
