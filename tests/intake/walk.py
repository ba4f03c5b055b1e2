"""A person who answers the questionnaire through its pages, as a browser without JavaScript would."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.questions import flow
from harmoniously.core.questions.forms import form_for
from harmoniously.core.questions.specs import Context, Page
from intake.models import Submission
from intake.pages import INTAKE
from tests.cast import NOON

# Readings count for 30 days, so these tests live today.
TODAY = clock.now().date()
_MEASURED = TODAY - timedelta(days=3)

PHQ9 = [2, 3, 2, 2, 2, 2, 2, 1, 0]
GAD7 = [2, 2, 2, 2, 1, 1, 1]


def items(values: list[int]) -> dict[str, Any]:
    """The posted items of an instrument."""
    return {f"items_{number}": value for number, value in enumerate(values)}


def date_boxes(name: str, month: int, day: int, year: int) -> dict[str, Any]:
    """The posted boxes of a date."""
    return {f"{name}_0": month, f"{name}_1": day, f"{name}_2": year}


ZOLOFT = {
    "medicine": "Zoloft",
    "dose": "150",
    "dose_unit": "mg",
    "weeks": "10",
    "taken_for": "depression",
    "episode": "current",
    "improvement": "10",
    "stopped": "no_benefit",
}
WELLBUTRIN = {**ZOLOFT, "medicine": "Wellbutrin XL", "dose": "300", "weeks": "12"}
READING = {
    **date_boxes("taken_on", _MEASURED.month, _MEASURED.day, _MEASURED.year),
    "pressure_0": "122",
    "pressure_1": "76",
}
ANSWERS: dict[str, dict[str, Any]] = {
    "about_you": {
        "legal_name": "Robin Example",
        "preferred_name": "Robin",
        **date_boxes("date_of_birth", 3, 4, 1985),
        "sex_at_birth": "female",
        "phone": "(415) 555-0132",
    },
    "where_you_are": {"street": "1 Test Way", "city": "Testville", "state": "CA", "zip": "90001", "zone": ""},
    "emergency_contact": {"name": "Sam Example", "phone": "415 555 0133", "relation": "family"},
    "indications": {"codes": ["depression"]},
    "phq9": items(PHQ9),
    "gad7": items(GAD7),
    "cssrs_thoughts": {"wish_dead": "no", "suicidal_thoughts": "no"},
    "cssrs_plans": {"method": "no", "intent": "no", "plan": "no"},
    "cssrs_behavior": {"behavior_lifetime": "no"},
    "cssrs_recent": {"behavior_past_3_months": "no"},
    "pcl5": items([0] * 20),
    "peg": items([5, 5, 5]),
    "conditions_heart": {"codes": ["none"]},
    "conditions_brain": {"codes": ["none"]},
    "conditions_body": {"codes": ["none"]},
    "conditions_mind": {"codes": ["none"]},
    "condition_times": {},
    "condition_letters": {"cardiology_letter": "no", "treating_clinician_letter": "no"},
    "substances": dict.fromkeys(
        ("alcohol", "cannabis", "opioid", "cocaine", "stimulant", "sedative", "ketamine", "pcp", "other"), "never"
    ),
    "substance_details": {"alcohol_amount": "2 beers", "alcohol_last_0": "3", "alcohol_last_1": "weeks"},
    "body": {
        "heart_rate": "72",
        "height_0": "5",
        "height_1": "6",
        "height_2": "ft",
        "weight_0": "160",
        "weight_1": "lb",
    },
    "pregnancy_possible": {"can_become_pregnant": "no", "breastfeeding": "no"},
    "pregnancy": {"pregnant": "no", "trying": "no"},
    "sitter": {"adult": "yes"},
    "sitter_details": {"name": "Alex Example", "phone": "415 555 0134"},
}
LISTS: dict[str, list[dict[str, Any]]] = {
    "antidepressants": [ZOLOFT, WELLBUTRIN],
    "medicines": [],
    "blood_pressure": [READING],
}


def url_of(key: str) -> str:
    """The address of a page by its key."""
    return reverse("intake:page", args=[INTAKE.slug(INTAKE.by_key[key])])


def key_of(url: str) -> str | None:
    """The key of the page at an address, or None for another address."""
    parts = url.partition("?")[0].split("/")
    page = INTAKE.by_slug(parts[3]) if url.startswith("/intake/questions/") else None
    return page.key if page else None


class Walker:
    """Answers page after page, always where the site leads; ``answers`` replace the usual ones."""

    def __init__(self, client: Client, lists: dict[str, Any] | None = None, **answers: dict[str, Any]) -> None:
        self.client = client
        self.answers = {**ANSWERS, **answers}
        self.lists = {**LISTS, **(lists or {})}
        self.visited: list[str] = []
        self.changing = False

    def begin(self) -> str:
        """Start or resume; the address of the first open page."""
        response = self.client.post(reverse("intake:begin"))
        assert response.status_code == 302, response.status_code
        return response["Location"]

    def post(self, key: str, data: dict[str, Any] | None = None, **extra: Any) -> HttpResponse:
        """Post one page as the browser would after opening it."""
        url = url_of(key) + ("?change=1" if self.changing else "")
        page = self.client.get(url)
        assert page.status_code == 200, (key, page.status_code, page.get("Location"))
        given = {"version": page.context["version"], **(self.answers[key] if data is None else data), **extra}
        return self.client.post(url, given)

    def add(self, key: str, entry: dict[str, Any]) -> HttpResponse:
        """Add one entry to a list page."""
        url = reverse("intake:add", args=[INTAKE.slug(INTAKE.by_key[key])])
        page = self.client.get(url)
        assert page.status_code == 200, (key, page.status_code)
        return self.client.post(url, {"version": page.context["version"], "entry": page.context["entry"], **entry})

    def step(self, key: str) -> str:
        """Answer one page completely; the address that follows."""
        self.visited.append(key)
        if key in self.lists:
            for entry in self.lists[key]:
                added = self.add(key, entry)
                assert added.status_code == 302, (key, errors(added))
            response = self.post(key, {"more": "no"})
        else:
            response = self.post(key)
        assert response.status_code == 302, (key, errors(response))
        return response["Location"]

    def run(self, until: str | None = None) -> str:
        """Go on from where it stopped until a page (not answered) or until the questions end; the last address."""
        url = self.begin()
        for _ in range(80):
            key = key_of(url)
            if key is None or key == until:
                return url
            url = self.step(key)
        raise AssertionError("The questionnaire does not end.")

    def amend(self, reason: str = "added", note: str = "") -> None:
        """Open what was handed in for changes, and answer what is asked anew."""
        response = self.client.post(reverse("intake:amend"), {"reason": reason, "note": note})
        assert response.status_code == 302, errors(response)
        self.changing = True
        assert self.run() == reverse("intake:check")

    def hand_in(self) -> HttpResponse:
        """Answer everything, then hand in; the page with the result."""
        url = self.run()
        assert url == reverse("intake:check"), url
        assert self.client.get(url).status_code == 200
        return self.client.post(url, follow=True)


def errors(response: Any) -> Any:
    """The errors of a form page."""
    return dict(response.context["form"].errors) if response.context and "form" in response.context else None


def stored_answers(lists: dict[str, Any] | None = None, **changes: dict[str, Any]) -> dict[str, Any]:
    """The answers as a draft holds them once everything was answered; pages are read by their own forms."""
    posted, entries = {**ANSWERS, **changes}, {**LISTS, **(lists or {})}
    found: dict[str, Any] = {}
    while (page := flow.route(INTAKE, found).open) is not None:
        context = Context(used=flow.route(INTAKE, found).used, today=TODAY)
        if page.repeat is not None:
            items = [{**_read(page, context, entry), "id": uuid4().hex} for entry in entries[page.key]]
            found[page.key] = {"items": items, "complete": True}
        else:
            found[page.key] = _read(page, context, posted[page.key])
    return found


def _read(page: Page, context: Context, data: dict[str, Any]) -> dict[str, Any]:
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    form = form_for(page, context=context, data=query)
    assert form.is_valid(), (page.key, form.errors)
    return form.answers()


def make_draft(patient: Patient, lists: dict[str, Any] | None = None, **changes: dict[str, Any]) -> Submission:
    """A draft with everything answered, made without a browser."""
    answers = stored_answers(lists, **changes)
    return Submission.objects.create(
        patient=patient, form_version=INTAKE.version, answers=answers, version=len(answers), saved_at=NOON
    )
