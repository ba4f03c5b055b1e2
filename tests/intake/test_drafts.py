"""Saving as one goes: nothing lost, nothing overwritten, nothing counted that is not asked."""

import pytest
from django.test import Client

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions import flow
from intake.facts import facts_from_answers
from intake.models import Submission
from intake.pages import INTAKE
from tests.cast import signed_in
from tests.intake.walk import ANSWERS, TODAY, ZOLOFT, Walker, items, key_of, make_draft, stored_answers, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(patient: Patient) -> Submission:
    return make_draft(patient)


def keep(draft: Submission, *keys: str) -> None:
    draft.answers = {key: value for key, value in draft.answers.items() if key in keys}
    draft.save()


def test_another_device_resumes_exactly_where_it_stopped(patient_client: Client, patient: Patient) -> None:
    walker = Walker(patient_client)
    walker.begin()
    walker.post("about_you")
    walker.post("where_you_are")

    elsewhere = Walker(signed_in(patient.user))
    assert key_of(elsewhere.begin()) == "emergency_contact"
    page = elsewhere.client.get(url_of("about_you")).content.decode()
    assert 'value="Robin Example"' in page


def test_a_stale_tab_never_overwrites(patient_client: Client, patient: Patient, draft: Submission) -> None:
    walker = Walker(patient_client)
    opened = patient_client.get(url_of("emergency_contact")).context["version"]
    walker.post("emergency_contact", {**ANSWERS["emergency_contact"], "name": "First Tab"})
    stale = {**ANSWERS["emergency_contact"], "name": "Second Tab", "version": opened}
    response = patient_client.post(url_of("emergency_contact"), stale)

    page = response.content.decode()
    assert response.status_code == 409
    assert "First Tab" in page
    assert 'value="Second Tab"' in page
    draft.refresh_from_db()
    assert draft.answers["emergency_contact"]["name"] == "First Tab"

    again = patient_client.post(url_of("emergency_contact"), {**stale, "version": response.context["version"]})
    draft.refresh_from_db()
    assert (again.status_code, draft.answers["emergency_contact"]["name"]) == (302, "Second Tab")


def test_two_tabs_on_two_pages_do_not_disturb_each_other(patient_client: Client, draft: Submission) -> None:
    opened = patient_client.get(url_of("body")).context["version"]
    Walker(patient_client).post("emergency_contact", {**ANSWERS["emergency_contact"], "name": "Other Page"})
    response = patient_client.post(url_of("body"), {"version": opened, **ANSWERS["body"], "heart_rate": "80"})
    assert response.status_code == 302


def test_posting_a_page_twice_saves_once(patient_client: Client, draft: Submission) -> None:
    given = {**ANSWERS["emergency_contact"], "name": "Once", "version": draft.version}
    first, second = (patient_client.post(url_of("emergency_contact"), given) for _ in range(2))

    assert first["Location"] == second["Location"]
    before = draft.version
    draft.refresh_from_db()
    assert draft.version == before + 1


def test_posting_an_entry_twice_adds_one(patient_client: Client, draft: Submission) -> None:
    url = url_of("medicines") + "add/"
    given = {"version": draft.version, "entry": patient_client.get(url).context["entry"]}
    given |= {"name": "lithium", "dose": "900 mg", "frequency": "daily"}
    for _ in range(2):
        assert patient_client.post(url, given).status_code == 302

    draft.refresh_from_db()
    assert [entry["name"] for entry in draft.answers["medicines"]["items"]] == ["lithium"]


def test_an_entry_is_changed_and_removed(patient_client: Client, draft: Submission) -> None:
    walker = Walker(patient_client)
    page = patient_client.get(url_of("antidepressants"))
    first, second = page.context["entries"]
    patient_client.post(first["change_url"], {**ZOLOFT, "medicine": "Luvox", "version": page.context["version"]})
    patient_client.post(second["remove_url"])
    patient_client.post(second["remove_url"])

    draft.refresh_from_db()
    assert [entry["medicine"] for entry in draft.answers["antidepressants"]["items"]] == ["Luvox"]
    assert key_of(walker.begin()) == "antidepressants"


def test_invalid_answers_are_kept_and_explained(patient_client: Client, draft: Submission) -> None:
    given = {**ANSWERS["about_you"], "date_of_birth_0": "2", "date_of_birth_1": "30", "version": draft.version}
    response = patient_client.post(url_of("about_you"), given)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in page
    assert "<title>Error:" in page
    assert 'href="#id_date_of_birth_0"' in page
    assert 'value="30"' in page


def test_no_page_is_reached_before_the_ones_that_lead_to_it(patient_client: Client, draft: Submission) -> None:
    keep(draft, "about_you")
    assert key_of(patient_client.get(url_of("sitter"))["Location"]) == "where_you_are"
    response = patient_client.post(url_of("sitter"), {"version": 0, **ANSWERS["sitter"]})
    assert key_of(response["Location"]) == "where_you_are"


def test_changing_an_answer_asks_only_what_it_affects_and_says_so(patient_client: Client, draft: Submission) -> None:
    url = url_of("pregnancy_possible") + "?change=1"
    version = patient_client.get(url).context["version"]
    given = {"can_become_pregnant": "yes", "breastfeeding": "no", "version": version}
    response = patient_client.post(url, given)
    assert key_of(response["Location"]) == "pregnancy"
    page = patient_client.get(response["Location"])
    assert b"Your answer opens a question: Pregnancy" in page.content

    after = patient_client.post(response["Location"], {"pregnant": "no", "trying": "no", "version": 99})
    assert after["Location"] == "/intake/check/"


