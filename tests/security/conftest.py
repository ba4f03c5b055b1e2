"""The history is told once for all these tests, inside a transaction that is never committed."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.security import history


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[history.World]:
    """Everybody and everything; tests that change it do so under `history.undone()`."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield history.build()
        transaction.set_rollback(True)
