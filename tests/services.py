"""PostgreSQL and Redis for the tests: those of DATABASE_URL and REDIS_URL, else servers of this run alone.

The package ``tests`` calls ``prepare`` when pytest imports it, before conftest.py imports a model: Django's settings
take the addresses from the environment.
"""

import atexit
import contextlib
import gc
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harmoniously.nonprod.fresh import migrating_quickly

# What a Redis has unless it is told otherwise.
REDIS_DATABASES = 16
RULES = Path(__file__).parent / "rules"
# The name of a database that is migrated once for several processes, while they collect their tests.
TEMPLATE = "TEST_TEMPLATE"
TEMPLATE_SECONDS = 180
_servers = contextlib.ExitStack()


def prepare(arguments: list[str]) -> None:
    """Set the environment of the tests and, unless only pure rules are asked for, start the servers.

    Python's own search for garbage in circles takes a seventh of the processor time here, more while everything
    loads; without it a process grows to some 600 MB.
    """
    gc.disable()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        # The last thing of all: taking 600 MB apart object by object before the end takes a process seconds.
        atexit.register(os._exit, 0)
    os.environ["DJANGO_ENV"] = "test"
    # The pinned zone database, not the machine's.
    os.environ.setdefault("PYTHONTZPATH", "")
    paths = [Path(word.partition("::")[0]).resolve() for word in arguments if not word.startswith("-")]
    tests = [path for path in paths if path.exists()]
    if tests and all(path.is_relative_to(RULES) for path in tests) and "--noconftest" in arguments:
        return
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        _start()
    if "-n" in arguments and not os.environ.get("PYTEST_XDIST_WORKER"):
        _begin_template()
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


def _begin_template() -> None:
    os.environ[TEMPLATE] = f"template_{uuid.uuid4().hex}"
    code = "from tests.services import make_template; make_template()"
    child = subprocess.Popen([sys.executable, "-c", code], cwd=RULES.parent.parent)
    atexit.register(_end_template, child)


def _end_template(child: subprocess.Popen[bytes]) -> None:
    child.wait()
    _administer(f'ALTER DATABASE "{os.environ[TEMPLATE]}" WITH IS_TEMPLATE false')
    _administer(f'DROP DATABASE "{os.environ[TEMPLATE]}"')


def make_template() -> None:
    """Migrate the database that the processes copy; it is marked as a template when it is ready."""
    name, server = os.environ[TEMPLATE], os.environ["DATABASE_URL"]
    _administer(f'CREATE DATABASE "{name}"')
    os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    with migrating_quickly():
        call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    os.environ["DATABASE_URL"] = server
    _administer(f'ALTER DATABASE "{name}" WITH IS_TEMPLATE true')


def _administer(statement: str) -> list[tuple[str]]:
    import psycopg2  # not before a server is needed: the pure rules come by here and are done in two seconds

    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The tests' database begins as a copy of the template; a process alone migrates its own."""
    from django.db import connection

    name = os.environ.get(TEMPLATE)
    if not name:
        with migrating_quickly():
            yield
        return
    end = time.monotonic() + TEMPLATE_SECONDS
    while not _administer(f"SELECT datname FROM pg_database WHERE datname = '{name}' AND datistemplate"):
        assert time.monotonic() < end, "the template of the tests' databases was not migrated: see above"
        time.sleep(0.1)
    connection.settings_dict["TEST"]["TEMPLATE"] = name
    yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """The test database; what a test with real transactions leaves there is deleted, which here is much less work than
    Django's TRUNCATE of every table: that makes a file for each, and then every permission anew.
    """
    from django.db import connection, transaction
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    kept = {"django_content_type", "auth_permission"}  # Django's own, made when it migrates
    deletes = "".join(f'DELETE FROM "{table}";' for table in tables if table not in kept)

    def empty(_case: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # A replica fires no trigger: neither those that refuse to delete a trail nor those of foreign keys.
            cursor.execute(f"SET LOCAL session_replication_role = replica; {deletes}")

    TransactionTestCase._fixture_teardown = empty
