"""What every page of the staff takes in a large practice: queries, time of PostgreSQL, and time in all.

``python -m harmoniously.nonprod.with_services -- python -m tests.benches.pages 10000`` makes an empty database into a
practice of so many patients, opens every page, and names those that take longer than SLOW.
"""

import logging
import os
import sys
import time
import warnings

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from harmoniously.core.common import clock  # noqa: E402
from harmoniously.nonprod.seeding.copies import grow  # noqa: E402
from tests.journeys import every_page  # noqa: E402
from tests.security.crawl import counted, read  # noqa: E402

SLOW = 0.1


def main(patients: int) -> None:
    """A line for every page that is slower than SLOW, the slowest first."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    call_command("demo_prepare")
    rows = [row for row in every_page.rows() if row["name"].startswith("admin:")]
    number = grow(patients=patients, now=clock.now())
    found = sorted((_open(row) for row in rows), reverse=True)
    print(f"{number} patients, {len(found)} pages, at most {max(row[2] for row in found)} queries")
    for took, asked, queries, status, who, name, path in found:
        if took > SLOW:
            print(
                f"{took * 1000:7.0f} ms, {asked * 1000:7.0f} of PostgreSQL, {queries:3} queries",
                status,
                who,
                name,
                path,
            )


def _open(row: dict[str, str]) -> tuple[float, float, int, int, str, str, str]:
    """The quicker of two readings: in the first one a process puts queries and templates together."""
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
    client.cookies["sessionid"] = row["session"]
    best = (float("inf"), 0.0, 0, 0)
    for _again in range(2):
        spent = 0.0

        def timed(execute, sql, params, many, context):
            nonlocal spent
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent += time.perf_counter() - began

        began = time.perf_counter()
        with counted() as queries, connection.execute_wrapper(timed):
            response = read(client.get(row["path"]))
        best = min(best, (time.perf_counter() - began, spent, len(queries), response.status_code))
    return *best, row["who"], row["name"], row["path"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
