"""PostgreSQL and Redis for the tests: those of DATABASE_URL and REDIS_URL, else servers of this run alone.

The package ``tests`` calls ``prepare`` when pytest imports it, before conftest.py imports a model: Django's settings
take the addresses from the environment.
"""

import atexit
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

# What a Redis has unless it is told otherwise.
REDIS_DATABASES = 16
RULES = Path(__file__).parent / "rules"
_servers = contextlib.ExitStack()


def prepare(arguments: list[str]) -> None:
    """Set the environment of the tests and, unless only pure rules are asked for, start the servers."""
    os.environ["DJANGO_ENV"] = "test"
    # The pinned zone database, not the machine's.
    os.environ.setdefault("PYTHONTZPATH", "")
    paths = [Path(word.partition("::")[0]).resolve() for word in arguments if not word.startswith("-")]
    tests = [path for path in paths if path.exists()]
    if tests and all(path.is_relative_to(RULES) for path in tests) and "--noconftest" in arguments:
        return
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        _start()
    os.environ["REDIS_URL"] = _redis_of(os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ["REDIS_URL"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")
    import django

    django.setup()


def _redis_of(process: str, url: str) -> str:
    """A Redis database for each process that shares the tests ("gw0", "gw1", …): clearing a cache empties its own."""
    if not process:
        return url
    parts = urlsplit(url)
    number = (int(parts.path.strip("/") or 0) + 1 + int(process.removeprefix("gw"))) % REDIS_DATABASES
    return parts._replace(path=f"/{number}").geturl()


def _start() -> None:
    from harmoniously.nonprod.runner.services import throwaway

    services = _servers.enter_context(throwaway())
    atexit.register(_servers.close)
    os.environ.update(services.environment)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The test database, where tables that refuse TRUNCATE allow it: tests with real transactions flush that way."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE %s AND NOT tgisinternal",
            ["%\\_no\\_truncate"],
        )
        for name, table in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    yield
