"""From the payment to the coordinator's worklist: the patient, the prescriber, the sitter and the coordinator walk."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.journeys.intake_walk import go_on, on
from tests.journeys.walk import Walk

PATIENCE_SECONDS = 45
PACIFIC = ZoneInfo("America/Los_Angeles")
CSSRS_NO = ("wish_dead", "suicidal_thoughts", "behavior")


@dataclass
class Cast:
    """Who walks, each in a browser of their own, and what shows and moves the clock they share."""

    patient: Walk
    staff: Walk
    sitter: Walk
    demo_clock: Callable[..., datetime]

    def move_clock(self, by: str) -> datetime:
        """Let time pass for every process; the moment it is then."""
        return self.demo_clock(by)

    def move_to(self, moment: datetime) -> None:
        """Let time pass until a moment, or just after it."""
        minutes = math.ceil((moment - self.now()).total_seconds() / 60)
        assert minutes >= 0, f"{moment} is over"
        days, minutes = divmod(minutes, 24 * 60)
        self.move_clock(f"+{days}d")
        self.move_clock(f"+{minutes}m")

    def now(self) -> datetime:
        """The moment it is in the demo."""
        return self.demo_clock()


def be(walk: Walk, who: str) -> None:
    """Sign in as one of the demo's people."""
    walk.go("/demo/")
    walk.page.locator(f"form[action='/demo/be/{who}/'] button").click()
    walk.look()


def next_thing(walk: Walk) -> None:
    """Home, and the one thing it offers."""
    walk.go("/home/")
    walk.page.locator(".card--next a.button").click()
    walk.look()


def letters(walk: Walk, address: str) -> str:
    """Everything in the demo's mailbox for an address or number."""
    walk.go(f"/demo/mailbox/?to={address}")
    return walk.page.locator("main").inner_text()


def pay(walk: Walk) -> None:
    """The card is declined, the patient goes back, and then it works."""
    walk.go("/home/")
    walk.press("See the price")
    walk.press("Pay $149.00")
    walk.page.wait_for_url("**/demo/pay/**")
    walk.look()
    walk.press("Card declined")
    walk.sees("The card was declined")
    walk.press("Go back")
    walk.sees("Nothing was charged")
    walk.press("Pay $149.00")
    walk.page.wait_for_url("**/demo/pay/**")
    walk.press("Pay", exact=True)
    walk.sees("We received $149.00")
    walk.go("/billing/")
    walk.sees("$149.00")


def arrives(cast: Cast, address: str, words: str) -> str:
    """The mailbox of an address once it says the words; the worker sends within a tick."""
    for _turn in range(2 * PATIENCE_SECONDS):
        cast.sitter.page.goto(f"/demo/mailbox/?to={address}")
        found = cast.sitter.page.locator("main").inner_text()
        if words in found:
            cast.sitter.look()
            return found
        time.sleep(0.5)
    raise AssertionError(f"Nothing for {address} says {words!r}:\n{found}")


