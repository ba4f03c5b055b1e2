"""Answering the intake as a person does, page by page; what each page is called stands in its heading."""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from tests.journeys.walk import Walk

PASSWORD = "quiet river stone lantern"


@dataclass(frozen=True)
class Answers:
    """What this person answers where the journeys differ."""

    name: str
    state: str = "CA"
    zone: str = "America/Los_Angeles"
    phq9: tuple[int, ...] = (2, 2, 2, 2, 2, 2, 2, 2, 0)
    thoughts: dict[str, str] = field(default_factory=dict)


def sign_up(walk: Walk, email: str) -> None:
    """From the public home to the first page after signing in, with the link from the mailbox."""
    walk.go("/")
    for page in ("/how-it-works/", "/prices/", "/safety/", "/crisis/"):
        walk.go(page)
    walk.go("/accounts/signup/")
    walk.fill(email=email, password1=PASSWORD)
    walk.press("Create account")
    walk.go(f"/demo/mailbox/?to={email}")  # others' alerts ring meanwhile and would fill the first page
    link = walk.page.locator("main a[href*='confirm-email']").first.get_attribute("href")
    walk.go(urlsplit(link or "").path)
    walk.press("Yes, confirm")
    sign_in(walk, email)


def sign_in(walk: Walk, email: str) -> None:
    """With the password."""
    walk.go("/accounts/login/")
    walk.fill(login=email, password=PASSWORD)
    walk.press("Sign in", exact=True)


def on(walk: Walk, heading: str) -> None:
    """The page asks this."""
    assert heading in walk.heading(), f"{walk.page.url} asks {walk.heading()!r}, not {heading!r}"


def go_on(walk: Walk) -> None:
    """Continue, which saves."""
    walk.press("Continue", exact=True)


def about_you(walk: Walk, given: Answers) -> None:
    """Name, birth, phone, address, emergency contact."""
    on(walk, "Who are you?")
    walk.press("Continue", exact=True)
    assert walk.page.locator(".error-summary").count() == 1
    walk.fill(legal_name=given.name, preferred_name=given.name.split()[0], phone="+1 555 010 0123")
    walk.fill(date_of_birth_0="3", date_of_birth_1="27", date_of_birth_2="1985")
    walk.choose("sex_at_birth", "male")
    walk.page.locator("input[name='texts']").check(force=True)
    go_on(walk)
    on(walk, "Where will you be")
    walk.fill(street="1 Test Way", city="Testville", zip="90001")
    walk.pick("state", given.state)
    walk.pick("zone", given.zone)
    # Enter goes on, as Continue does, and presses nothing else that belongs to the form.
    walk.page.locator("[name=zip]").press("Enter")
    walk.look()
    on(walk, "Whom should we call")
    walk.fill(name="Sam Example", phone="+1 555 010 0124")
    walk.choose("relation", "friend")
    go_on(walk)


def feelings(walk: Walk, given: Answers) -> None:
    """What brings you, PHQ-9, and the C-SSRS at once when item 9 asks for it."""
    on(walk, "What would you like help with?")
    walk.choose("codes", "depression")
    go_on(walk)
    on(walk, "Over the last 2 weeks")
    _items(walk, given.phq9)
    if given.phq9[8]:
        on(walk, "In the past month")
        return
    on(walk, "Over the last 2 weeks")
    _items(walk, (2, 2, 2, 2, 1, 1, 1))
    thoughts(walk, {"wish_dead": "no", "suicidal_thoughts": "no"})
    thoughts(walk, {"behavior_lifetime": "no"})


def thoughts(walk: Walk, answers: dict[str, str]) -> None:
    """One page of the C-SSRS."""
    for name, answer in answers.items():
        walk.choose(name, answer)
    go_on(walk)


def _items(walk: Walk, scores: tuple[int, ...]) -> None:
    for number, score in enumerate(scores):
        walk.choose(f"items_{number}", str(score))
    go_on(walk)


def treatments(walk: Walk) -> None:
    """Two antidepressants of different classes; no other medicine."""
    on(walk, "Antidepressants you have tried")
    for medicine, dose, weeks in (("Zoloft", "150", "10"), ("Wellbutrin", "300", "8")):
        walk.choose("more", "yes")
        go_on(walk)
        box = walk.page.locator("input[name=medicine]")
        if medicine == "Zoloft":
            # Misspelt, found by the type-ahead, and chosen by keyboard: UX-06.
            box.press_sequentially(medicine.replace("l", "ll"))
            walk.page.keyboard.press("ArrowDown")
            walk.page.keyboard.press("Enter")
        else:
            # Others begin like it, so the list stays open; it is in nobody's way.
            box.press_sequentially(medicine)
            assert box.get_attribute("aria-expanded") == "true"
        assert box.input_value() == medicine
        go_on(walk)
        walk.fill(dose=dose, weeks=weeks)
        for name, value in {
            "taken_for": "depression",
            "episode": "current",
            "improvement": "10",
            "stopped": "no_benefit",
        }.items():
            walk.choose(name, value)
        walk.press("Save", exact=True)
    walk.choose("more", "no")
    go_on(walk)
    on(walk, "Medicines you take now")
    walk.choose("more", "no")
    go_on(walk)


def health(walk: Walk, today: date) -> None:
    """No condition, no substance, a good blood pressure."""
    for heading in ("Your heart", "Your brain", "Other parts", "Your mental health"):
        on(walk, heading)
        walk.choose("codes", "none")
        go_on(walk)
    on(walk, "Alcohol and other substances")
    for name in ("alcohol", "cannabis", "opioid", "cocaine", "stimulant", "sedative", "ketamine", "pcp", "other"):
        walk.pick(name, "never")
    go_on(walk)
    on(walk, "Your blood pressure")
    walk.choose("more", "yes")
    go_on(walk)
    walk.fill(taken_on_0=str(today.month), taken_on_1=str(today.day), taken_on_2=str(today.year))
    walk.fill(pressure_0="122", pressure_1="78")
    walk.press("Save", exact=True)
    walk.choose("more", "no")
    go_on(walk)
    on(walk, "Heart rate")
    walk.fill(heart_rate="70", height_0="5", height_1="9", weight_0="165")
    go_on(walk)


def sitter_and_consent(walk: Walk, given: Answers) -> None:
    """Somebody beside you, and the signature."""
    on(walk, "Can an adult be with you")
    walk.choose("adult", "yes")
    go_on(walk)
    on(walk, "Who will be with you?")
    walk.fill(name="Alex Sitter", phone="+1 555 010 0155")
    go_on(walk)
    agreements(walk, given.name)


def agreements(walk: Walk, name: str) -> None:
    """Read the four texts, answer the five questions, sign; then the answers are there to be checked."""
    on(walk, "Your agreements")
    walk.press("Read and sign", exact=True)
    for _text in range(4):
        walk.page.locator("input[name='agree']").check(force=True)
        go_on(walk)
    for number, choice in enumerate((2, 1, 3, 2, 1), start=1):
        walk.page.wait_for_url(f"**/questions/{number}/")
        walk.choose("choice", str(choice))
        go_on(walk)
    on(walk, "Sign with your name")
    walk.fill(signature=name)
    walk.press("Sign", exact=True)


def begin(walk: Walk) -> None:
    """From the home page into the first question."""
    walk.press("Start", exact=True)
    walk.press("Begin", exact=True)
