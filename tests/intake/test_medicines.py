"""UX-07, UX-10: medicines by name, doses in their own units, and what the list says at once. No database but once."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.specs import Context
from intake.hints import ListNotes, notes_for, typed_urgent
from intake.pages.conditions import CONDITION_LETTERS, CONDITION_TIMES
from intake.pages.health import BLOOD_PRESSURE
from intake.pages.substances import DETAILS
from intake.pages.treatments import ANTIDEPRESSANTS, MEDICINES
from intake.trial_entries import trial_facts
from tests.intake.walk import ZOLOFT, date_boxes, make_draft, url_of
from tests.rules.tables import each

TODAY = date(2026, 11, 4)
CONTEXT = Context(
    used={"about_you": {"date_of_birth": "1985-03-04"}, "indications": {"codes": ["depression"]}}, today=TODAY
)

READING = {**date_boxes("taken_on", 11, 1, 2026), "pressure_0": "122", "pressure_1": "76"}


def posted(given: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in given.items()})
    return query


def trial(**change: Any) -> AnswersForm:
    return form_for(ANTIDEPRESSANTS, context=CONTEXT, data=posted({**ZOLOFT, "dose_unit": "", **change}))


def medicine(name: str, **change: Any) -> AnswersForm:
    given = {"name": name, "dose": "", "frequency": "daily", **change}
    return form_for(MEDICINES, context=CONTEXT, data=posted(given))


def notes(*entries: dict[str, Any]) -> ListNotes:
    return notes_for(ANTIDEPRESSANTS, [answers(trial(**entry)) for entry in entries], CONTEXT)


def answers(form: AnswersForm) -> dict[str, Any]:
    assert form.is_valid(), form.errors
    return form.answers()


@each(
    ("name", "offered"),
    [
        *[(known, None) for known in ("Wellbutrin XL 300", "bupropion HCl", "ZOLOFT®", "prozac weekly", "Auvelity")],
        ("zoloftt", "Zoloft"),
        ("Welbutrin xl", "Wellbutrin xl"),
        ("simbalta", "Cymbalta"),
        ("Ζoloft", "Zoloft"),  # a Greek capital zeta
        ("Zoloft and Prozac", "fluoxetine"),
        ("💊💊", ""),
        ("λ" * 100, ""),
    ],
)
def test_ux_07_an_unknown_name_is_answered_with_names_and_never_changed(name: str, offered: str | None) -> None:
    form = trial(medicine=name, dose="2")
    choices = [value for value, _label in getattr(form.fields.get("medicine_choice"), "choices", [])]
    assert form.is_valid() is (offered is None), form.errors
    if offered is None:
        assert form.answers()["medicine"] == name
        return
    assert choices[-1] == f"keep:{name}"
    assert not offered or offered in choices

    kept = trial(medicine=name, dose="2", medicine_choice=choices[-1])
    assert kept.is_valid(), kept.errors
    assert kept.answers()["medicine"] == name
    if offered:
        chosen = trial(medicine=name, dose="2", medicine_choice=offered)
        assert chosen.is_valid(), chosen.errors
        assert chosen.answers()["medicine"] == offered
    # A choice that was made for another text does not count for this one.
    assert not trial(medicine=f"{name}x", medicine_choice=choices[-1]).is_valid()


def test_a_name_has_an_end() -> None:
    form = medicine("x" * 300)
    assert form.errors == {"name": ["Use at most 100 characters for the name."]}


@each(
    ("given", "mg"),
    [
        ({"medicine": "Auvelity", "dose": "2"}, 210),
        ({"medicine": "Auvelity", "dose": "2 tablets"}, 210),
        ({"medicine": "Emsam", "dose": "9", "dose_unit": "mg_24h"}, 9),
        ({"medicine": "Prozac Weekly", "dose": "1"}, 90),
        ({"medicine": "Zoloft", "dose": "1,5"}, 1.5),
        ({"medicine": "TMS", "dose": ""}, None),
        ({"medicine": "Zulresso", "dose": ""}, None),
        ({"medicine": "Zoloft", "dose": "", "dose_unknown": "on"}, None),
    ],
)
def test_ux_10_a_dose_is_asked_in_the_units_of_the_product(given: dict[str, Any], mg: float | None) -> None:
    form = trial(**given)
    assert form.is_valid(), form.errors
    assert trial_facts(form.answers(), as_of=TODAY)["max_daily_dose_mg"] == mg


@each(
    ("given", "field"),
    [
        ({"dose": ""}, "dose"),
        ({"dose": "0"}, "dose"),
        ({"dose": "99999"}, "dose"),
        ({"dose": "-5"}, "dose"),
        ({"dose": "many"}, "dose"),
        ({"dose": "201"}, "dose"),  # more than four times the minimum: to be confirmed
        ({"dose": "150", "dose_unknown": "on"}, "dose"),
        ({"medicine": "Auvelity", "dose_unit": "mg", "dose": "2"}, "dose"),  # was asked in mg before the name changed
        ({"weeks": "-1"}, "weeks"),
        ({"weeks": "2001"}, "weeks"),
        ({"weeks": "", **date_boxes("started", 11, 5, 2026), "stopped": "still_taking"}, "started"),
        ({"weeks": "", **date_boxes("started", 1, 5, 2026), **date_boxes("ended", 11, 5, 2026)}, "ended"),
        ({"weeks": "", **date_boxes("started", 5, 1, 2020), **date_boxes("ended", 4, 30, 2020)}, "ended"),
        ({"weeks": "", **date_boxes("started", 3, 1, 1985), **date_boxes("ended", 4, 30, 2020)}, "started"),
        ({"weeks": "", **date_boxes("started", 5, 1, 2020)}, "ended"),
        ({"weeks": "", **date_boxes("ended", 5, 1, 2020)}, "started"),
        ({"weeks": "", **date_boxes("started", 5, "", 2020), **date_boxes("ended", 5, "", 2020)}, "weeks"),
        ({"weeks": "12", **date_boxes("started", 5, 1, 2020), **date_boxes("ended", 6, 1, 2020)}, "weeks"),
        (date_boxes("started", 13, "", 2020), "started"),
        (date_boxes("started", "", "", 2020), "started"),
    ],
)
def test_ux_07_a_slip_is_named_where_it_is(given: dict[str, Any], field: str) -> None:
    assert list(trial(**given).errors) == [field]


@each(
    ("given", "weeks"),
    [
        *[({"weeks": text}, number) for text, number in (("0", 0), ("5,9", 5.9), ("6", 6), ("600", 600), ("", None))],
        # A month without its day is read towards the shorter time.
        ({"weeks": "", **date_boxes("started", 3, 1, 2020), **date_boxes("ended", 4, 12, 2020)}, 6),
        ({"weeks": "", **date_boxes("started", 3, 1, 2020), **date_boxes("ended", 4, 11, 2020)}, 5.86),
        ({"weeks": "", **date_boxes("started", 3, "", 2020), **date_boxes("ended", 5, "", 2020)}, 4.43),
        ({"weeks": "", **date_boxes("started", 9, 23, 2026), "stopped": "still_taking"}, 6),
        ({"weeks": "7", **date_boxes("started", 9, 1, 2020), **date_boxes("ended", 11, 1, 2020)}, 7),
    ],
)
def test_the_time_is_given_in_weeks_or_by_dates(given: dict[str, Any], weeks: float | None) -> None:
    form = trial(**given)
    assert form.is_valid(), form.errors
    assert trial_facts(form.answers(), as_of=TODAY)["weeks_at_dose"] == weeks


@each(
    ("given", "tag", "words"),
    [
        ({}, "Counts", "long enough and at a full dose (SSRI)"),
        ({"weeks": "5.9"}, "May count", "5.9 weeks; 6 at a full dose"),
        ({"medicine": "Cymbalta", "dose": "40"}, "May count", "full one of 60 mg"),
        ({"improvement": "35"}, "Helped in part", "helped you in part"),
        ({"improvement": "50"}, "Helped", "by half or more"),
        ({"weeks": "3", "stopped": "side_effects"}, "Shown, not counted", "not about you"),
        ({"weeks": "1"}, "Not counted: short", "After 1 week nobody"),
        ({"dose": "25"}, "Not counted: low dose", "50 mg a day or more"),
        ({"medicine": "Silenor", "dose": "6"}, "Not counted: low dose", "not made in a dose"),
        ({"taken_for": "sleep"}, "Not counted: other reason", "other than depression"),
        ({"medicine": "ECT"}, "Shown, not counted", "only antidepressants"),
        ({"weeks": ""}, "Cannot tell yet", "need to know: how many weeks"),
        ({"medicine": "mystery", "medicine_choice": "keep:mystery"}, "Cannot tell yet", "do not know this name"),
        ({"step": "name"}, "Not finished", "Choose Change"),
    ],
)
def test_what_a_trial_counts_as_is_said_with_its_reason(given: dict[str, Any], tag: str, words: str) -> None:
    (note,) = notes(given).entries
    assert note is not None
    assert note.tag == tag
    assert words in note.text


def test_trials_are_added_up_and_one_medicine_counts_once() -> None:
    two = notes({}, {"medicine": "sertraline", "dose": "100"}, {"medicine": "Lexapro", "dose": "20"})
    assert [note.tag for note in two.entries if note] == ["Counts", "Same medicine", "Counts"]
    assert "So far 1 kind" in two.in_all[0]
    assert "one kind" in two.in_all[0]
    assert "enough different kinds" in notes({}, {"medicine": "Wellbutrin XL", "dose": "300"}).in_all[0]


@each(
    ("name", "said"),
    [
        ("Xanax", "It contains: alprazolam."),
        ("Vitamin D3", "It contains: vitamin D."),
        ("ibuprofen", None),
        ("Kratom", "We do not know this name"),
    ],
)
def test_a_medicine_says_what_it_was_read_as(name: str, said: str | None) -> None:
    form = medicine(name, name_choice=f"keep:{name}")
    assert form.is_valid(), form.errors
    (note,) = notes_for(MEDICINES, [form.answers()], CONTEXT).entries
    assert note is None if said is None else note is not None and said in note.text


@each(
    ("upper", "lower", "valid", "urgent"),
    [(179, 119, True, False), (180, 80, True, True), (150, 120, True, True), (210, 130, False, True), (80, 120, 0, 0)],
)
def test_ux_10_an_urgent_pressure_is_told_while_it_is_still_to_be_confirmed(
    upper: int, lower: int, valid: bool, urgent: bool
) -> None:
    sure = {"second_confirmed": "on"} if valid else {}
    given = {**READING, "second_0": upper, "second_1": lower, **sure}
    form = form_for(BLOOD_PRESSURE, context=CONTEXT, data=posted(given))
    assert form.is_valid() is bool(valid), form.errors
    assert typed_urgent(BLOOD_PRESSURE, form) is bool(urgent)


def test_both_readings_of_a_day_are_used() -> None:
    form = form_for(BLOOD_PRESSURE, context=CONTEXT, data=posted({**READING, "second_0": 150, "second_1": 90}))
    assert form.is_valid(), form.errors
    found = notes_for(BLOOD_PRESSURE, [form.answers()], CONTEXT)
    assert "close to the limit" in found.in_all[0]  # the mean of 122 and 150 is 136
    assert not found.urgent


HEART_ATTACK = {"conditions_heart": {"codes": ["myocardial_infarction"]}}


@each(
    ("amount", "unit", "asked"),
    [
        (5, "weeks", False), (41, "days", False), (42, "days", True), (6, "weeks", True), (4, "years", True),
        (None, "", True),
    ],
)  # fmt: skip
def test_the_letter_is_asked_for_where_it_can_change_something(amount: int | None, unit: str, asked: bool) -> None:
    ago = None if amount is None else {"amount": amount, "unit": unit}
    used = {**HEART_ATTACK, "condition_times": {"myocardial_infarction": ago}}
    assert CONDITION_LETTERS.shown_if is not None
    assert CONDITION_LETTERS.shown_if(used) is asked


def test_ux_10_nothing_happened_before_birth() -> None:
    context = Context(used={**CONTEXT.used, **HEART_ATTACK}, today=TODAY)
    given = {"myocardial_infarction_0": "50", "myocardial_infarction_1": "years"}
    form = form_for(CONDITION_TIMES, context=context, data=posted(given))
    assert list(form.errors) == ["myocardial_infarction"]
    assert form_for(
        CONDITION_TIMES, context=context, data=posted({**given, "myocardial_infarction_0": "41"})
    ).is_valid()


@each(
    ("use", "amount", "unit", "fits"),
    [
        ("past", 11, "months", False),
        ("past", 12, "months", True),
        ("weekly", 2, "years", False),
        ("weekly", 0, "days", True),
        ("monthly", 3, "weeks", True),
    ],
)
def test_the_last_use_fits_how_often(use: str, amount: int, unit: str, fits: bool) -> None:
    context = Context(used={**CONTEXT.used, "substances": {"alcohol": use, "cannabis": "never"}}, today=TODAY)
    given = {"alcohol_amount": "2 beers", "alcohol_last_0": amount, "alcohol_last_1": unit}
    form = form_for(DETAILS, context=context, data=posted(given))
    assert list(form.errors) == ([] if fits else ["alcohol_last"])
    assert "cannabis_last" not in form.fields


@pytest.fixture
def seen(patient_client: Client, patient: Patient) -> Iterator[Client]:
    make_draft(patient, {"antidepressants": []})
    yield patient_client


@pytest.mark.django_db
def test_ux_06_a_name_is_saved_first_and_the_list_waits_for_the_rest(seen: Client, patient: Patient) -> None:
    url = url_of("antidepressants")
    page = seen.get(url + "add/")
    first = {"version": page.context["version"], "entry": page.context["entry"], "step": "name"}
    asked = seen.post(url + "add/", {**first, "medicine": "auvelty"})
    assert asked.status_code == 422
    assert 'value="Auvelity"' in asked.content.decode()

    named = seen.post(url + "add/", {**first, "medicine": "auvelty", "medicine_choice": "Auvelity"})
    assert "auvel" not in named["Location"].lower()
    # Whoever goes back and names another one overwrites nothing.
    back = seen.post(url + "add/", {**first, "medicine": "Zoloft"})
    assert back["Location"] == named["Location"]
    seen.post(url + "add/", {**first, "medicine": "Auvelity"})
    details = seen.get(named["Location"])
    assert "Highest number of tablets" in details.content.decode()
    assert "Not finished" in seen.get(url).content.decode()
    assert seen.post(url, {"more": "no", "version": 99}).status_code == 422

    given = {**ZOLOFT, "medicine": "Auvelity", "dose": "2", "dose_unit": "tablets", "version": 99}
    assert seen.post(named["Location"], given).status_code == 302
    listed = seen.get(url).content.decode()
    assert "up to 2 tablets a day" in listed
    assert "Counts" in listed
    assert seen.post(url, {"more": "no", "version": 99}).status_code == 302

    # A dose whose name was cleared again is kept, and can be opened and finished.
    nameless = {"version": 99, "entry": page.context["entry"], "dose": "50", "dose_unit": "mg", "later": "1"}
    seen.post(url + "add/", {**nameless, "entry": "0123456789abcdef0123456789abcdef"})
    assert "Name still missing" in seen.get(url).content.decode()
    assert seen.get(seen.get(url).context["entries"][-1]["change_url"]).status_code == 200
