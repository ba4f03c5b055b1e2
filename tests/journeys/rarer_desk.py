"""What a coordinator meets at rarer moments of the schedule; told with the rarer pages of everybody."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from harmoniously.nonprod.personas.people import BY_KEY
from telemedicine.models import Appointment

Row = dict[str, Any]


class Tools(NamedTuple):
    """How a row is told, how somebody is signed in, and which free time a page offers them last."""

    row: Callable[..., Row]
    browser: Callable[[User | None], Client]
    free: Callable[[User, str], str]


def rows(visit: Appointment, patient: Patient, taken: dict[str, str], tools: Tools) -> Iterator[Row]:
    """Several people who may be meant, a time that is taken and why, one held, one let go, and a visit at night."""
    row, browser, state = tools.row, tools.browser, visit.patient.state
    desk = User.objects.get(email=BY_KEY["coordinator"].email)
    find, book, week = reverse("admin:book"), reverse("admin:book_for", args=[patient.pk]), reverse("admin:schedule")
    who = {"patient": patient.legal_name, "kind": "evaluation"}
    yield row("admin:book, who is it", desk, find, sent=who, status=200)
    yield row("admin:book, chosen", desk, f"{find}?slot={taken['slot']}&kind=evaluation")
    yield row("admin:book_for, chosen", desk, f"{book}?slot={taken['slot']}&kind=check_in")
    yield row("admin:book_for, taken", desk, book, sent={**taken, "kind": "evaluation"}, status=409)
    series = {**taken, "kind": "check_in", "count": "3", "weeks": "1"}
    yield row("admin:book_for, series", desk, book, sent=series, status=409)
    free = tools.free(desk, f"{book}?kind=evaluation&state={state}")
    wish = {"slot": free, "state": state, "kind": "evaluation"}
    again = browser(desk).post(book, {**wish, "kind": "check_in", "do": "hold"})
    browser(desk).post(f"{again['Location']}hold/", {"do": "release"})
    yield row("admin:appointment, let go", desk, again["Location"])
    held = browser(desk).post(book, {**wish, "do": "hold"})
    yield row("admin:appointment, held", desk, held["Location"])
    yield row("admin:schedule, held", desk, f"{week}?week={visit.starts_at:%Y-%m-%d}&cancelled=1")
    night = (clock.now() + timedelta(days=200)).replace(hour=9)
    Appointment.objects.create(
        patient=patient,
        clinician=visit.clinician,
        kind="check_in",
        status="booked",
        state=state,
        starts_at=night,
        ends_at=night + timedelta(minutes=25),
    )
    yield row("admin:misfits, at night", desk, reverse("admin:misfits"))
    yield row("admin:schedule, misfit", desk, f"{week}?week={night:%Y-%m-%d}")
    yield row("admin:free_times, somewhere", desk, f"{reverse('admin:free_times')}?state={state}")