def test_a_hidden_page_is_kept_but_never_counts() -> None:
    answers = stored_answers(pregnancy_possible={"can_become_pregnant": "yes", "breastfeeding": "no"})
    answers["pregnancy"]["pregnant"] = "yes"
    answers["about_you"]["sex_at_birth"] = "male"

    used = flow.route(INTAKE, answers).used
    assert "reproductive" not in facts_from_answers(used, as_of=TODAY)


def test_a_hidden_instrument_is_not_scored() -> None:
    answers = stored_answers(indications={"codes": ["depression", "ptsd"]}, pcl5=items([4] * 20))
    answers["indications"]["codes"] = ["depression"]
    facts = facts_from_answers(flow.route(INTAKE, answers).used, as_of=TODAY)
    assert "pcl5" not in facts


def test_a_switch_of_language_keeps_what_is_typed_and_saves_nothing(patient_client: Client, draft: Submission) -> None:
    """UX-23, I9: on a page, on the form of an entry, under a list."""
    add = url_of("medicines") + "add/"
    entry = patient_client.get(add).context["entry"]
    typed = {
        url_of("emergency_contact"): {"name": "Half", "phone": "x"},
        add: {"name": "Xanax", "entry": entry},
        url_of("medicines"): {"more": "yes"},
    }
    for url, given in typed.items():
        assert 'form="answers" formaction="/language/"' in patient_client.get(url).content.decode()
        switch = {"version": draft.version, "carry": url, "language": "es"}
        page = patient_client.post("/language/", {**given, **switch}, follow=True)
        assert (page.status_code, page.wsgi_request.path) == (200, url)
        name = next(iter(given))
        assert page.context["form"][name].value() == given[name]
        assert "error-summary" not in page.content.decode()
    before = draft.answers
    draft.refresh_from_db()
    assert draft.answers == before


def test_an_entry_that_is_left_in_the_middle_is_kept_and_named(patient_client: Client, draft: Submission) -> None:
    """UX-06, I9: half a medicine waits for the rest; half a change does not take the place of a whole entry."""
    walker, add = Walker(patient_client), url_of("medicines") + "add/"
    opened = patient_client.get(add)
    half = {"entry": opened.context["entry"], "version": draft.version, "name": "Xanax", "dose": "1 mg", "later": "1"}
    tasks = patient_client.post(add, half, follow=True).content.decode()
    assert "not complete yet: Xanax, 1 mg" in tasks
    assert "Not finished yet: Xanax, 1 mg." in tasks
    assert key_of(walker.begin()) == "medicines"
    done = walker.post("medicines", {"more": "no"})
    assert (done.status_code, "First finish or remove: Xanax" in done.content.decode()) == (422, True)
    change = done.context["entries"][0]["change_url"]
    assert 'value="1 mg"' in patient_client.get(change).content.decode()
    whole = {**half, "frequency": "daily", "version": 99}
    del whole["later"]
    patient_client.post(change, whole)
    assert walker.post("medicines", {"more": "no"}).status_code == 302

    trial = patient_client.get(url_of("antidepressants")).context["entries"][0]["change_url"]
    tasks = patient_client.post(trial, {"medicine": "Zoloft", "dose": "", "version": 99, "later": "1"}, follow=True)
    assert "your earlier answers to it stand" in tasks.content.decode()
    draft.refresh_from_db()
    assert draft.answers["antidepressants"]["items"][0]["dose"] == 150


def test_a_dangerous_reading_without_its_day_is_kept_and_answered(patient_client: Client, draft: Submission) -> None:
    """UX-10: leaving in the middle of it loses neither the reading nor what to do about it."""
    keep(draft, *(key for key in draft.answers if key != "blood_pressure"))
    add = url_of("blood_pressure") + "add/"
    given = {"entry": patient_client.get(add).context["entry"], "version": draft.version, "later": "1"}
    tasks = patient_client.post(add, {**given, "pressure_0": "185", "pressure_1": "118"}, follow=True).content.decode()
    assert "This reading is very high" in tasks
    assert "Not finished yet: 185 over 118." in tasks
    assert "Call 911" in patient_client.get(url_of("blood_pressure")).content.decode().split("</details>")[0]


def test_unusual_numbers_are_asked_again_and_then_accepted(patient_client: Client, draft: Submission) -> None:
    given = {**ANSWERS["body"], "heart_rate": "160", "version": draft.version}
    first = patient_client.post(url_of("body"), given)
    assert first.status_code == 422
    assert b"heart_rate_confirmed" in first.content
    assert patient_client.post(url_of("body"), {**given, "heart_rate_confirmed": "on"}).status_code == 302


def test_another_patient_finds_nothing(other_client: Client, draft: Submission) -> None:
    entry = draft.answers["antidepressants"]["items"][0]["id"]
    address = f"{url_of('antidepressants')}{entry[:8]}-{entry[8:12]}-{entry[12:16]}-{entry[16:20]}-{entry[20:]}/"
    assert other_client.get(address).status_code == 404
    other_client.post("/intake/begin/")
    assert other_client.get(address).status_code == 404
    assert b"Robin" not in other_client.get("/intake/", follow=True).content