def book(walk: Walk) -> datetime:
    """A time on the second day after today, so that both reminders have their turn; when it starts."""
    next_thing(walk)
    on(walk, "Choose a time")
    days = walk.page.locator("main details")
    if days.count() > 2:
        days.nth(2).locator("summary").click()
        days.nth(2).locator("button[name=slot]").first.click()
    else:
        walk.page.locator("button[name=slot]").nth(60).click()
    walk.look()
    on(walk, "Book this time?")
    walk.press("Book this visit")
    on(walk, "Your visit is booked")
    calendar = walk.context.request.get(walk.page.url.replace("/booked/", "/calendar.ics"))
    assert calendar.ok
    starts = re.search(r"DTSTART:(\d{8}T\d{6})Z", calendar.text())
    assert starts, calendar.text()
    return datetime.strptime(starts.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def visit(cast: Cast) -> None:
    """The patient says where they are; the prescriber begins and ends the call."""
    next_thing(cast.patient)
    cast.patient.press("Get ready for the visit")
    for name in ("safe", "private"):
        cast.patient.choose(name, "yes")
    cast.patient.choose("way", "phone")
    cast.patient.pick("state", "CA")
    cast.patient.press("I am ready")
    cast.patient.sees("You are all set")
    be(cast.staff, "prescriber")
    cast.staff.go("/admin/schedule/")
    cast.staff.press("Juno")
    cast.staff.press("Begin the visit")
    cast.move_clock("+40m")
    cast.staff.press("The visit is over")
    cast.staff.sees("This visit took place")


def decide_and_prescribe(cast: Cast) -> str:
    """Claim, approve with a reason, write and sign the prescription; its address."""
    staff = cast.staff
    staff.go("/admin/queue/")
    staff.press("Juno")
    staff.press("Claim this case")
    staff.page.locator("details:has(form[action$='/approve/']) summary").first.click()
    form = staff.page.locator("form[action$='/approve/']")
    form.locator("textarea[name=reason]").fill("Two adequate trials failed, no contraindication, sitter named.")
    form.locator("input[name=confirmed]").check(force=True)
    form.locator("button:not([name])").click()
    staff.look()
    staff.press("Approve")
    staff.press("Go on to the prescription")
    staff.look()
    staff.page.locator("select[name=product]").select_option(label="Lozenge 100 mg")
    staff.pick("frequency", "weekly")
    staff.fill(quantity_units="4", first_shipment_units="2", directions="Dissolve one lozenge in the mouth.")
    # Needed from 2027 on, when the DEA's flexibilities have ended.
    staff.fill(in_person_visit_on=f"{cast.now() - timedelta(days=7):%Y-%m-%d}")
    staff.pick("pdmp_state", "CA")
    checked = (cast.now() - timedelta(minutes=5)).astimezone(PACIFIC)
    staff.fill(pdmp_checked_at=f"{checked:%Y-%m-%dT%H:%M}")
    staff.page.locator("select[name=pdmp_result]").select_option(index=1)
    staff.press("Save the draft")
    staff.press("Sign the prescription")
    staff.sees("The first shipment is ordered")
    # The prescriber stands on the case again, where the order is named.
    order = staff.page.locator("a[href*='/admin/prescriptions/']").first.get_attribute("href") or ""
    staff.go(order.partition("?")[0])
    pdf = staff.context.request.get(f"{staff.page.url}pdf/")
    assert pdf.headers["content-type"] == "application/pdf"
    staff.page.locator("select[name=handover-method]").select_option("fax")
    staff.page.locator("input[name=handover-reference]").fill("+12135550199")
    staff.press("Note the hand-over")
    staff.sees("Noted: the pharmacy has the order.")
    return staff.page.url


def receive_and_plan(cast: Cast) -> datetime:
    """The parcel came; sessions at six in the evening, the first in two days; when that is."""
    walk = cast.patient
    first = (cast.now().astimezone(PACIFIC) + timedelta(days=2)).replace(hour=18, minute=0, second=0)
    next_thing(walk)
    walk.press("My medicine has arrived")
    walk.pick("hour", "18:00")
    walk.fill(first_day_0=str(first.month), first_day_1=str(first.day), first_day_2=str(first.year))
    walk.press("Plan my sessions")
    walk.sees("Your sessions are planned")
    return first


def invite_sitter(cast: Cast) -> str:
    """The private link, confirmed by the sitter in a browser without any account; its path."""
    walk = cast.patient
    next_thing(walk)
    walk.press("Invite your sitter")
    walk.fill(name="Alex Sitter", phone="+1 213 555 0124", email="alex@example.com")
    walk.press("Make the private link")
    found = re.search(r"/s/[\w-]+/", walk.page.content())
    assert found
    link = found.group(0)
    cast.sitter.go(link)
    for name in ("adult", "stays"):
        cast.sitter.page.locator(f"[name={name}]").check(force=True)
    cast.sitter.press("Yes, I will be there")
    return link


def readiness(cast: Cast, *, reading: tuple[str, str] = ("124", "80")) -> None:
    """The gate, item by item, and two readings."""
    walk = cast.patient
    next_thing(walk)
    walk.press("Start the readiness check")
    for heading, answers in (
        ("Your sitter", {"sitter_adult": "yes", "sitter_reachable": "yes"}),
        ("Where are you today?", {}),
        ("Food and drink", {"food_ok": "yes", "liquids_ok": "yes"}),
        ("How today is", dict.fromkeys(("alcohol_or_cannabis", "new_medicine", "illness", "pregnancy_possible"), "no")),
        ("Your safety", dict.fromkeys(CSSRS_NO, "no")),
        ("Before we measure", {"will_not_drive": "yes", "seated": "yes"}),
    ):
        on(walk, heading)
        for name, answer in answers.items():
            walk.choose(name, answer)
        go_on(walk)
    for _turn in (1, 2):
        walk.fill(pressure_0=reading[0], pressure_1=reading[1], heart_rate="72")
        go_on(walk)


def session(cast: Cast, link: str) -> None:
    """Begin, hold, eight sitter checks, two readings, the release."""
    cast.patient.press("Begin now")
    on(cast.patient, "Hold it in your mouth")
    for number in range(1, 9):
        cast.move_clock("+14m")
        cast.sitter.go(link)
        cast.sitter.choose("responds", "yes")
        cast.sitter.choose("breathing_normal", "yes")
        _tell(cast.sitter, "Save this check")
        if number == 4:
            next_thing(cast.patient)
            cast.patient.press("Note your blood pressure")
            cast.patient.fill(pressure_0="130", pressure_1="84", heart_rate="78")
            _tell(cast.patient, "Save")
            _tell(cast.patient, "Calm", said="Noted: Calm.")
    cast.move_clock("+10m")
    cast.sitter.go(link)
    cast.sitter.fill(pressure_0="128", pressure_1="82", heart_rate="74")
    _tell(cast.sitter, "Save the reading")
    cast.sitter.choose("oriented", "yes")
    cast.sitter.choose("walking", "yes")
    cast.sitter.page.get_by_role("button", name="End the session").click()
    expect(cast.sitter.page.locator("h1")).to_have_text("It is over. Thank you", timeout=30_000)
    cast.sitter.look()
    cast.patient.go("/home/")


def _tell(walk: Walk, button: str, said: str = "Saved.") -> None:
    """Press it; the page stays, and says what became of it."""
    walk.page.get_by_role("button", name=button, exact=True).click()
    expect(walk.page.locator("[data-said]")).to_have_text(said)
    walk.look()


def check_in(cast: Cast) -> None:
    """Every short check-in that waits, one after the other."""
    walk = cast.patient
    for _turn in range(6):
        walk.go("/treatment/check-in/")
        waiting = walk.page.locator(".card--next a.button")
        if waiting.count() == 0:
            return
        waiting.click()
        walk.look()
        _answer_quietly(walk)
    raise AssertionError("There is always one more check-in.")


def _answer_quietly(walk: Walk) -> None:
    """Nothing worth a clinician's eyes, page by page, until there is no page left."""
    for _page in range(40):
        if walk.page.locator("main form").count() == 0:
            return
        names = walk.page.eval_on_selector_all("main form input[type=radio]", "els => els.map(e => [e.name, e.value])")
        for name in dict.fromkeys(name for name, _value in names):
            values = [value for other, value in names if other == name]
            quiet = next(value for value in ("no", "0", values[len(values) // 2]) if value in values)
            if walk.page.locator(f"input[name='{name}'][value='{quiet}']").is_enabled():
                walk.choose(name, quiet)
        nothing = walk.page.locator("main form input[type=checkbox][value=none]")
        if nothing.count():
            nothing.check(force=True)
        walk.page.locator("main form button[type=submit]").first.click()
        walk.look()
    raise AssertionError("The check-in does not end.")


def worklist(cast: Cast, name: str, *, there: bool) -> str:
    """What the coordinator's worklist says, once the name is there or gone."""
    be(cast.staff, "coordinator")
    for _second in range(PATIENCE_SECONDS):
        cast.staff.go("/admin/worklist/")
        words = cast.staff.page.locator("main").inner_text()
        if (name in words) is there:
            return words
        time.sleep(1)
    raise AssertionError(f"{name} is {'not ' if there else ''}on the worklist:\n{words}")
