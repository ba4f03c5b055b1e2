"""Waiting for an earlier time: the first who waits is asked first, the time is kept from everybody else meanwhile."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.holds import open_hold
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.services import close_follow_up, open_follow_up
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import broker
from harmoniously.core.common.rounds import RowsFailed
from harmoniously.core.notifications import messages
from harmoniously.core.notifications.models import Notification, State
from telemedicine import waiting_list
from telemedicine.models import Appointment, OfferedTime, TimeOff, WaitingWish
from telemedicine.models.appointment import Status
from telemedicine.rules.waiting import Wish, is_met, kept_until, suits
from telemedicine.services import SlotTaken, cancel, hold, waiting
from telemedicine.services.waiting import ask, sweep
from tests.cast import NOON, make_clinician, make_patient, signed_in
from tests.telemedicine.conftest import TOMORROW, give_hours, pay_evaluation
from tests.telemedicine.visits import book_first

HOUR = timedelta(hours=1)
ANY = {"clinician": None, "weekdays": [], "starts": time(0), "ends": time(23, 59)}
PAGE = "/visits/waiting/evaluation/"


def test_a_time_is_kept_for_two_waking_hours():
    """Fair to somebody who sleeps, and never past two hours before it starts; the night of the clock change counts."""
    zone = "America/Indiana/Knox"

    def at(day, hour, minute=0, month=11):
        return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    far = at(20, 12)
    table = [
        (at(4, 12), far, at(4, 14)),
        (at(4, 7), far, at(4, 10)),
        (at(4, 19), far, at(4, 21)),
        (at(4, 20), far, at(5, 9)),
        (at(4, 23), far, at(5, 10)),
        (at(31, 20, month=10), far, at(1, 9)),  # 25 hours later on the wall of that night are 26
        (at(4, 12), at(4, 15), at(4, 13)),
        (at(4, 12), at(4, 14, 30), at(4, 12, 30)),
        (at(4, 12), at(4, 14, 29), None),
        (at(4, 23), at(5, 10), None),
    ]
    for now, starts_at, wanted in table:
        assert kept_until(now, starts_at, zone) == wanted, (now, starts_at)
    wish = Wish(zone, {3}, time(9), time(12), before=at(5, 11))
    for starts_at, good in [(at(5, 8, 59), False), (at(5, 9), True), (at(5, 10, 15), True), (at(5, 10, 16), False),
                            (at(4, 9), False)]:  # fmt: skip
        assert suits(wish, starts_at, starts_at + HOUR * 3 / 4) == good, starts_at


def test_a_late_visit_is_not_what_an_earlier_time_was_asked_for():
    """A fall-back ends no waiting; the offered time or an earlier one does, and an earlier visit that suits."""

    def at(day, hour):
        return datetime(2026, 11, day, hour, tzinfo=ZoneInfo("America/Denver")).astimezone(UTC)

    table = [
        ("a first booking", None, None, at(9, 9), False),
        ("later than what is offered", None, at(6, 9), at(9, 9), False),
        ("what is offered", None, at(6, 9), at(6, 9), True),
        ("earlier than what is offered", at(20, 9), at(6, 9), at(5, 15), True),
        ("moved to an earlier time that suits", at(20, 9), None, at(9, 9), True),
        ("moved to an earlier time that does not suit", at(20, 9), None, at(9, 15), False),
        ("moved to a later time", at(5, 9), None, at(9, 9), False),
    ]
    for what, had, offered, starts_at, met in table:
        wish = Wish("America/Denver", (), time(9), time(12), before=had)
        assert is_met(wish, starts_at, starts_at + HOUR * 3 / 4, offered=offered) is met, what


@dataclass
class Line:
    """Somebody has the only time there is; the first and the second wait for it, and the first has a later one."""

    holder: Patient
    first: Patient
    second: Patient
    wanted: Appointment
    later: Appointment


@pytest.fixture
def line(at_noon, paying, working):
    holder, second = make_patient("holder@example.com"), make_patient("second@example.com")
    for patient in (holder, second):
        pay_evaluation(patient)
    wanted, later = book_first(holder, working), book_first(paying, working, starts_at=TOMORROW + 28 * HOUR)
    for starts_at, ends_at in ((NOON, TOMORROW), (wanted.ends_at, NOON + timedelta(days=40))):
        TimeOff.objects.create(clinician=working, starts_at=starts_at, ends_at=ends_at)
    for number, patient in enumerate((paying, second)):
        ask(patient=patient, kind="evaluation", **ANY, by=patient.user, now=NOON + number * timedelta(seconds=1))
    return Line(holder, paying, second, wanted, later)


@pytest.mark.django_db
def test_whoever_waits_a_week_is_looked_after_once_a_week_until_the_waiting_ends(line):
    rows, week = FollowUp.objects.filter(kind="waiting_list", patient=line.second), timedelta(days=7)
    wish = line.second.waiting_wishes.get()
    asked = wish.asked_at
    # That an offer did not arrive is another task.
    lost = {"kind": "message_not_delivered", "about": wish.about, "dedupe_key": "lost", "by": SYSTEM}
    open_follow_up(patient=line.second, due_at=asked, now=asked, **lost)
    for moment, count in (
        (asked + week - timedelta(seconds=1), 0),
        (asked + week, 1),
        (asked + 2 * week, 1),  # still open
    ):
        waiting.ask_coordinators(now=moment)
        assert rows.count() == count, moment
    close_follow_up(follow_up=rows.get(), by=SYSTEM, now=asked + 2 * week)
    waiting.ask_coordinators(now=asked + 2 * week)
    assert rows.exclude(state="closed").count() == 1
    waiting.leave(patient=line.second, kind="evaluation", by=line.second.user, now=asked + 2 * week)
    assert not rows.exclude(state="closed").exists()


def open_offer():
    return OfferedTime.objects.get(status="open")


def text(response):
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
def test_what_comes_free_goes_to_the_first_then_to_the_next(
    at_noon, line, monkeypatch, django_capture_on_commit_callbacks
):
    """I4, I5: kept for one, told without a clinical word, and when it is not answered or refused, for the next."""
    reader = signed_in(line.second.user)
    assert "You are number 2 of those who wait" in text(reader.get(PAGE))
    assert reader.get("/visits/waiting/check_in/").url == "/visits/book/"
    assert reader.post(PAGE, {"part": "x"}).status_code == 422
    assert sweep(now=NOON) == 0
    asked = []
    with monkeypatch.context() as listening, django_capture_on_commit_callbacks(execute=True):
        listening.setattr(broker, "ask", lambda task, *_words: asked.append(task))
        cancel(appointment=line.wanted, by=line.holder.user, now=NOON)
    # A worker looks who waits, not the one who cancels.
    assert asked.count("telemedicine.offer_free_times") == 1 and not OfferedTime.objects.exists()
    assert sweep(now=NOON) == 1
    offer = open_offer()
    assert (offer.patient, offer.held.starts_at, offer.until) == (line.first, TOMORROW, NOON + 2 * HOUR)
    with pytest.raises(SlotTaken):
        book_first(line.holder, line.wanted.clinician)
    words = messages.render("time_offered", told().get().variables, zone=line.first.zone)
    assert "10:00 am Pacific (PST)" in words.text and "until Wednesday 4 November, 11:00 am" in words.text
    assert not messages.forbidden_words(words.text + words.sms)
    assert sweep(now=NOON) == 0
    now = NOON + 2 * HOUR
    with monkeypatch.context() as broken, pytest.raises(RowsFailed):
        broken.setattr(waiting, "_settle", lambda _offer, now: now["broken"])
        sweep(now=now)
    assert told().filter(recipient=line.first.user, state=State.PENDING).count() == 1
    assert sweep(now=now) == 0  # what failed to close kept nobody from being asked
    assert not told().filter(recipient=line.first.user, state=State.PENDING).exists()
    assert set(OfferedTime.objects.values_list("patient", "status")) == {
        (line.first.pk, "lapsed"), (line.second.pk, "open"),
    }  # fmt: skip
    at_noon.move_to(now)
    reader = signed_in(line.second.user)
    shown = text(reader.get("/visits/"))
    assert "is kept for you until" in shown and "You were choosing a time" not in shown
    mine = str(open_offer().pk)
    assert signed_in(line.first.user).post(PAGE, {"do": "take", "offer": mine}).status_code == 409
    assert reader.post(PAGE, {"do": "decline", "offer": mine}).status_code == 302
    assert sweep(now=now) == 0
    assert book_first(line.holder, line.wanted.clinician, now=now).status == Status.BOOKED


@pytest.mark.django_db
def test_taking_it_moves_the_visit_they_have_and_ends_the_waiting(at_noon, line):
    """I4, I9: once, however often it is pressed; who has none gets it booked; the rest of the line goes on."""
    cancel(appointment=line.wanted, by=line.holder.user, now=NOON)
    sweep(now=NOON)
    given, taker = open_offer(), signed_in(line.first.user)
    assert taker.get(f"/visits/{given.held_id}/confirm/").url == PAGE
    answers = [taker.post(PAGE, {"do": "take", "offer": str(given.pk)}) for _twice in range(2)]
    line.later.refresh_from_db()
    assert (line.later.starts_at, line.later.sequence) == (TOMORROW, 1)
    assert [answer.get("Location") for answer in answers] == [f"/visits/{line.later.pk}/booked/"] * 2
    assert not WaitingWish.objects.filter(patient=line.first, status="waiting").exists()
    assert Appointment.objects.filter(patient=line.first, status__in=["held", "booked"]).count() == 1
    assert not told().filter(state=State.PENDING).exists()
    # Its own old time is in time off now; with that gone it goes to the next, who has none.
    TimeOff.objects.filter(starts_at__gt=NOON).update(starts_at=TOMORROW + 30 * HOUR)
    WaitingWish.objects.update(starts=time(14), weekdays=[4])
    assert sweep(now=NOON) == 1
    taker, wanted = signed_in(line.second.user), {"do": "take", "offer": str(open_offer().pk)}
    clinician, user = line.wanted.clinician, line.wanted.clinician.user
    licence = clinician.licences.get()
    hours = {"starts_at": TOMORROW + 28 * HOUR, "ends_at": TOMORROW + 30 * HOUR}
    gone = {
        "time off": (lambda: TimeOff.objects.create(clinician=clinician, **hours), lambda away: away.delete()),
        "licence": (lambda: set_to(licence, expires_on=TOMORROW.date()), lambda old: set_to(licence, **old)),
        "left": (lambda: set_to(user, is_active=False), lambda old: set_to(user, **old)),
    }
    for what, (leave, come_back) in gone.items():
        before = leave()
        assert waiting_list.offers_to(line.second, NOON) == [], what
        assert taker.post(PAGE, wanted).status_code == 409, what
        assert sweep(now=NOON) == 0
        assert WaitingWish.objects.filter(status="waiting").exists(), what
        assert not OfferedTime.objects.filter(status="open").exists(), what
        assert not told().filter(recipient=line.second.user, state=State.PENDING).exists(), what
        if what == "time off":
            shown = text(taker.get(PAGE))
            assert "Take this time" not in shown and "cannot be there" in shown and "You are on the list" in shown
        come_back(before)
        assert sweep(now=NOON) == 1, what  # never a silence of theirs: the same time is offered once more
        wanted["offer"] = str(open_offer().pk)
    # A later visit, booked meanwhile, ends neither the waiting nor what is offered, which then takes its place.
    TimeOff.objects.filter(starts_at__gt=NOON).update(starts_at=TOMORROW + 50 * HOUR)
    later = book_first(line.second, clinician, starts_at=TOMORROW + 48 * HOUR)
    assert "You still wait for an earlier time" in text(taker.get(f"/visits/{later.pk}/booked/"))
    assert taker.post(PAGE, wanted).status_code == 302
    booked = Appointment.objects.get(patient=line.second, status=Status.BOOKED)
    assert (booked.starts_at, WaitingWish.objects.filter(status="waiting").count()) == (TOMORROW + 28 * HOUR, 0)


@pytest.mark.django_db
def test_whoever_chooses_another_time_in_its_place_is_told_no_lie_and_was_not_silent(at_noon, line):
    cancel(appointment=line.wanted, by=line.holder.user, now=NOON)
    waiting.leave(patient=line.first, kind="evaluation", by=line.first.user, now=NOON)
    assert sweep(now=NOON) == 1
    offer, user = open_offer(), line.second.user
    give_hours(birch := make_clinician("birch@example.com"))
    chosen = {"clinician": birch, "starts_at": offer.held.starts_at, "kind": "evaluation"}
    hold(patient=line.second, **chosen, by=user, now=NOON)
    page = text(signed_in(user).get(PAGE))
    assert "cannot be there" not in page and "You are on the list" in page
    assert sweep(now=NOON) == 0
    offer.refresh_from_db()
    assert offer.status == "declined"


def set_to(row, **fields):
    """Change a row; what it was before."""
    before = {name: getattr(row, name) for name in fields}
    type(row).objects.filter(pk=row.pk).update(**fields)
    return before


def told():
    return Notification.objects.filter(template="time_offered")


@pytest.mark.django_db
def test_who_may_not_book_is_not_offered_and_three_silences_end_it(at_noon, paying, working, monkeypatch):
    """I3: a high risk is offered nothing; somebody who never answers does not keep times from others for ever."""
    wish = ask(patient=paying, kind="evaluation", **ANY, by=paying.user, now=NOON)
    risk = open_hold(patient=paying, level="high", about="test", by=SYSTEM, now=NOON)
    assert sweep(now=NOON) == 0
    risk.delete()
    # One patient, two wishes, and a choice that ran out: one round keeps one time for them, for as long as it says.
    free = next(waiting_list.times_for(wish, NOON))
    Appointment.objects.create(
        patient=paying, clinician=working, kind="evaluation", status=Status.HELD, starts_at=free.starts_at,
        ends_at=free.ends_at, held_until=NOON, created_at=NOON - HOUR,
    )  # fmt: skip
    other = WaitingWish.objects.create(patient=paying, kind="check_in", **ANY, asked_at=NOON + HOUR)
    with monkeypatch.context() as free_to_book, transaction.atomic():
        free_to_book.setattr(waiting_list, "may_wait", lambda *_who: True)
        assert sweep(now=NOON) == 1
        kept = open_offer()
        assert (kept.held.starts_at, kept.held.held_until) == (free.starts_at, kept.until)
        transaction.set_rollback(True)
    other.delete()
    now = NOON
    for number in range(3):
        assert sweep(now=now) == 1, number
        now += timedelta(days=1)
    assert sweep(now=now) == 0
    wish.refresh_from_db()
    assert (wish.status, OfferedTime.objects.filter(status="lapsed").count()) == ("ended", 3)
    assert not Appointment.objects.filter(status=Status.HELD).exists()
