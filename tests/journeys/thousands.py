"""What every page of the staff site asks of the database; told inside a running demo, before and after it grew."""

import json
import logging
import sys
import warnings

from django.conf import settings
from django.test import Client

from harmoniously.core.common import clock
from harmoniously.nonprod.seeding.copies import grow
from tests.journeys import every_page
from tests.security.crawl import counted, read

PATIENTS = 2000
"""How many the practice has afterwards."""


def tell() -> None:
    """Print, as JSON, how many queries every page takes with the seeded patients, and with thousands.

    A row for each: who (a column of the access table), its name, the queries of both, and the answers' status.
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    pages = [row for row in every_page.rows() if row["name"].startswith("admin:")]
    before = [_open(row) for row in pages]
    grow(patients=PATIENTS, now=clock.now())
    after = [_open(row) for row in pages]
    rows = [(row["who"], row["name"], *old, *new) for row, old, new in zip(pages, before, after, strict=True)]
    json.dump(rows, sys.stdout)


def _open(row: dict[str, str]) -> tuple[int, int]:
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
    client.cookies["sessionid"] = row["session"]
    with counted() as queries:
        response = read(client.get(row["path"]))
    return response.status_code, len(queries)
