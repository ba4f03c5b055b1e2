"""Every page that opens, opened by everybody, with what each opening left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.http import HttpResponse

from harmoniously.core.audit.models import AuditEvent
from tests.security.access_table import PUBLIC, TABLE
from tests.security.addresses import Address, all_addresses, path_of
from tests.security.history import PEOPLE, World

# What opening a page may add to: the trail that it was opened, and the session it was opened in.
MAY_GROW = {"audit_auditevent", "audit_auditchain", "django_session", "usersessions_usersession"}


@dataclass(frozen=True)
class Opened:
    """One page as one person saw it."""

    address: Address
    who: str
    response: HttpResponse
    events: int
    queries: int

    @property
    def body(self) -> str:
        return self.response.content.decode(errors="replace")

    @property
    def is_html(self) -> bool:
        return self.response.headers.get("Content-Type", "").startswith("text/html")


def is_crawled(address: Address, who: str) -> bool:
    """Whether the crawl opens that page as that person; tests/security/test_pages.py holds that it opens."""
    if address.name not in TABLE or address.name.startswith("mfa_") or address.name == "account_logout":
        return False
    if address.name in PUBLIC and who != "anonymous":
        return False
    return TABLE[address.name]["get"][PEOPLE.index(who)] == "200"


def crawl(world: World, people: tuple[str, ...] = PEOPLE) -> Iterator[Opened]:
    """GET every address by everybody for whom the table says that it opens."""
    for address in all_addresses():
        for who in people:
            if not is_crawled(address, who):
                continue
            before = AuditEvent.objects.count()
            path = path_of(address, world)
            with counted() as queries:
                response = read(world.client(who).get(path))
            yield Opened(address, who, response, AuditEvent.objects.count() - before, len(queries))


def read(response: Any) -> HttpResponse:
    """The whole answer, also of a file that is sent as it is read."""
    if response.streaming:
        headers = dict(response.headers)
        response = HttpResponse(b"".join(response.streaming_content), status=response.status_code, headers=headers)
    return response


@contextmanager
def counted() -> Iterator[list[str]]:
    """The queries that are asked meanwhile, without what only marks where a transaction begins and ends."""
    asked: list[str] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield asked


def row_counts() -> dict[str, int]:
    """How many rows each table of the database holds."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - MAY_GROW)
    counted = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return dict(cursor.fetchall())
