"""Signs of life of what works unseen: the schedule, each kind of regular work, the watch of the web processes.

They are measured by the real time: processes live by it, whatever day the demo shows.
"""

from datetime import datetime

from django.db.models import QuerySet

from harmoniously.core.common import clock
from harmoniously.core.common.models import SignOfLife

SCHEDULE, WATCH, BACKUP = "schedule", "watch", "backup"


def give(name: str) -> None:
    """Write that this was done now."""
    row = SignOfLife(name=name, at=clock.wall())
    SignOfLife.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["at"])


def newest() -> QuerySet[SignOfLife, tuple[str, datetime]]:
    """The last sign of everything that ever gave one."""
    return SignOfLife.objects.values_list("name", "at")


def of(name: str) -> QuerySet[SignOfLife]:
    """The sign of one of them, if it ever gave one."""
    return SignOfLife.objects.filter(name=name)
