"""Form fields of the questionnaire beside those of common.forms: lenient phone and ZIP, plain numbers, "how long ago".

Each cleans to the JSON that specs.Kind names. Nothing typed is corrected silently.
"""

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import PartsWidget

ZIP = re.compile(r"(\d{5})[ -]?(\d{4})?")
AGO_UNITS = (("weeks", _("weeks ago")), ("months", _("months ago")), ("years", _("years ago")))
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
    """A number kept as a plain JSON number."""

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        return int(number) if number == number.to_integral_value() else float(number)


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
        if not (amount.isascii() and amount.isdigit()) or int(amount) > LONGEST_AGO:
            raise ValidationError(_("Enter a whole number, such as 8, and choose weeks, months or years."), "invalid")
        if unit not in dict(AGO_UNITS):
            raise ValidationError(_("Choose weeks, months or years."), "unit")
        return {"amount": int(amount), "unit": unit}
