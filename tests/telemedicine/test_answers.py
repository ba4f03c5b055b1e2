"""What goes out about a visit as the reader gets it, and the private link of a reminder."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.notifications import dispatch, messages
from harmoniously.core.notifications.models import Notification
from telemedicine.answers import token_of
from telemedicine.calendar_file import calendar_file
from telemedicine.services import cancel, reminders, reschedule
from tests.cast import NOON
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.visits import QUARTER

pytestmark = pytest.mark.django_db


def sent(now):
    """The mail that is due: its subject, text, and the calendar entry with its method."""
    mail.outbox.clear()
    dispatch.tick(now=now, channel="email")
    found = []
    for letter in mail.outbox:
        entry = [part for part in letter.attachments if part[0] == "appointment.ics"]
        calendar = Calendar.from_ical(entry[0][1]) if entry else None
        found.append((letter.subject, letter.body, calendar, entry[0][2] if entry else ""))
    return found


def test_mails_carry_the_entry_of_the_calendar_and_both_clocks(at_noon, visit):
    """UX-16, FI-14, BUG-32: REQUEST, then the same entry moved, then CANCEL; a patient elsewhere reads both clocks."""
    patient, seen = visit.patient, []
    patient.zone = "America/New_York"
    patient.save(update_fields=["zone"])
    sent_first = sent(NOON)
    reschedule(appointment=visit, starts_at=TOMORROW + QUARTER, by=patient.user, now=NOON)
    sent_second = sent(NOON)
    cancel(appointment=visit, by=patient.user, now=NOON)
    for letters, method in ((sent_first, "REQUEST"), (sent_second, "REQUEST"), (sent(NOON), "CANCEL")):
        [(_subject, body, calendar, kind)] = letters
        event = calendar.walk("VEVENT")[0]
        assert (str(calendar["method"]), kind) == (method, f"text/calendar; method={method}")
        assert str(event["summary"]) == "Appointment with Harmoniously"
        assert "Pacific (PST) for us" in body and "Eastern (EST)" in body
        entry = calendar.to_ical().decode().replace(patient.user.email, "")
        assert not messages.forbidden_words(body + entry)
        seen.append((str(event["uid"]), int(event["sequence"]), event["dtstart"].dt))
    uid = f"{visit.pk}@harmoniously"
    assert seen == [(uid, 0, TOMORROW), (uid, 1, TOMORROW + QUARTER), (uid, 2, TOMORROW + QUARTER)]


def test_the_link_of_a_reminder_takes_one_yes_and_nothing_from_a_scanner(at_noon, visit):
    """BUG-27: opened it changes nothing; pressed it says that the patient comes; about another time it says nothing."""
    anybody = Client()
    reminder = Notification.objects.filter(about=visit.about, template="appointment_reminder").first()
    here = f"/v/{token_of(visit)}/"
    assert reminder.variables["link"].endswith(here)
    for ask in (anybody.get, anybody.head, anybody.get):
        assert ask(here).status_code == 200
    visit.refresh_from_db()
    assert visit.confirmed_at is None
    shown = anybody.get(here).content.decode()
    assert "10:00 am Pacific (PST)" in shown
    assert not [secret for secret in ("Robin", "Sample", "etamine") if secret in shown.partition("<main")[2]]
    for _twice in range(2):
        assert anybody.post(here).url == here
    visit.refresh_from_db()
    assert visit.confirmed_at == NOON
    assert AuditEvent.objects.filter(action="appointment.answered").count() == 1
    assert "We expect you" in anybody.get(here).content.decode()
    # Move and cancel ask to sign in.
    for name in ("move", "cancel"):
        assert "/login/" in anybody.get(f"/visits/{visit.pk}/{name}/").url
    for wrong in (here[:-2] + "/", "/v/x/", here.replace("-0", "-1")):
        assert anybody.get(wrong).status_code == 404
    reschedule(appointment=visit, starts_at=TOMORROW + QUARTER, by=visit.patient.user, now=NOON)
    visit.refresh_from_db()
    assert visit.confirmed_at is None
    assert "10:00 am" not in anybody.get(here).content.decode()
    assert anybody.post(here).status_code == 409
    at_noon.move_to(visit.starts_at)
    assert anybody.post(f"/v/{token_of(visit)}/").status_code == 409
    visit.refresh_from_db()
    assert visit.confirmed_at is None


def test_reminders_and_entries_keep_the_instant_on_the_nights_of_the_change(at_noon, visit):
    """FI-12, FI-13: 24 elapsed hours everywhere; the words are the wall of the reader; the entry is in UTC."""
    patient = visit.patient
    for zone, first, then in [
        ("America/Indiana/Knox", (2027, 3, 14), "Saturday 13 March, 8:00 am Knox (CST)"),
        ("America/Indiana/Knox", (2027, 11, 7), "Saturday 6 November, 10:00 am Knox (CDT)"),
        ("America/Phoenix", (2027, 3, 14), "Saturday 13 March, 9:00 am Mountain (MST)"),
        ("Pacific/Honolulu", (2027, 11, 7), "Saturday 6 November, 9:00 am Hawaii (HST)"),
    ]:
        visit.starts_at = datetime(*first, 9, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        visit.ends_at, patient.zone = visit.starts_at + timedelta(minutes=45), zone
        reminders.plan(appointment=visit, now=NOON)
        rows = Notification.objects.filter(about=visit.about, template="appointment_reminder", state="pending")
        due_at = visit.starts_at - timedelta(hours=24)
        row = rows.get(due_at=due_at)
        assert clock.describe(due_at, zone) == then
        assert "9:00 am" in messages.render(row.template, row.variables, zone=zone).text
        event = Calendar.from_ical(calendar_file(visit, now=NOON)).walk("VEVENT")[0]
        assert event["dtstart"].dt == visit.starts_at and "TZID" not in event["dtstart"].params
    patient.user.language = "es"  # whoever books it
    assert b"SUMMARY:Cita con Harmoniously" in calendar_file(visit, now=NOON)
