"""One draft in two windows or on two devices: nothing is lost, nothing is overwritten silently (UX-06, UX-09)."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import Client

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions import flow
from intake.models import EligibilityDecision, Submission
from intake.pages import INTAKE
from intake.pages.conditions import CONDITION_LETTERS
from tests.cast import signed_in
from tests.intake.walk import ANSWERS, WELLBUTRIN, ZOLOFT, Walker, items, key_of, make_draft, stored_answers, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(patient: Patient) -> Submission:
    return make_draft(patient)


@pytest.fixture
def elsewhere(patient: Patient) -> Client:
    """The same person on another device."""
    return signed_in(patient.user)


def form_of(response: HttpResponse) -> dict[str, str]:
    """What the page that lets one choose posts again: its hidden fields."""
    given = response.context
    return {"version": given["version"], **dict(given["typed"])}


def test_ux_06_a_draft_left_on_one_device_is_finished_on_another(
    patient_client: Client, elsewhere: Client, draft: Submission
) -> None:
    draft.answers = {key: given for key, given in draft.answers.items() if key != "phq9"}
    draft.save()
    walker, five = Walker(patient_client), items([2, 3, 2, 1, 0])
    assert key_of(walker.begin()) == "phq9"
    assert walker.post("phq9", {**five, "later": "1"})["Location"] == "/intake/"
    assert "what you answered there is kept" in patient_client.get("/intake/").content.decode()

    there = Walker(elsewhere)
    address = there.begin()
    assert key_of(address) == "phq9"
    form = elsewhere.get(address).context["form"]
    assert [form[f"items_{number}"].value() for number in range(6)] == ["2", "3", "2", "1", "0", "None"]
    assert elsewhere.post(address, {**five, "version": "9"}).status_code == 422  # half a page is no answered page
    assert there.hand_in().status_code == 200
    assert EligibilityDecision.objects.get().summary["scores"]["phq9"]["total"] == 16


def test_ux_06_leaving_never_replaces_a_complete_page_by_half_of_one(patient_client: Client, draft: Submission) -> None:
    Walker(patient_client).post("emergency_contact", {"name": "Half", "phone": "", "later": "1"})
    draft.refresh_from_db()
    assert draft.answers["emergency_contact"]["name"] == "Sam Example"


def test_ux_13_thoughts_of_harm_are_answered_with_help_before_leaving(patient_client: Client) -> None:
    walker = Walker(patient_client)
    walker.run(until="phq9")
    assert walker.post("phq9", {"items_8": "2", "later": "1"})["Location"] == "/intake/help-now/"
    assert key_of(walker.post("phq9", {**items([1] * 9), "later": "1"})["Location"]) == "cssrs_thoughts"


def test_ux_06_the_second_window_sees_both_answers_and_chooses(
    patient_client: Client, elsewhere: Client, draft: Submission
) -> None:
    url, given = url_of("emergency_contact"), ANSWERS["emergency_contact"]
    opened = patient_client.get(url).context["version"]
    Walker(elsewhere).post("emergency_contact", {**given, "name": "From the phone"})
    late = patient_client.post(url, {**given, "name": "From the desk", "version": opened})

    assert late.status_code == 409
    page = late.content.decode()
    assert "From the phone</td><td>From the desk" in page.replace("\n", "")
    assert "Sam Example" not in page
    # A switch of language makes no choice: it shows the choice again, also when it is pressed twice (UX-23).
    switch = {**form_of(late), "choosing": "1", "carry": url, "language": "es"}
    switched = patient_client.post("/language/", switch, follow=True)
    assert (switched.status_code, form_of(switched)) == (409, form_of(late))
    patient_client.post("/language/", {"language": "en"})
    # Nor does a mistake in what is typed: what was saved elsewhere is no less in the way.
    wrong = patient_client.post(url, {**given, "name": "", "version": opened})
    assert (wrong.status_code, wrong.context["version"]) == (422, opened)
    again = patient_client.post(url, {**form_of(late), "edit": "1"}).content.decode()
    assert 'value="From the desk"' in again
    assert patient_client.get(late.context["keep_url"]).status_code == 200
    draft.refresh_from_db()
    assert draft.answers["emergency_contact"]["name"] == "From the phone"
    assert patient_client.post(url, form_of(late)).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["emergency_contact"]["name"] == "From the desk"


def test_ux_06_entries_of_a_list_are_told_apart(patient_client: Client, elsewhere: Client, draft: Submission) -> None:
    url = url_of("antidepressants")
    opened = patient_client.get(url)
    version, (first, second) = opened.context["version"], opened.context["entries"]
    other = {"version": version}

    assert elsewhere.post(first["change_url"], {**ZOLOFT, "dose": "100", **other}).status_code == 302
    # Another entry is no conflict, the same one is.
    assert patient_client.post(second["change_url"], {**WELLBUTRIN, "dose": "450", **other}).status_code == 302
    assert patient_client.post(first["change_url"], {**ZOLOFT, "dose": "200", **other}).status_code == 409
    assert patient_client.post(first["remove_url"], other).status_code == 409
    # Nobody calls a list complete to which somebody else just added.
    Walker(elsewhere).add("antidepressants", {**ZOLOFT, "medicine": "Luvox"})
    assert patient_client.post(url, {"more": "no", **other}).status_code == 409

    version = elsewhere.get(first["remove_url"]).context["version"]
    assert elsewhere.post(first["remove_url"], {"version": version}).status_code == 302
    gone = patient_client.post(first["change_url"], {**ZOLOFT, "dose": "200", "version": version})
    assert gone.status_code == 409
    assert "was removed" in gone.content.decode()
    switch = {**form_of(gone), "choosing": "1", "carry": first["change_url"], "theme": "dark"}
    assert form_of(patient_client.post("/theme/", switch, follow=True)) == form_of(gone)
    assert patient_client.post(first["change_url"], form_of(gone)).status_code == 302
    draft.refresh_from_db()
    doses = [entry["dose"] for entry in draft.answers["antidepressants"]["items"]]
    assert [float(dose) for dose in doses] == [450.0, 150.0, 200.0]
    made_up = f"{url}{UUID(int=7)}/"
    assert patient_client.post(made_up, {**ZOLOFT, "version": 99}).status_code == 404


def test_ux_08_handing_in_what_changed_since_asks_to_look_again(
    patient_client: Client, elsewhere: Client, draft: Submission
) -> None:
    seen = patient_client.get("/intake/check/").context["version"]
    Walker(elsewhere).post("emergency_contact", {**ANSWERS["emergency_contact"], "name": "From the phone"})
    late = patient_client.post("/intake/check/", {"version": seen})

    assert late.status_code == 409
    assert [page.key for page in late.context["changed"]] == ["emergency_contact"]
    assert "From the phone" in late.content.decode()
    assert not EligibilityDecision.objects.exists()
    handed_in = patient_client.post("/intake/check/", {"version": late.context["version"]})
    assert handed_in["Location"] == "/intake/result/"
    # The second click, and the device that did not know.
    assert patient_client.post("/intake/check/", {"version": seen})["Location"] == "/intake/result/"
    late = elsewhere.post(
        url_of("emergency_contact"), {**ANSWERS["emergency_contact"], "name": "Too late"}, follow=True
    )
    assert "was not saved" in late.content.decode()
    assert EligibilityDecision.objects.count() == 1


def test_ux_08_what_was_handed_in_never_changes(patient_client: Client, draft: Submission) -> None:
    patient_client.post("/intake/check/")
    rows = Submission.objects.filter(pk=draft.pk)
    for change in (
        lambda: rows.update(version=99),
        lambda: rows.update(status="draft", submitted_at=None),
        lambda: rows._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
    assert rows.update(status="superseded") == 1


def test_ux_09_what_an_answer_opens_is_asked_also_where_it_may_be_left_empty(
    patient_client: Client, draft: Submission
) -> None:
    walker, unit = Walker(patient_client), {"myocardial_infarction_1": "years"}

    def change(key: str, given: dict[str, Any]) -> tuple[str | None, str]:
        url = url_of(key) + "?change=1"
        sent = patient_client.post(url, {"version": patient_client.get(url).context["version"], **given})
        return key_of(sent["Location"]), patient_client.get(sent["Location"]).content.decode()

    assert change("conditions_brain", {"codes": ["seizures"]})[0] == "condition_times"
    walker.post("condition_times", {"seizures_0": "3", "seizures_1": "years"})
    where, told = change("conditions_heart", {"codes": ["myocardial_infarction"]})
    assert where == "condition_times"
    assert "opens questions: When was that?; Do you have a letter about it?" in told
    walker.post("condition_times", {"seizures_0": "3", "seizures_1": "years", "myocardial_infarction_0": "2", **unit})
    letter = CONDITION_LETTERS.fields[0]
    walker.post("condition_letters", {letter.name: letter.options[0].code})

    where, told = change("conditions_brain", {"codes": ["none"]})
    assert (where, "no longer use what you told us at: How long ago was your last seizure?" in told) == (None, True)
    draft.refresh_from_db()
    assert "seizures" not in flow.route(INTAKE, draft.answers).used["condition_times"]
    where, told = change("conditions_brain", {"codes": ["seizures"]})
    assert (where, "use again what you told us earlier at: How long ago was your last" in told) == (None, True)


def test_ux_09_a_question_hidden_elsewhere_is_not_saved_silently(patient_client: Client, draft: Submission) -> None:
    draft.answers = stored_answers(pregnancy_possible={"can_become_pregnant": "yes", "breastfeeding": "no"})
    draft.save()
    opened = patient_client.get(url_of("pregnancy")).context["version"]
    Walker(patient_client).post("pregnancy_possible", {"can_become_pregnant": "no", "breastfeeding": "no"})
    told = patient_client.post(url_of("pregnancy"), {"pregnant": "yes", "trying": "no", "version": opened}, follow=True)
    assert "this question is not asked now" in told.content.decode()
