"""The calendar file of a visit (RFC 5545, RFC 5546): times in UTC, and nothing in it that tells what the visit is."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from icalendar import Calendar, Event, vCalAddress

from harmoniously.core.accounts import languages
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status

CONTENT_TYPE = "text/calendar; charset=utf-8"


def calendar_file(appointment: Appointment, *, now: datetime) -> bytes:
    """REQUEST for a visit that stands, CANCEL for one that does not; the UID stays, SEQUENCE grows.

    In the patient's language, whoever books.
    """
    cancelled = appointment.status == Status.CANCELLED
    calendar = Calendar()
    calendar.add("prodid", "-//Harmoniously//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    calendar.add_component(_event(appointment, cancelled=cancelled, now=now))
    written: bytes = calendar.to_ical()
    return written


def feed_file(appointments: Iterable[Appointment], *, now: datetime) -> bytes:
    """A clinician's visits for their own calendar program: when, the way to the visit, and nothing about whom."""
    calendar = Calendar()
    calendar.add("prodid", "-//Harmoniously//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for appointment in appointments:
        event = _times(appointment, now=now)
        event.add("summary", "Appointment")
        event.add("url", settings.PUBLIC_BASE_URL + reverse("admin:visit", args=[appointment.pk]))
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def method_of(appointment: Appointment) -> str:
    """The METHOD, which the content type repeats."""
    return "CANCEL" if appointment.status == Status.CANCELLED else "REQUEST"


def _event(appointment: Appointment, *, cancelled: bool, now: datetime) -> Event:
    link = settings.PUBLIC_BASE_URL + reverse("telemedicine:visit", args=[appointment.pk])
    event = _times(appointment, now=now)
    with translation.override(languages.of_reader(appointment.patient.user)):
        event.add("summary", gettext("Appointment with %(clinic)s") % {"clinic": settings.CLINIC_NAME})
    event.add("description", link)
    event.add("url", link)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{settings.SUPPORT_EMAIL}")
    organizer.params["cn"] = settings.CLINIC_NAME
    event.add("organizer", organizer)
    event.add("attendee", vCalAddress(f"mailto:{appointment.patient.user.email}"))
    return event


def _times(appointment: Appointment, *, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{appointment.pk}@harmoniously")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("class", "PRIVATE")
    return event
