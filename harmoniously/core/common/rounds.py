"""One round of a sweep: a row that fails keeps no other from its turn, and what is logged of it are no words."""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)
Key = TypeVar("Key")


class RowsFailed(Exception):
    """Some rows of a round failed. Each is named by its kind and place: its own words might tell of a patient."""


def each(keys: Iterable[Key], act: Callable[[Key], int | None]) -> int:
    """Act on every key, whatever became of those before; returns the sum of what the acts did.

    Raises RowsFailed when all have had their turn, so that the task counts as failed and the next round tries again.
    """
    done, failed = 0, []
    for key in keys:
        try:
            done += act(key) or 0
        except RowsFailed as failure:
            failed.append(str(failure))
        except Exception as failure:  # whatever it was: the next patient's turn does not end with it
            failed.append(_name_of(failure))
            logger.error("A row of a round failed: %s", failed[-1])
    if failed:
        raise RowsFailed("; ".join(failed))
    return done


def _name_of(failure: Exception) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    place = next((frame for frame in reversed(frames) if "site-packages" not in frame.filename), frames[-1])
    return f"{type(failure).__name__} in {place.name} ({place.filename.rpartition('/')[2]}:{place.lineno})"
