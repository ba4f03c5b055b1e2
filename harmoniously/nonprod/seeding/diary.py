"""Where the visits of copied patients go: no clinician meets two people at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common import clock
from harmoniously.nonprod.seeding.practice import FIRST, LAST
from telemedicine.models import Appointment, AvailabilityRule

STEP = timedelta(minutes=30)
# Visits from before that are on no schedule that anybody looks at.
LOOKED_AT = timedelta(days=21)


class Diary:
    """The times that are taken, clinician by clinician, in half hours."""

    def __init__(self, clinicians: Iterable[Clinician], now: datetime) -> None:
        self.now = now
        self.zones = {clinician.pk: clinician.zone for clinician in clinicians}
        self.days = set(AvailabilityRule.objects.values_list("clinician", "weekday"))
        self.taken: set[tuple[object, datetime]] = set()
        # Where the search for such a visit ended the last time: what was taken before stays taken.
        self.searched: dict[tuple[object, datetime, timedelta], datetime] = {}
        for visit in Appointment.objects.filter(ends_at__gte=now - LOOKED_AT):
            self._take(visit)

    def enter(self, visit: Appointment) -> None:
        """Give a visit the nearest free time of its clinician: later when it is to come, earlier when it is over."""
        if visit.starts_at < self.now - LOOKED_AT:
            return
        length = visit.ends_at - visit.starts_at
        such = (visit.clinician_id, visit.starts_at, length)
        for starts in self._times(visit.starts_at, self.searched.get(such)):
            visit.starts_at, visit.ends_at = starts, starts + length
            if self._works(visit) and not any((visit.clinician_id, part) in self.taken for part in _parts(visit)):
                self.searched[such] = starts
                self._take(visit)
                return

    def _times(self, wanted: datetime, last: datetime | None) -> Iterator[datetime]:
        step = STEP if wanted >= self.now else -STEP
        at = last or _half_hour(wanted)
        while True:
            yield at
            at += step

    def _works(self, visit: Appointment) -> bool:
        starts, ends = (clock.local(at, self.zones[visit.clinician_id]) for at in (visit.starts_at, visit.ends_at))
        in_hours = starts.time() >= FIRST and ends.time() <= LAST and starts.date() == ends.date()
        return in_hours and (visit.clinician_id, starts.weekday()) in self.days

    def _take(self, visit: Appointment) -> None:
        self.taken.update((visit.clinician_id, part) for part in _parts(visit))


def _half_hour(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)


def _parts(visit: Appointment) -> Iterator[datetime]:
    """Every half hour that a visit touches."""
    at = _half_hour(visit.starts_at)
    while at < visit.ends_at:
        yield at
        at += STEP
