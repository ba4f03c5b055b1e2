"""The history is told once for all these tests, inside a transaction that is never committed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from harmoniously.core.common.logs import OneLineFormatter
from tests.security import history
from tests.security.crawl import Opened, crawl, row_counts


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[history.World]:
    """Everybody and everything; tests that change it do so under `history.undone()`."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield history.build()
        transaction.set_rollback(True)


@contextmanager
def logged() -> Iterator[list[str]]:
    """What goes to the log meanwhile, as it is written there."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(OneLineFormatter().format(record))
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="package")
def opened(
    world: history.World, django_db_blocker: pytest.FixtureRequest
) -> Iterator[tuple[list[Opened], dict[str, int], dict[str, int], list[str]]]:
    """One crawl as everybody, and how many rows there were before and after."""
    with django_db_blocker.unblock(), history.undone():
        for who in ("patient", "coordinator", "prescriber_in"):  # what a first visit makes once
            world.client(who).get("/home/")
        before = row_counts()
        with logged() as lines:
            pages = list(crawl(world))
        yield pages, before, row_counts(), lines
