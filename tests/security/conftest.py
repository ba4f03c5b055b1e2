"""The history is told once for all these tests, inside a transaction that is never committed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import transaction

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.verification import problems
from harmoniously.core.common.logs import OneLineFormatter
from tests.security import history
from tests.security.crawl import Opened, crawl, row_counts


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[history.World]:
    """Everybody and everything; tests that change it do so under `history.undone()`."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield history.build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def told_no_further(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that tells the story further undoes it in the tables; in memory, too, it ends where it did before."""
    life = request.getfixturevalue("world").life if "world" in request.fixturenames else None
    before = dict(vars(life)) if life is not None else {}
    yield
    if life is not None:
        vars(life).update(before)


@contextmanager
def logged() -> Iterator[list[str]]:
    """What goes to the log meanwhile, as it is written there."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(OneLineFormatter().format(record))
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


@dataclass(frozen=True)
class Crawled:
    """Every page, the rows of the tables before and after, what was logged meanwhile, and the trail at the end."""

    pages: list[Opened]
    before: dict[str, int]
    after: dict[str, int]
    lines: list[str]
    events: int
    problems: list[str]
    # The names of everything that opening them wrote into the trail.
    actions: set[str]


@pytest.fixture(scope="package")
def crawled(world: history.World, django_db_blocker: pytest.FixtureRequest) -> Crawled:
    """One crawl as everybody. What it leaves behind is gone for the tests that follow."""
    with django_db_blocker.unblock(), history.undone():
        for who in ("patient", "coordinator", "prescriber_in"):  # what a first visit makes once
            world.client(who).get("/home/")
        before, newest = row_counts(), AuditEvent.objects.latest("id").pk
        with logged() as lines:
            pages = list(crawl(world))
        actions = set(AuditEvent.objects.filter(id__gt=newest).values_list("action", flat=True))
        return Crawled(pages, before, row_counts(), lines, AuditEvent.objects.count(), list(problems()), actions)
