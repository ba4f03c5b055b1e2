"""The two-minute check as a page: it keeps nothing, and carries answers by POST alone."""

import logging
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts.models import StateSwitch
from intake import check_form
from intake.pages import MINUTES, SECTIONS
from intake.policy import load_policy
from tests.cast import NOON

pytestmark = pytest.mark.django_db
ADDRESS = "/check/"
NONE = dict.fromkeys(
    ("conditions_heart", "pressure", "conditions_brain", "conditions_body", "conditions_mind", "pregnancy", "use"),
    "none",
)
WELL = {"age": "35", "state": "CA", "indications": "depression", "thoughts": "none", **NONE}


def heading(response):
    return " ".join(re.findall(r"<h1>(.*?)</h1>", response.content.decode(), re.DOTALL))


def test_it_answers_honestly_and_keeps_nothing(caplog):
    """Issue 3, policy section 11: no cookie but the one that protects forms, nothing in an address, a row or a log."""
    with CaptureQueriesContext(connection) as queries:
        _answers_honestly(caplog, Client())
    asked = {query["sql"] for query in queries.captured_queries}
    assert len(asked) == 1, "where no new patients are taken, and nothing that depends on who asks"
    assert asked.pop().startswith("SELECT DISTINCT ON")


def _answers_honestly(caplog, client):
    asked = client.get(ADDRESS)
    answers = {
        "Treatment at home may suit you": {},
        "It needs a talk first": {"indications": "chronic_pain"},
        "Treatment at home would not be safe for you now": {"conditions_mind": "schizophrenia"},
        "We do not treat people where you are yet": {"state": "elsewhere"},
        "You matter. Please talk with someone now.": {"thoughts": "acting"},
    }
    with caplog.at_level(logging.DEBUG), caplog.filtering(lambda record: record.name != "django.db.backends"):
        given = {words: client.post(ADDRESS, {**WELL, **changed}) for words, changed in answers.items()}
        wrong = client.post(ADDRESS, {**WELL, "age": "", "conditions_mind": ["none", "schizophrenia"]})
    assert {words: heading(response) for words, response in given.items()} == {words: words for words in answers}
    assert wrong.status_code == 422
    # Policy section 4: beside the banner the answer itself names 988, whatever else was ticked.
    for words, changed in answers.items():
        page = client.post(ADDRESS, {**WELL, "thoughts": "unsaid", **changed}).content.decode()
        assert "988 at any time" in page or words.startswith("You matter"), words
    every = [asked, wrong, *given.values()]
    assert {response["Cache-Control"] for response in every} == {"no-store"}
    assert {name for response in every for name in response.cookies} == {"csrftoken"}
    assert set(client.cookies) == {"csrftoken"}
    assert [record.getMessage() for record in caplog.records if record.name != "django.template"] == []
    assert not any(
        "schizophrenia" in str(link)
        for response in every
        for link in re.findall(r'(?:href|action)="[^"]*"', response.content.decode())
    )


def test_it_says_no_where_no_new_patients_are_taken(administrator):
    StateSwitch.objects.create(state="CA", is_open=False, reason="x", at=NOON, by=administrator)
    assert heading(Client().post(ADDRESS, WELL)) == "We do not treat people where you are yet"
    assert heading(Client().post(ADDRESS, {**WELL, "state": "NY"})) == "Treatment at home may suit you"


def test_what_may_be_ticked_follows_a_change_of_policy():
    """SEC-21: the page needs no change of its own."""
    policy = load_policy()
    assert check_form.ELSEWHERE not in policy.states_served
    apnea = replace(policy.conditions["sleep_apnea"], tier="exclude")
    changed = replace(policy, conditions={**policy.conditions, "sleep_apnea": apnea})
    asked = [
        {
            option.code
            for field in check_form.check_page(one).fields
            if field.name == "conditions_body"
            for option in field.options
        }
        for one in (policy, changed)
    ]
    assert asked[1] - asked[0] == {"sleep_apnea"}


