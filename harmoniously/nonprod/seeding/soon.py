"""A visit that is about to begin whenever the demo starts: whoever looks can join it at once, from both sides."""

from datetime import datetime, timedelta

from django.db import transaction

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.common import clock
from harmoniously.nonprod.personas.people import BY_KEY
from telemedicine import selectors
from telemedicine.models import Appointment
from telemedicine.rules.slots import DURATION, Span, VisitKind
from telemedicine.rules.visits import OPENS_BEFORE
from telemedicine.services import NO_LEAD, book, hours, reschedule, visits

KIND = VisitKind.CHECK_IN
STEP = timedelta(minutes=5)
LONG_ENOUGH = timedelta(minutes=30)  # after its planned start a visit may still be joined for an hour


def have_visit_soon(now: datetime) -> Appointment | None:
    """Book, or move, the persona's visit to the next minutes; None where that person does not live.

    What an earlier start of the demo left is used again: a visit that can still be joined stays, one that nobody came
    to is moved, one that goes on since then is ended by its clinician.
    """
    patient = Patient.objects.select_related("user").filter(user__email=BY_KEY["visitor"].email).first()
    if patient is None:
        return None
    with transaction.atomic():
        # What somebody booked for later, or of another kind, is theirs and stays.
        near = Appointment.objects.for_patient(patient).booked().filter(kind=KIND, starts_at__lte=now + OPENS_BEFORE)
        last = near.with_people().order_by("-starts_at").first()
        if last is not None and last.starts_at - OPENS_BEFORE <= now <= last.starts_at + LONG_ENOUGH:
            return last
        if last is not None and last.started_at is not None:
            visits.complete(appointment=last, by=last.clinician.user, now=now)
            last = None
        return _arrange(patient, last, now)


def _arrange(patient: Patient, last: Appointment | None, now: datetime) -> Appointment | None:
    by = User.objects.get(email=BY_KEY["coordinator"].email)
    prescriber = Clinician.objects.select_related("user").get(user__email=BY_KEY["prescriber"].email)
    others = Clinician.objects.select_related("user").exclude(pk=prescriber.pk).order_by("user__email")
    for clinician in (prescriber, *others):
        starts_at = _free(clinician, patient, now)
        if starts_at is None:
            continue
        if last is not None:
            return reschedule(appointment=last, starts_at=starts_at, clinician=clinician, by=by, now=now)
        return book(patient=patient, clinician=clinician, starts_at=starts_at, kind=KIND, by=by, now=now)
    return None


def _free(clinician: Clinician, patient: Patient, now: datetime) -> datetime | None:
    """A start whose door is open already, in the clinician's hours or in half an hour more of them."""
    window = Span(now + timedelta(minutes=1), now + OPENS_BEFORE)
    for opened in (False, True):
        if opened and not _open(clinician, now):
            return None
        found = selectors.offers(
            kind=KIND, state=patient.state, window=window, now=now, lead=NO_LEAD, clinicians=[clinician.pk]
        )
        if found:
            return found[0].starts_at
    return None


def _open(clinician: Clinician, now: datetime) -> bool:
    """More hours on the clinician's wall from the next five minutes on; not across midnight, nor for a therapist."""
    if not clinician.dea_number:
        return False
    starts_at = now + STEP - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond) + STEP
    there, end = clock.local(starts_at, clinician.zone), clock.local(starts_at + DURATION[KIND], clinician.zone)
    if there.date() != end.date():
        return False
    hours.add_date(
        clinician=clinician,
        day=there.date(),
        starts=there.time(),
        ends=end.time(),
        kinds=[KIND.value],
        instead=False,
        by=clinician.user,
        now=now,
    )
    return True
