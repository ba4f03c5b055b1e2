"""Two people and one visit, or one who waits, at the same moment: one waits for the other, nobody for ever (I5)."""

import threading
from datetime import time, timedelta
from functools import partial

import pytest

from harmoniously.core.audit import services as audit
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common.errors import Conflict
from telemedicine.models import Appointment, OfferedTime, WaitingWish
from telemedicine.rules.slots import VisitKind
from telemedicine.services import book, cancel, changes, taking, visits, waiting
from tests.cast import NOON, make_patient
from tests.telemedicine.conftest import TOMORROW, pay_evaluation
from tests.telemedicine.visits import book_first
from tests.threads import PATIENCE, at_once, lingering
from treatment.models import Chart, DueVisit
from treatment.services import visits as due_visits

pytestmark = pytest.mark.django_db(transaction=True)
AFTER = TOMORROW + timedelta(minutes=5)


def offered(patient, clinician):
    """Somebody waits, and a time is kept for them."""
    wish = WaitingWish.objects.create(
        patient=patient, kind="evaluation", starts=time(0), ends=time(23, 59), asked_at=NOON
    )
    wanted = taking.Wanted(patient, clinician, TOMORROW, VisitKind.EVALUATION, "CA")
    held = taking.take(wanted, by=SYSTEM, now=NOON, beside=True)
    return OfferedTime.objects.create(wish=wish, patient=patient, held=held, offered_at=NOON, until=AFTER)


def act(what, row, by):
    """One of two, who has seen the row as it was."""
    patient = row.patient
    acts = {
        "cancel": lambda: cancel(appointment=row, by=by, now=AFTER),
        "miss": lambda: visits.no_show(appointment=row, by=by, now=AFTER),
        "sweep": lambda: waiting.sweep(now=AFTER),
        "fall back": lambda: book(
            patient=patient, clinician=row.held.clinician, starts_at=TOMORROW - timedelta(hours=1), kind="evaluation",
            by=patient.user, now=NOON,
        ),
    }  # fmt: skip
    return acts[what]()


def visit_that_is_due(patient, clinician):
    """A visit is booked, and the treatment asks for one."""
    visit = book_first(patient, clinician)
    chart = Chart.objects.create(patient=patient, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
    DueVisit.objects.create(
        patient=patient, chart=chart, kind="check_in", after_session=2, due_since=NOON, overdue_at=AFTER,
        status="offered", policy_version="2026.1",
    )  # fmt: skip
    return visit


# What the two do, and where the first of them is held up until the other waits for what it has.
PAIRS = [
    (visit_that_is_due, "cancel", "miss", (due_visits, "hold_still")),
    (offered, "sweep", "fall back", (audit, "record")),
    (offered, "fall back", "sweep", (waiting, "advance")),
]


def test_none_of_two_waits_for_ever(working, coordinator, monkeypatch):
    """The queue, what is due, the trail, the rows: a deadlock would end one of them with an OperationalError."""
    for number, (make, one, other, (module, name)) in enumerate(PAIRS):
        patient = make_patient(f"one{number}@example.com")
        pay_evaluation(patient)
        made, holding = make(patient, working), threading.Event()
        more = ["wish", "held__clinician"] if make is offered else ["clinician__user"]
        rows = type(made).objects.select_related("patient__user", *more)
        seen = rows.get(pk=made.pk), rows.get(pk=made.pk)
        with monkeypatch.context() as slow:
            slow.setattr(module, name, lingering(getattr(module, name), holding))
            second = partial(act, other, seen[1], coordinator)
            at_once(
                partial(act, one, seen[0], coordinator),
                lambda second=second, holding=holding: holding.wait(PATIENCE) and second(),
            )
        patient.appointments.filter(status__in=["held", "booked"]).update(status="cancelled")


def test_a_cancelled_time_is_put_back_or_taken_never_both(working, coordinator):
    """I5: undo and somebody else's booking at the same moment; whoever is late is told so."""
    patients = [make_patient(f"both{number}@example.com") for number in range(2)]
    for patient in patients:
        pay_evaluation(patient)
    visit = book_first(patients[0], working)
    cancel(appointment=visit, by=coordinator, now=NOON, can_undo=True)
    at = NOON + timedelta(seconds=1)
    results = at_once(
        lambda: changes.undo(appointment=visit, by=coordinator, now=at),
        lambda: book_first(patients[1], working, now=at),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Appointment.objects.booked().filter(starts_at=TOMORROW).count() == 1
