"""The page of the queue with many waiting, against a bare list of fifty in the same server (design section 7).

``python -m harmoniously.nonprod.with_services -- python -m tests.benches.queue 10000 100000`` makes an empty database
into a practice where so many people wait, and says how page and bare list did, taking turns.
"""

import os
import sys
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benches.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from harmoniously.core.accounts.models import Clinician  # noqa: E402
from harmoniously.core.common import clock  # noqa: E402
from harmoniously.nonprod.personas.people import BY_KEY  # noqa: E402
from telemedicine.reviews.selectors import licensed_states  # noqa: E402
from telemedicine.work.reading import Show, read  # noqa: E402
from tests import cast  # noqa: E402
from tests.benches import load, waiting  # noqa: E402

PORT, ROUNDS, SECONDS = 8977, 7, 6.0
BARE, PAGE = "/bare/", "/admin/queue/"


def main(numbers: list[int]) -> None:
    """Bring the practice to each of these lengths, and measure."""
    call_command("demo_prepare")
    reader = Clinician.objects.select_related("user").get(user__email=BY_KEY["prescriber"].email)
    states, session = licensed_states(reader.user, clock.now()), ""
    for number in numbers:
        there = read(reader.user, clock.now(), Show(), 0, 1).counts.total
        waiting.wait(number - there, states=states, clinician=reader, now=clock.now())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        session = session or cast.signed_in(reader.user).cookies["sessionid"].value
        compare(number, session)


def compare(number: int, session: str) -> None:
    """Page and bare list in turns; the medians, and the median of what one was to the other in the same turn."""
    found: dict[str, list[load.Told]] = {BARE: [], PAGE: []}
    with load.server(PORT) as leader:
        for path in (BARE, PAGE) * 4:
            load.ask(PORT, path, session)
        for _turn in range(ROUNDS):
            for path, told in found.items():
                told.append(load.round_of(PORT, path, session, SECONDS, leader))
    print(f"{number} wait")
    for path, told in found.items():
        rate, server, database = (median(getattr(one, name) for one in told) for name in ("rate", "server", "database"))
        print(f"  {path:14} {rate:6.1f}/s  {server:6.1f} ms of the server  {database:6.1f} ms of PostgreSQL")
    pairs = list(zip(found[BARE], found[PAGE], strict=True))
    by_time = median(page.rate / bare.rate for bare, page in pairs)
    by_processor = median(bare.both / page.both for bare, page in pairs)
    print(f"  page to bare   {by_time:.2f} by requests in a second, {by_processor:.2f} by processor time")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10_000])
