"""Getting ready for a session: what there is to tick off, and when it is due."""

from collections.abc import Collection
from datetime import date

# In the order of the page. What the practice knows itself (sitter, medicine) is shown and not ticked.
ITEMS = ("food", "fluids", "alcohol", "driving", "children", "space", "music", "clothes", "cuff")


def is_due(local_day: date, today: date) -> bool:
    """Whether a session is to be prepared now: from the local day before on."""
    return 0 <= (local_day - today).days <= 1


def missing(ticked: Collection[str]) -> tuple[str, ...]:
    """What is not ticked off yet, in order; a code that is none of ours counts for nothing."""
    return tuple(item for item in ITEMS if item not in ticked)
