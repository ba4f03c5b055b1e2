"""The patient's home says the one next thing, whatever the state, in at most twelve queries (design 7)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from harmoniously.core.alerts.holds import open_hold
from harmoniously.core.alerts.plans import write_plan
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.nonprod.seeding import stories
from harmoniously.nonprod.seeding.answers import Circumstances
from harmoniously.nonprod.seeding.life import Life, begin_life
from harmoniously.nonprod.seeding.practice import Practice, open_practice
from harmoniously.portal.journey import next_step, warning
from harmoniously.portal.standing import Standing
from intake import services as intake
from telemedicine.rules.slots import VisitKind
from tests.cast import PLAN, make_patient, signed_in

STATES: tuple[tuple[str, int, Circumstances, stories.Tell], ...] = (
    ("Start your intake", 1, stories.PLAIN, stories.signed_up),
    ("Go on with your intake", 1, stories.PLAIN, stories.halfway),
    ("Meet a prescriber", 1, stories.PLAIN, stories.handed_in),
    ("Treatment at home does not suit you now", 1, stories.HEART_ATTACK, stories.handed_in),
    ("We need a little more from you", 1, stories.HIGH_PRESSURE, stories.handed_in),
    ("We want to talk with you", 1, stories.PLAN, stories.crisis),
    ("A clinician will call you", 1, stories.METHOD, stories.crisis),
    ("Choose a time to meet your prescriber", 1, stories.PLAIN, stories.paid),
    ("Your visit", 2, stories.PLAIN, stories.booked),
    ("Your prescriber is deciding", 4, stories.PLAIN, stories.to_be_decided),
    ("Your prescriber has a question", 7, stories.PLAIN, stories.asked),
    ("Your prescriber has decided", 12, stories.PLAIN, stories.declined),
    ("Your medicine is on its way", 5, stories.PLAIN, stories.shipping),
)


# What stands on the page of the decision meanwhile.
DECISION = {
    "Treatment at home does not suit you now": "There is no decision.",
    "Your visit": "A clinician decides after your first visit.",
    "Your prescriber is deciding": "Your visit took place, and your clinician decides now.",
    "Your prescriber has decided": "Not at home, for now",
    "Your medicine is on its way": "This was decided before.",
}


@pytest.fixture
def practice(db: None) -> Practice:
    return open_practice(clock.now() - timedelta(days=120))


def live(practice: Practice, number: int, days: int, story: Circumstances) -> Life:
    start = (clock.now() - timedelta(days=days)).replace(hour=16, minute=0)
    return begin_life(practice, number, story, start=min(start, clock.now() - timedelta(hours=3)), seed=7)


@pytest.mark.long
def test_every_state_has_its_one_next_thing(practice: Practice) -> None:
    wrong = []
    for number, (title, days, story, tell) in enumerate(STATES):
        life = live(practice, number, days, story)
        tell(life)
        client = signed_in(life.patient.user)
        client.get("/home/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/home/")
        if title not in page.content.decode() or len(queries) > 12:
            wrong.append((title, next_step(Standing(life.patient, clock.now())).title, len(queries)))
        wrong += [(title, *found) for found in _visits(client, DECISION.get(title, ""))]
    assert wrong == []


def _visits(client: Client, said: str) -> Iterator[tuple[str, int]]:
    """The pages of the visits that ask too much, or on which the decision does not say what is so."""
    for address, words in (("/visits/decision/", said), ("/visits/", ""), ("/visits/book/", "")):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        if words not in page or len(queries) > 12:
            yield address, len(queries)


def test_nobody_reads_that_they_can_begin_once_something_stands_against_it(practice: Practice) -> None:
    life = live(practice, 52, 4, stories.PLAIN)
    decision = stories.seen(life)
    held_at = Standing(life.patient, life.now).visits[0].starts_at
    late = [next_step(Standing(life.patient, held_at + timedelta(days=days))).text for days in (1, 10)]
    assert ["longer than we promised" in text for text in late] == [False, True]
    life.approve(decision)
    client = signed_in(life.patient.user)
    assert "You can begin" in client.get("/visits/decision/").content.decode()
    open_hold(patient=life.patient, level="moderate", about="test", by=SYSTEM, now=life.now)
    page = client.get("/visits/decision/").content.decode()
    assert ("You can begin" in page, "This was decided before." in page) == (False, True)


def test_a_visit_before_the_next_session_comes_first(practice: Practice) -> None:
    life = live(practice, 50, 11, stories.PLAIN)
    stories.planned(life)
    life.now = clock.now()
    visit = life.book(kind=VisitKind.CHECK_IN, after=timedelta(hours=3))
    session = life.next_session()
    assert session is not None
    shown = next_step(Standing(life.patient, visit.starts_at - timedelta(minutes=20)))
    assert shown.title == "Your visit"
    home = signed_in(life.patient.user)
    assert b"/safety-plan/" not in home.get("/home/").content
    # Also of somebody who only signed up: a plan may be older than any answers.
    alone = make_patient("alone@example.com")
    for patient in (life.patient, alone):
        write_plan(patient=patient, words=PLAN, by=practice.west.user, now=life.now)
        assert b"/safety-plan/" in signed_in(patient.user).get("/home/").content


def test_a_check_in_that_is_due_never_hides_that_no_dose_may_be_taken(practice: Practice) -> None:
    life = live(practice, 51, 20, stories.PLAIN)
    stories.silent(life)
    before = Standing(life.patient, clock.now())
    assert (bool(before.check_ins), warning(before)) == (True, None)
    life.now = clock.now()
    intake.amend(patient=life.patient, reason="changed", by=life.patient.user, now=life.now)
    life.story = Circumstances(mind=("mania_current",))
    life.hand_in()
    page = signed_in(life.patient.user).get("/home/").content.decode()
    assert "Your treatment is stopped for now" in page
    assert "Take no dose until you hear from us." in page
    assert next_step(Standing(life.patient, life.now)).title == next_step(before).title, "nor does it hide the check-in"
