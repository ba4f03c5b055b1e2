"""Visits ahead that cannot take place as they are booked: hours, time off or a licence changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician
from telemedicine.models import Appointment
from telemedicine.rules.slots import Obstacle, Span
from telemedicine.selectors import LOOK_BACK
from telemedicine.staff_grid import Row, calendars_by_clinician, licences_of, misfit_of

PAGE_SIZE = 50
WORDS: dict[Obstacle, Promise] = {
    Obstacle.AWAY: _("the clinician is away"),
    Obstacle.OUTSIDE_HOURS: _("outside of the clinician's hours"),
    Obstacle.UNLICENSED: _("the clinician has no licence there then"),
}


@dataclass(frozen=True)
class Misfit:
    """A visit ahead that cannot take place as it is booked, and why."""

    visit: Appointment
    words: str


def misfits_of(rows: Iterable[Row]) -> list[Misfit]:
    """Those of the week, by time: somebody has to move them."""
    found = [
        Misfit(line.visit, str(WORDS[cell.misfits[line.visit.pk]]))
        for row in rows
        for cell in row.cells
        for line in cell.visits
        if line.visit.pk in cell.misfits
    ]
    return sorted(found, key=lambda misfit: misfit.visit.starts_at)


def misfits_ahead(clinicians: list[Clinician], now: datetime) -> dict[UUID, Obstacle]:
    """All that are booked with these clinicians, by time, with the reason. Five queries, however many.

    Nothing is read of a visit but what the rule asks; `on_page` reads those that are shown.
    """
    visits = Appointment.objects.booked().filter(clinician__in=clinicians, starts_at__gt=now)
    needed = ("status", "kind", "starts_at", "ends_at", "state", "clinician", "patient__state")
    rows = list(visits.select_related("patient").only(*needed).order_by("starts_at", "pk"))
    if not rows:
        return {}
    licences = licences_of(clinicians, (now - LOOK_BACK).date())
    around = Span(now - LOOK_BACK, rows[-1].ends_at + LOOK_BACK)
    calendars = calendars_by_clinician(clinicians, dict.fromkeys(licences, date.max), rows, around)
    found = {row.pk: misfit_of(row, calendars[row.clinician_id][0], licences, now) for row in rows}
    return {pk: wrong for pk, wrong in found.items() if wrong is not None}


def on_page(found: dict[UUID, Obstacle], keys: Iterable[UUID]) -> list[Misfit]:
    """Those of one page as they are shown. One query."""
    visits = Appointment.objects.with_people().in_bulk(list(keys))
    return [Misfit(visits[pk], str(WORDS[found[pk]])) for pk in keys if pk in visits]
