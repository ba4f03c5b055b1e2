"""Form fields of the questionnaire beside those of common.forms: lenient phone and ZIP, plain numbers, "how long ago".

Each cleans to the JSON that specs.Kind names. Nothing typed is corrected silently.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import DatePartsWidget, PartsWidget

ZIP = re.compile(r"(\d{5})[ -]?(\d{4})?")
# A comma before one or two last digits is a decimal comma; before every three digits it sets thousands apart.
DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
AGO_UNITS = (("days", _("days ago")), ("weeks", _("weeks ago")), ("months", _("months ago")), ("years", _("years ago")))
LONGEST_AGO = 2000


def number_box() -> forms.TextInput:
    """A box for a number: a text box, because number boxes change under a scrolling finger."""
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "input--number"})


class PhoneField(forms.CharField):
    """A telephone number typed in any usual way, kept as +15555550100."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "US")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(_("Enter a telephone number with its area code, such as 415 555 0132."), "phone")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class ZipField(forms.CharField):
    """A ZIP code with five or nine digits."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return ""
        found = ZIP.fullmatch(text)
        if found is None:
            raise ValidationError(_("Enter a ZIP code with five digits, such as 94110."), "zip")
        return f"{found[1]}-{found[2]}" if found[2] else found[1]


class NumberField(forms.DecimalField):
    """A number kept as a plain JSON number. A unit of its own typed behind it ("150 mg") and commas are understood."""

    def __init__(self, *, units: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def to_python(self, value: Any) -> Any:
        text = " ".join(str(value or "").split())
        unit = next((unit for unit in self.units if text.casefold().endswith(unit)), "")
        text = text[: len(text) - len(unit)].rstrip()
        if DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        elif THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        return super().to_python(text)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        return int(number) if number == number.to_integral_value() else float(number)


class MonthWidget(DatePartsWidget):
    """Month, day and year, of which the day may stay empty."""

    labels = (_("Month"), _("Day"), _("Year"))

    def decompress(self, value: Any) -> list[Any]:
        parts = [int(part) for part in str(value).split("-")] if value else []
        return [parts[1], parts[2] if len(parts) > 2 else "", parts[0]] if len(parts) > 1 else ["", "", ""]


class MonthField(forms.MultiValueField):
    """A day, or only its month, as people remember it: "2020-03-14" or "2020-03"; None when left empty."""

    widget = MonthWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = (forms.CharField(), forms.CharField(), forms.CharField())
        super().__init__(parts, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> str | None:
        month, day, year = [str(part or "").strip() for part in value or ["", "", ""]]
        if not (month or day or year):
            if self.required:
                raise ValidationError(self.error_messages["required"], "required")
            return None
        if not (month and year):
            raise ValidationError(_("Enter at least the month and the year, for example 3 and 2021."), "incomplete")
        try:
            found = date(int(year), int(month), int(day or 1))
        except (ValueError, OverflowError):
            found = date.min
        if found.year < 1900:
            raise ValidationError(_("Enter a real date with a four-digit year, for example 3 14 2021."), "invalid")
        return found.isoformat() if day else found.isoformat()[:7]


class AgoWidget(PartsWidget):
    """A number of weeks, months or years."""

    labels = (_("How many"), _("Unit"))

    def __init__(self, attrs: Any = None) -> None:
        super().__init__([number_box(), forms.Select(choices=AGO_UNITS)], attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, Mapping):
            return [value["amount"], value["unit"]]
        return [None, "weeks"]


class AgoField(forms.MultiValueField):
    """How long ago something was, as people say it: {"amount": 3, "unit": "weeks"}, or None when left empty."""

    widget = AgoWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((forms.CharField(), forms.CharField()), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> dict[str, Any] | None:
        amount, unit = [str(part or "").strip() for part in value or ["", ""]]
        if not amount:
            if self.required:
                raise ValidationError(self.error_messages["required"], "required")
            return None
        if not (amount.isascii() and amount.isdigit() and len(amount) < 10) or int(amount) > LONGEST_AGO:
            raise ValidationError(_("Enter a whole number, such as 8, and choose weeks, months or years."), "invalid")
        if unit not in dict(AGO_UNITS):
            raise ValidationError(_("Choose weeks, months or years."), "unit")
        return {"amount": int(amount), "unit": unit}
