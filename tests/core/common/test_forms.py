"""Fields that read what people really type."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from harmoniously.core.common.forms import BloodPressureField, CardRadioSelect, DatePartsField, HeightField, WeightField


@pytest.mark.parametrize(
    ("typed", "result"),
    [
        (["3", "14", "1985"], date(1985, 3, 14)),
        ([" 03 ", "4", "1985"], date(1985, 3, 4)),
        (["2", "29", "2024"], date(2024, 2, 29)),
    ],
)
def test_a_date_in_three_parts(typed: list[str], result: date) -> None:
    assert DatePartsField().clean(typed) == result


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["", "", ""], "required"),
        (["3", "", "1985"], "incomplete"),
        (["2", "29", "2025"], "invalid"),
        (["13", "1", "1985"], "invalid"),
        (["a", "1", "1985"], "invalid"),
        (["3", "14", "85"], "year"),
        (["3", "14", "99999"], "invalid"),
        (["3", "99999999999", "1985"], "invalid"),
    ],
)
def test_a_date_that_is_none(typed: list[str], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DatePartsField().clean(typed)
    assert refused.value.code == code


def test_an_optional_date_may_be_left_out() -> None:
    assert DatePartsField(required=False).clean(["", "", ""]) is None


@pytest.mark.parametrize(
    ("typed", "centimetres"),
    [
        (["5", "7", "ft"], "170.2"),
        (["6", "", "ft"], "182.9"),
        (["170", "", "cm"], "170.0"),
        (["170,5", "", "cm"], "170.5"),
    ],
)
def test_a_height_in_either_unit(typed: list[str], centimetres: str) -> None:
    assert HeightField().clean(typed) == Decimal(centimetres)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["", "", "ft"], "required"),
        (["5", "12", "ft"], "inches"),
        (["5", "7", "cm"], "range"),
        (["170", "", "ft"], "range"),
        (["x", "", "cm"], "invalid"),
        (["-5", "7", "ft"], "invalid"),
        (["NaN", "", "cm"], "invalid"),
    ],
)
def test_a_height_that_is_none(typed: list[str], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        HeightField().clean(typed)
    assert refused.value.code == code


@pytest.mark.parametrize(("typed", "kilograms"), [(["150", "lb"], "68.0"), (["68.5", "kg"], "68.5")])
def test_a_weight_in_either_unit(typed: list[str], kilograms: str) -> None:
    assert WeightField().clean(typed) == Decimal(kilograms)


@pytest.mark.parametrize("typed", [["20", "lb"], ["500", "kg"], ["1e9", "kg"]])
def test_a_weight_off_the_scale_is_asked_again(typed: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        WeightField().clean(typed)
    assert refused.value.code == "range"


def test_a_number_that_no_sum_can_hold_is_refused() -> None:
    for field, typed in ((HeightField(), ["1e999999", "", "ft"]), (WeightField(), ["1e999999", "lb"])):
        with pytest.raises(ValidationError):
            field.clean(typed)


def test_a_blood_pressure_is_a_pair() -> None:
    assert BloodPressureField().clean(["120", " 80 "]) == {"systolic": 120, "diastolic": 80}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["", ""], "required"),
        (["120", ""], "invalid"),
        (["120.5", "80"], "invalid"),
        (["1" * 5000, "80"], "invalid"),
        (["49", "40"], "systolic"),
        (["301", "80"], "systolic"),
        (["120", "29"], "diastolic"),
        (["80", "120"], "order"),
        (["90", "90"], "order"),
    ],
)
def test_a_blood_pressure_that_is_none(typed: list[str], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        BloodPressureField().clean(typed)
    assert refused.value.code == code


def test_what_was_entered_comes_back_in_the_form() -> None:
    class Example(forms.Form):
        born = DatePartsField()
        height = HeightField()

    page = str(
        Example({"born_0": "2", "born_1": "30", "born_2": "1985", "height_0": "99", "height_1": "", "height_2": "ft"})
    )
    for value in ('value="30"', 'value="1985"', 'value="99"'):
        assert value in page


def test_a_stored_value_fills_the_parts() -> None:
    class Example(forms.Form):
        born = DatePartsField(initial=date(1985, 3, 14))
        height = HeightField(initial=Decimal("170.2"))
        weight = WeightField(initial=Decimal("68.0"))

    page = str(Example())
    for value in ('value="14"', 'value="5"', 'value="7"', 'value="149.9"'):
        assert value in page


def test_card_hints_stand_inside_the_label() -> None:
    class Example(forms.Form):
        sleep = forms.ChoiceField(choices=[("a", "Well")], widget=CardRadioSelect(hints={"a": "Most nights"}))

    assert "Most nights</span></span></label>" in str(Example())
