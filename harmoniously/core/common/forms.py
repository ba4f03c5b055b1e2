"""Form fields and widgets of the design language. Every one works without JavaScript.

Fields own their template through `Renderer`, so `{% field form.x %}` and `{{ form }}` look alike everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import ChoiceWidget
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.common.states import ZONES

CM_PER_INCH = Decimal("2.54")  # exact by definition of the international inch
KG_PER_POUND = Decimal("0.45359237")  # exact by definition of the avoirdupois pound
HEIGHT_CM = (Decimal(90), Decimal(250))
WEIGHT_KG = (Decimal(25), Decimal(400))


def local_moment(typed: datetime, zone: str) -> datetime:
    """What was typed on the clock of a zone as a moment. Raises ValidationError at either end of the calendar."""
    try:
        return typed.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        raise ValidationError(_("Enter a real date, for example 3 14 1985."), code="invalid") from None


def zone_choices() -> list[tuple[str, str]]:
    """The time zones of the country as a field of choices offers them: "Pacific (Los Angeles)"."""
    return [(zone, clock.zone_place(zone)) for zone in ZONES]


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let a field of choices, which is known when the form is made, offer what is known when it is shown."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class Renderer(TemplatesSetting):
    """The one renderer (settings.FORM_RENDERER)."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class CardChoices(ChoiceWidget):
    """Choices as cards, the whole card a target. `hints` maps a value to a line under its label."""

    template_name = "components/widgets/choices.html"
    option_template_name = "components/widgets/choice.html"

    def __init__(self, *args: Any, hints: Mapping[str, Any] | None = None, inline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}
        self.inline = inline

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["inline"] = self.inline
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        return option

    def first_id(self, whole: str) -> str:
        """The id of the first choice, where the error summary leads."""
        return f"{whole}_0"


class CardRadioSelect(CardChoices, forms.RadioSelect):
    """Radio buttons as cards."""

    template_name = CardChoices.template_name
    option_template_name = CardChoices.option_template_name


class CardCheckboxSelectMultiple(CardChoices, forms.CheckboxSelectMultiple):
    """Check boxes as cards."""

    template_name = CardChoices.template_name
    option_template_name = CardChoices.option_template_name


class PartsWidget(forms.MultiWidget):
    """Several short inputs in a fieldset, each with its own visible label."""

    template_name = "components/widgets/parts.html"
    use_fieldset = True
    labels: tuple[Any, ...] = ()
    units: tuple[Any, ...] = ()
    join = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shared = (attrs or {}).get("aria-invalid")
        for at, part in enumerate(context["widget"]["subwidgets"]):
            part["label"] = self.labels[at] if at < len(self.labels) else ""
            part["unit"] = self.units[at] if at < len(self.units) else ""
            part["attrs"].pop("aria-describedby", None)
            part["attrs"].pop("required", None)  # which parts are needed depends on the unit; the server says
            if shared:
                part["attrs"]["aria-invalid"] = shared
        context["widget"]["join"] = self.join
        return context

    def first_id(self, whole: str) -> str:
        """The id of the first part."""
        return f"{whole}_0"


def _digits(size: int, **attrs: str) -> forms.TextInput:
    """A text input that brings up the number keys and does not spin on scroll."""
    return forms.TextInput(attrs={"inputmode": "numeric", "maxlength": str(size), "autocomplete": "off", **attrs})


