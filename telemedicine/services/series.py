"""Booking several visits at once, for maintenance: all of them, or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.audit.actors import Actor
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Appointment
from telemedicine.rules.series import series_starts
from telemedicine.rules.slots import VisitKind
from telemedicine.services.booking import book
from telemedicine.services.taking import SlotTaken


def book_series(
    *,
    patient: Patient,
    clinician: Clinician,
    starts_at: datetime,
    kind: str,
    count: int,
    weeks: int,
    by: Actor,
    now: datetime,
    state: str = "",
) -> list[Appointment]:
    """Book `count` visits `weeks` apart at the same time on the patient's clock; asked for twice, each is booked once.

    `state` is where the patient will be at all of them (default: where they live). They can be taken back together for
    some seconds, and the patient is told when these are over.

    Raises what `book` raises for the visit that cannot be had, named by its time, and RuleViolation (series_kind,
    series_length, series_clock). Then none of them is booked.
    """
    if VisitKind(kind) == VisitKind.EVALUATION and count > 1:
        raise RuleViolation(_("A first visit is one visit. Choose another kind for a series."), "series_kind")
    try:
        starts = series_starts(starts_at, zone=patient.zone, weeks=weeks, count=count)
    except ValueError:
        raise RuleViolation(_("Choose 1 to 12 visits, 1 to 8 weeks apart."), "series_length") from None
    if len(starts) < count:
        raise RuleViolation(_("On one of these days the clocks skip this time. Choose another one."), "series_clock")
    with transaction.atomic():
        # The last one first: what the treatment asks for is then tied to the first one, which meets it.
        booked = []
        for at in reversed(starts):
            with _named(at, patient, alone=count == 1):
                what: dict[str, Any] = {"patient": patient, "clinician": clinician, "starts_at": at, "kind": kind}
                booked.append(book(**what, by=by, now=now, state=state, can_undo=True))
    return booked[::-1]


@contextmanager
def _named(starts_at: datetime, patient: Patient, *, alone: bool) -> Iterator[None]:
    """Say of a series which of its visits cannot be had."""
    try:
        yield
    except SlotTaken as taken:
        if alone:
            raise
        said = _("%(when)s is not free. Nothing was booked.") % {"when": clock.describe(starts_at, patient.zone)}
        raise SlotTaken(said, taken.code, taken.nearest) from taken
