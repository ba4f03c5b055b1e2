"""Where the visits of copied patients go: no clinician meets two people at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common import clock
from telemedicine.models import Appointment

FROM, UNTIL = time(9), time(17)
STEP = timedelta(minutes=30)
# Visits from before that are on no schedule that anybody looks at.
LOOKED_AT = timedelta(days=21)


class Diary:
    """The times that are taken, clinician by clinician, in half hours."""

    def __init__(self, clinicians: Iterable[Clinician], now: datetime) -> None:
        self.now = now
        self.zones = {clinician.pk: clinician.zone for clinician in clinicians}
        self.taken: set[tuple[object, datetime]] = set()
        for visit in Appointment.objects.filter(ends_at__gte=now - LOOKED_AT):
            self._take(visit)

    def enter(self, visit: Appointment) -> None:
        """Give a visit the nearest free time of its clinician: later when it is to come, earlier when it is over."""
        if visit.starts_at < self.now - LOOKED_AT:
            return
        length = visit.ends_at - visit.starts_at
        for starts in self._times(visit):
            visit.starts_at, visit.ends_at = starts, starts + length
            if not any((visit.clinician_id, part) in self.taken for part in _parts(visit)):
                self._take(visit)
                return

    def _times(self, visit: Appointment) -> Iterator[datetime]:
        step = STEP if visit.starts_at >= self.now else -STEP
        at = _half_hour(visit.starts_at)
        zone = self.zones[visit.clinician_id]
        while True:
            if FROM <= clock.local(at, zone).time() < UNTIL:
                yield at
            at += step

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
