"""One test for a whole table of cases: as readable as a parametrised test, without the cost of a test for every row.

And how many cases a property of the treatment's rules tries: others at each run. PROPERTY_EXAMPLES=5000 tries many.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TRIES = settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "25")),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def each(names: str | tuple[str, ...], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test over every row and report every row that fails. Stacked, it runs over all combinations."""
    single = isinstance(names, str)
    table = [{names: row} if single else dict(zip(names, row, strict=True)) for row in rows]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        # Not functools.wraps: pytest would look through it and take the columns for fixtures.
        def over_the_table(**given: Any) -> None:
            failures = []
            for row in table:
                try:
                    test(**given, **row)
                except (AssertionError, pytest.fail.Exception) as error:
                    failures.append(f"{row}: {error}")
            assert not failures, "\n".join(failures)

        over_the_table.__name__ = test.__name__
        over_the_table.__doc__ = test.__doc__
        return over_the_table

    return decorate
