"""Sessions as the days go by: the night of the clock change, a journey to another zone, a treatment that is stopped.

Everybody's days pass together, in one week that ends with the next change of the clocks; the tests say what each met.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.journeys.intake_walk import sign_in
from tests.journeys.treatment_walk import Cast, arrives, be, next_thing
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
NAMES = {"planned": ["yarrow", "tansy", "umber"], "delivered": ["nettle"]}
PACIFIC, EASTERN = ZoneInfo("America/Los_Angeles"), ZoneInfo("America/New_York")
SIX, DAY = time(18), timedelta(days=1)
LISTED = re.compile(r"\w+day \d+ \w+, \d+:\d\d [ap]m \w+ \(\w+\)")
REMINDER = "You planned something|: a reminder of what you planned"  # the letter, the text message


@dataclass
class Week:
    """What was shown and sent in the week that ends with the change of the clocks on a Sunday."""

    change: date
    findings: Findings = field(default_factory=Findings)
    pages: dict[str, str] = field(default_factory=dict)
    mail: dict[str, str] = field(default_factory=dict)
    calendar: str = ""
    hours: tuple[str, ...] = ()

    def at(self, days: int, hour: int, minute: int = 0, zone: ZoneInfo = PACIFIC) -> datetime:
        """A moment on the wall of a place, so many days from the change."""
        return datetime.combine(self.change + days * DAY, time(hour, minute), zone)


def words(moment: datetime) -> str:
    """A moment as every page and message should say it."""
    zone = {"America/Los_Angeles": "Pacific", "America/New_York": "Eastern"}[str(moment.tzinfo)]
    hour = f"{moment.hour % 12 or 12}:{moment:%M} {moment:%p}".replace("AM", "am").replace("PM", "pm")
    return f"{moment:%A} {moment.day} {moment:%B}, {hour} {zone} ({moment.tzname()})"


def next_change(now: datetime) -> date:
    """The first day from a week on whose night is an hour shorter or longer."""
    day = now.date() + 7 * DAY
    while _midnight(day).utcoffset() == _midnight(day + DAY).utcoffset():
        day += DAY
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), PACIFIC)


@pytest.fixture(scope="module")
def week(running_demo: RunningDemo, browser: Browser) -> Week:
    """On Wednesday one treatment is stopped, one patient says where they will be, one plans; then the days pass."""
    told = Week(next_change(running_demo.move_clock()))
    patient, staff, mail = (Walk(browser, running_demo.url, told.findings) for _ in range(3))
    cast = Cast(patient, staff, mail, demo_clock=running_demo.move_clock)
    cast.move_to(told.at(-4, 12))
    ahead = {"day": f"{told.change - 2 * DAY}", "visit": told.at(0, 10).isoformat()}
    code = f"from tests.journeys.session_people import make_ahead; make_ahead({NAMES!r}, **{ahead!r})"
    people = json.loads(running_demo.manage("shell", "-v", "0", "-c", code).strip().splitlines()[-1])
    walks = {}
    for name in ("yarrow", "tansy", "nettle"):
        walks[name] = Walk(browser, running_demo.url, told.findings)
        sign_in(walks[name], f"{name}@example.com")
    _stop(staff, people["yarrow"])
    _travel(walks["tansy"], people["tansy"], told)
    night = _plan(walks["nettle"], told)
    told.pages["visit"] = _main(walks["nettle"], f"/visits/{people['nettle']['visit']}/")
    told.calendar = _file(walks["nettle"], f"/visits/{people['nettle']['visit']}/calendar.ics")

    def post(name: str) -> str:
        return "\n".join(_letters(mail, address) for address in (f"{name}@example.com", people[name]["phone"]))

    cast.move_to(told.at(-3, 18, 5, EASTERN))
    arrives(cast, "tansy@example.com", "planned")
    cast.move_to(told.at(-3, 18, 5))
    arrives(cast, "umber@example.com", "planned")
    cast.move_to(told.at(-2, 17, 5, EASTERN))
    arrives(cast, people["tansy"]["phone"], "planned")
    cast.move_to(told.at(-2, 17, 5))
    arrives(cast, people["umber"]["phone"], "planned")
    for name in ("yarrow", "tansy", "umber"):
        told.mail[name] = post(name)
    told.pages["yarrow"] = _main(walks["yarrow"], f"/treatment/sessions/{people['yarrow']['session']}/")
    told.pages["yarrow all"] = _main(walks["yarrow"], "/treatment/")
    told.pages["yarrow sitter"] = _main(mail, people["yarrow"]["sitter"])
    told.pages["tansy day"] = _main(walks["tansy"], f"/treatment/sessions/{people['tansy']['session']}/")
    cast.move_to(night.astimezone(UTC) - DAY + timedelta(minutes=5))
    told.mail["nettle the day before"] = arrives(cast, "nettle@example.com", words(night))
    cast.move_to(night.astimezone(UTC) - timedelta(minutes=55))
    arrives(cast, people["nettle"]["phone"], words(night))
    told.mail["nettle"] = post("nettle")
    told.pages["nettle day"] = _main(walks["nettle"], "/treatment/")
    next_thing(walks["nettle"])
    told.pages["nettle session"] = _main(walks["nettle"])
    for walk in (*walks.values(), patient, staff, mail):
        walk.close()
    return told


def _main(walk: Walk, address: str = "") -> str:
    if address:
        walk.go(address)
    return walk.page.locator("main").inner_text()


def _listed(page: str) -> list[str]:
    """When each session is, as the treatment page lists them."""
    return LISTED.findall(page.partition("\nYour sessions\n")[2])


def _letters(walk: Walk, address: str) -> str:
    walk.page.goto(f"/demo/mailbox/?to={address}")
    return walk.page.locator("main").inner_text()


def _file(walk: Walk, address: str) -> str:
    """A file as the patient's browser gets it."""
    answer = walk.context.request.get(address)
    assert answer.ok
    return answer.text()