def test_nobody_in_danger_has_to_answer_the_rest():
    assert heading(Client().post(ADDRESS, {"thoughts": "acting"})).startswith("You matter")


def test_a_wrong_page_keeps_what_was_entered_and_says_what_to_do():
    """UX-07."""
    response = Client().post(ADDRESS, {"age": "two", "state": "CA", "use": "pcp"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert 'value="two"' in page
    assert 'value="CA" selected' in page
    assert re.search(r'value="pcp"[^>]* checked', page)
    assert 'href="#id_conditions_heart_0"' in page


def test_answers_go_back_to_the_questions_by_post():
    client = Client()
    told = client.post(ADDRESS, {**WELL, "use": ["pcp", "ketamine"]}).content.decode()
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', told)
    assert ("use", "pcp") in hidden
    assert ("use", "ketamine") in hidden
    posted = {name: [value for key, value in hidden if key == name] for name, _ in hidden}
    again = client.post(ADDRESS, {**posted, "change": "1"})
    assert again.status_code == 200
    assert re.search(r'value="ketamine"[^>]* checked', again.content.decode())
    # Who left the questions through the way to help comes back to them without a reproach.
    back = client.post(ADDRESS, {"thoughts": "acting", "change": "1"}).content.decode()
    assert not re.search(r"error-summary|field__error|<title>Error", back)


def test_a_switch_of_language_or_appearance_keeps_the_answers():
    """UX-22, UX-23, policy section 11: without a script, by the browser's own second POST; never in an address."""
    client = Client()
    asked, told = client.get(ADDRESS), client.post(ADDRESS, WELL)
    for page in (asked, told):
        assert re.findall(r'form="check" formaction="(/\w+/)"', page.content.decode()) == [
            "/language/",
            *["/theme/"] * 3,
        ]
        buttons = re.findall(r'<button[^>]*form="check"[^>]*>', page.content.decode())
        assert "formaction" not in buttons[0], "Enter in a field presses the first"
    half = {"age": "44", "use": ["pcp", "ketamine"], "carry": ADDRESS, "at": "7"}
    for switch in ({"language": "es"}, {"theme": "dark"}):
        (name,) = switch
        response = client.post(f"/{name}/", {**half, **switch}, follow=True)
        page = response.content.decode()
        assert (response.redirect_chain, response.status_code) == ([(ADDRESS, 307)], 200)
        assert 'lang="es"' in page
        assert 'value="44"' in page
        assert len(re.findall(r'value="(?:pcp|ketamine)"[^>]* checked', page)) == 2
        assert re.search(r'name="at" value="7"', page)
        assert not re.search(r"error-summary|field__error", page)
    answer = client.post("/language/", {**WELL, "carry": ADDRESS, "told": "1", "language": "en"}, follow=True)
    assert heading(answer) == "Treatment at home may suit you"
    assert client.post("/theme/", {"theme": "dark", "carry": "//evil.example/"})["Location"] == "/"


def test_what_is_posted_is_escaped_and_unknown_answers_count_for_nothing():
    """BUG-06."""
    payload = '"><script>alert(1)</script>'
    for answers in ({**WELL, "age": payload}, {**WELL, "use": payload}, {"thoughts": "acting", "age": payload}):
        response = Client().post(ADDRESS, answers)
        assert "<script>alert" not in response.content.decode()
    assert Client().post(ADDRESS, {**WELL, "use": payload}).status_code == 422


def test_the_public_pages_lead_to_it():
    for page in ("/", "/how-it-works/", "/prices/"):
        assert f'href="{ADDRESS}"' in Client().get(page).content.decode(), page


def test_every_page_names_the_time_that_the_sections_add_up_to():
    """UX-05."""
    welcome, told = Client().get("/").content.decode(), Client().post(ADDRESS, WELL).content.decode()
    assert abs(MINUTES - sum(section.minutes for section in SECTIONS)) < 5
    assert f"About {MINUTES} minutes" in welcome
    assert f"about {MINUTES} minutes" in told