class DatePartsWidget(PartsWidget):
    """Month, day, year, in the order Americans write them."""

    labels = (_("Month"), _("Day"), _("Year"))

    def __init__(self, attrs: Any = None, *, birthday: bool = False) -> None:
        names = ("bday-month", "bday-day", "bday-year") if birthday else ("off", "off", "off")
        sizes = (2, 2, 4)
        super().__init__([_digits(size, autocomplete=name) for size, name in zip(sizes, names, strict=True)], attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return ["", "", ""]
        return [value.month, value.day, value.year] if value else ["", "", ""]


class DatePartsField(forms.MultiValueField):
    """A date typed as three numbers. Cleans to `date`; says which part is wrong."""

    widget = DatePartsWidget
    default_error_messages = {"required": _("Enter a date, for example 3 14 1985.")}

    def __init__(self, *, birthday: bool = False, **kwargs: Any) -> None:
        fields = (forms.CharField(), forms.CharField(), forms.CharField())
        kwargs.setdefault("widget", DatePartsWidget(birthday=birthday))
        super().__init__(fields, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        """The date, or None when nothing was typed and nothing is required."""
        parts = [str(part or "").strip() for part in value or []]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        missing = [str(label) for label, part in zip(DatePartsWidget.labels, parts, strict=True) if not part]
        if missing:
            raise ValidationError(
                _("The date must include a %(part)s."),
                code="incomplete",
                params={"part": " and a ".join(missing).lower()},
            )
        try:
            month, day, year = (int(part) for part in parts)
            if year < 1900:
                raise ValidationError(_("Enter the year with four digits, for example 1985."), code="year")
            result = date(year, month, day)
        except (ValueError, OverflowError):
            raise ValidationError(_("Enter a real date, for example 3 14 1985."), code="invalid") from None
        self.run_validators(result)
        return result

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the parts as text, so 03 and 3 both count as typed."""
        before = DatePartsWidget().decompress(initial) if not isinstance(initial, list) else initial
        return [str(part) for part in before] != [str(part) for part in data or ["", "", ""]]


class BloodPressureWidget(PartsWidget):
    """Upper and lower number, as a monitor shows them."""

    labels = (_("Upper number"), _("Lower number"))
    units = ("", "mmHg")
    join = "/"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__([_digits(3), _digits(3)], attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, Mapping):
            return [value.get("systolic", ""), value.get("diastolic", "")]
        return list(value) if value else ["", ""]


class BloodPressureField(forms.MultiValueField):
    """Two whole numbers in mmHg. Cleans to `{"systolic": int, "diastolic": int}`, or None when empty and optional.

    The bounds are what a home monitor can show; whether a value is safe is a clinical rule, not a form's.
    """

    widget = BloodPressureWidget
    default_error_messages = {"required": _("Enter both numbers from your monitor.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((forms.CharField(), forms.CharField()), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> dict[str, int] | None:
        """The pair, with the mistake named when it cannot be a blood pressure."""
        parts = [str(part or "").strip() for part in value or []]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            raise ValidationError(_("Enter both numbers from your monitor, for example 120 and 80."), code="invalid")
        upper, lower = int(parts[0]), int(parts[1])
        if not 50 <= upper <= 300:
            raise ValidationError(_("The upper number must be between 50 and 300."), code="systolic")
        if not 30 <= lower <= 200:
            raise ValidationError(_("The lower number must be between 30 and 200."), code="diastolic")
        if lower >= upper:
            raise ValidationError(_("The upper number must be larger than the lower number."), code="order")
        return {"systolic": upper, "diastolic": lower}


class MeasureWidget(PartsWidget):
    """Numbers with a unit to choose beside them; the switch only hides what the unit does not need."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return [part.value_from_datadict(data, files, f"{name}_{at}") for at, part in enumerate(self.widgets)]


class HeightWidget(MeasureWidget):
    """Feet and inches, or centimetres."""

    labels = (_("Feet, or centimetres"), _("Inches"), _("Unit"))

    def __init__(self, attrs: Any = None) -> None:
        words = {"data-unit-switch": "height", "data-label": _("Feet"), "data-metric-label": _("Centimetres")}
        units = forms.Select(choices=[("ft", _("ft and in")), ("cm", _("cm"))], attrs=words)
        super().__init__([_decimal(), _decimal(), units], attrs)

    def decompress(self, value: Any) -> list[Any]:
        if not value:
            return ["", "", "ft"]
        inches = (Decimal(str(value)) / CM_PER_INCH).quantize(Decimal(1), ROUND_HALF_UP)
        return [int(inches // 12), int(inches % 12), "ft"]


class WeightWidget(MeasureWidget):
    """Pounds or kilograms."""

    labels = (_("Weight"), _("Unit"))

    def __init__(self, attrs: Any = None) -> None:
        units = forms.Select(choices=[("lb", _("lb")), ("kg", _("kg"))])
        super().__init__([_decimal(), units], attrs)

    def decompress(self, value: Any) -> list[Any]:
        if not value:
            return ["", "lb"]
        pounds = (Decimal(str(value)) / KG_PER_POUND).quantize(Decimal("0.1"), ROUND_HALF_UP).normalize()
        return [f"{pounds:f}", "lb"]


def _decimal() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "maxlength": "6", "autocomplete": "off"})


def _number(text: str, mistake: Any) -> Decimal:
    """A decimal from what was typed; a comma is read as the point it is in much of the world."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise ValidationError(mistake, code="invalid") from None
    # More digits than any height or weight has, and any sum holds: "1e999999" would overflow it.
    if not number.is_finite() or number < 0 or number.adjusted() > 12:
        raise ValidationError(mistake, code="invalid")
    return number


class HeightField(forms.MultiValueField):
    """A height. Cleans to whole-tenth centimetres as `Decimal`, or None when empty and optional."""

    widget = HeightWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((forms.CharField(), forms.CharField(), forms.CharField()), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Centimetres, whichever unit was used."""
        first, second, unit = [str(part or "").strip() for part in value or ["", "", "ft"]]
        if not first and not second:
            if self.required:
                raise ValidationError(_("Enter your height."), code="required")
            return None
        mistake = _("Enter your height as numbers, for example 5 feet 7 inches or 170 cm.")
        if unit == "cm":
            result = _number(first, mistake)
        else:
            feet, inches = _number(first or "0", mistake), _number(second or "0", mistake)
            if inches >= 12 and feet:
                raise ValidationError(_("Inches must be less than 12."), code="inches")
            result = (feet * 12 + inches) * CM_PER_INCH
        if not HEIGHT_CM[0] <= result <= HEIGHT_CM[1]:
            raise ValidationError(_("Check your height: it must be between 3 and 8 feet (90 to 250 cm)."), code="range")
        return result.quantize(Decimal("0.1"), ROUND_HALF_UP)


class WeightField(forms.MultiValueField):
    """A weight. Cleans to kilograms with one decimal as `Decimal`, or None when empty and optional."""

    widget = WeightWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((forms.CharField(), forms.CharField()), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Kilograms, whichever unit was used."""
        text, unit = [str(part or "").strip() for part in value or ["", "lb"]]
        if not text:
            if self.required:
                raise ValidationError(_("Enter your weight."), code="required")
            return None
        number = _number(text, _("Enter your weight as a number, for example 150."))
        result = number if unit == "kg" else number * KG_PER_POUND
        if not WEIGHT_KG[0] <= result <= WEIGHT_KG[1]:
            raise ValidationError(
                _("Check your weight: it must be between 55 and 880 lb (25 to 400 kg)."), code="range"
            )
        return result.quantize(Decimal("0.1"), ROUND_HALF_UP)