def _stop(staff: Walk, person: dict[str, str]) -> None:
    be(staff, "prescriber")
    staff.go(f"/admin/prescriptions/{person['order']}/")
    form = staff.page.locator("form[action$='/stop/']")
    form.locator("select[name=reason]").select_option(index=1)
    form.locator("button").click()
    staff.look()


def _travel(walk: Walk, person: dict[str, str], told: Week) -> None:
    walk.go(f"/treatment/sessions/{person['session']}/")
    walk.press("Somewhere else that day?")
    walk.fill(street="5 Harbour Street", city="Albany", zip="12207")
    walk.pick("state", "NY")
    walk.pick("zone", "America/New_York")
    walk.pick("hour", "18:00")
    walk.press("Save", exact=True)
    told.pages["tansy"] = _main(walk, f"/treatment/sessions/{person['session']}/")
    told.pages["tansy all"] = _main(walk, "/treatment/")


def _plan(walk: Walk, told: Week) -> datetime:
    """Six in the evening from Thursday on; then the second session is moved to the Sunday, as early as it may be."""
    first = told.change - 3 * DAY
    walk.go("/treatment/")
    walk.press("Plan my sessions")
    walk.pick("hour", "18:00")
    walk.fill(first_day_0=str(first.month), first_day_1=str(first.day), first_day_2=str(first.year))
    walk.press("Plan my sessions")
    told.pages["nettle planned"] = _main(walk, "/treatment/")
    walk.press("Session 2:")
    walk.press("Move this session")
    walk.go(f"{walk.page.url}?day={told.change}")
    offered = walk.page.locator("main input[name=hour]")
    told.hours = tuple(offered.nth(number).input_value() for number in range(offered.count()))
    walk.choose("hour", told.hours[0])
    walk.press("Move it here")
    told.pages["nettle moved"] = _main(walk, "/treatment/")
    return told.at(0, int(told.hours[0][:2]))


def test_a_stop_while_a_session_is_scheduled_reminds_nobody(week: Week) -> None:
    """I4: the same day somebody else got both reminders, so they would have gone out."""
    assert len(re.findall(REMINDER, week.mail["umber"])) == 2
    assert not re.findall(REMINDER, week.mail["yarrow"])
    assert "There will be no reminder for it" in week.pages["yarrow"]
    assert "Your next session" not in week.pages["yarrow all"]
    assert "This link has ended" in week.pages["yarrow sitter"]


def test_a_travelling_patient_is_told_the_hour_of_the_clock_there_and_once(week: Week) -> None:
    there = words(week.at(-2, 18, zone=EASTERN))
    for page in ("tansy", "tansy all", "tansy day"):
        assert there in week.pages[page], page
    assert len(re.findall(REMINDER, week.mail["tansy"])) == 2
    assert week.mail["tansy"].count(there) == 2
    # At home again for the next one, which keeps its hour and its distance; nothing was doubled, nothing is gone.
    listed = _listed(week.pages["tansy all"])
    assert words(week.at(-2, 18)) not in listed
    assert len(listed) == len(set(listed)) > 1
    assert "Today is the day" in week.pages["tansy day"]


def test_the_night_of_the_clock_change_keeps_the_hour_and_72_real_hours(week: Week) -> None:
    """Policy 10, I1: six stays six, an hour less of night is an hour more to wait, and each is reminded of once."""
    planned = _listed(week.pages["nettle planned"])
    assert words(week.at(-3, 18)) in planned
    days = [week.change + number * DAY for number in range(-3, 60)]
    evenings = {words(datetime.combine(day, SIX, PACIFIC)) for day in days}
    assert set(planned) <= evenings
    night = week.at(0, int(week.hours[0][:2]))
    assert night.astimezone(UTC) - week.at(-3, 18).astimezone(UTC) == 3 * DAY
    moved = _listed(week.pages["nettle moved"])
    assert words(night) in moved
    assert len(set(moved)) == len(set(planned))
    assert week.mail["nettle the day before"].count(words(night)) == 1
    assert week.mail["nettle"].count(words(night)) == 2
    assert words(night) in week.pages["nettle day"]
    assert "Today is the day" in week.pages["nettle session"]


def test_page_calendar_and_reminder_tell_one_hour_of_a_visit_after_the_change(week: Week) -> None:
    visit = week.at(0, 10)
    assert words(visit) in week.pages["visit"]
    assert f"DTSTART:{visit.astimezone(UTC):%Y%m%dT%H%M%S}Z" in week.calendar
    assert week.mail["nettle"].count(f"your visit with Harmoniously on {words(visit)}") == 1


def test_nothing_was_wrong_on_any_page_of_the_week(week: Week) -> None:
    """UX-01, SEC-17, ASVS 14.3."""
    assert week.findings == Findings(pages=week.findings.pages)
