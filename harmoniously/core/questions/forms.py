"""Page spec -> Django form -> the JSON answers of the page.

One form class for every page: what is asked, which answers are required and which values have to be confirmed all come
from the spec. Answers that are not asked for are ignored, whatever was posted.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from harmoniously.core.accounts import languages
from harmoniously.core.common import forms as ui
from harmoniously.core.questions import fields, flow, wording
from harmoniously.core.questions.instruments.base import Instrument, Item
from harmoniously.core.questions.specs import LANGUAGE, PARTIAL, SKIPPED, Context, Field, Kind, Page

NONE = "none"
Data = QueryDict | Mapping[str, Any]


def _options(spec: Field) -> list[tuple[Any, Any]]:
    groups: dict[str, list[tuple[str, Any]]] = {}
    for option in spec.options:
        groups.setdefault(str(option.group), []).append((option.code, option.label))
    flat: list[tuple[Any, Any]] = []
    for group, choices in groups.items():
        flat.extend([(group, choices)] if group else choices)
    return flat


def _common(spec: Field) -> dict[str, Any]:
    missing = spec.missing or _("Answer this question: %(question)s") % {"question": spec.label}
    messages = {"required": missing, "incomplete": missing}
    return {"label": spec.label, "help_text": spec.hint, "required": spec.required, "error_messages": messages}


def _text(spec: Field) -> forms.Field:
    attrs = {"autocomplete": spec.autocomplete} if spec.autocomplete else {}
    widget = forms.Textarea({"rows": 4, **attrs}) if spec.kind is Kind.LONG_TEXT else forms.TextInput(attrs)
    return forms.CharField(max_length=spec.max_length, widget=widget, **_common(spec))


def _phone(spec: Field) -> forms.Field:
    widget = forms.TextInput({"type": "tel", "autocomplete": spec.autocomplete or "off"})
    return fields.PhoneField(max_length=40, widget=widget, **_common(spec))


def _zip(spec: Field) -> forms.Field:
    return fields.ZipField(max_length=10, widget=forms.TextInput({"autocomplete": "postal-code"}), **_common(spec))


def _choice(spec: Field) -> forms.Field:
    hints = {option.code: option.hint for option in spec.options if option.hint}
    return forms.ChoiceField(choices=_options(spec), widget=ui.CardRadioSelect(hints=hints), **_common(spec))


def _select(spec: Field) -> forms.Field:
    return forms.ChoiceField(choices=[("", _("Choose")), *_options(spec)], **_common(spec))


def _choices(spec: Field) -> forms.Field:
    none = [(NONE, spec.none_label)] if spec.none_label else []
    hints = {option.code: option.hint for option in spec.options if option.hint}
    return forms.MultipleChoiceField(
        choices=[*_options(spec), *none], widget=ui.CardCheckboxSelectMultiple(hints=hints), **_common(spec)
    )


def _yes_no(spec: Field) -> forms.Field:
    options = [("yes", _("Yes")), ("no", _("No"))]
    return forms.ChoiceField(choices=options, widget=ui.CardRadioSelect(inline=True), **_common(spec))


def _box(spec: Field) -> forms.Field:
    return forms.BooleanField(**_common(spec) | {"required": spec.kind is Kind.AGREE})


def _number(spec: Field) -> forms.Field:
    common = _common(spec)
    common["error_messages"] |= {
        "invalid": _("Enter a number, such as 12."),
        "min_value": _("The number must be %(limit_value)s or more."),
        "max_value": _("The number must be %(limit_value)s or less."),
        "max_decimal_places": _("Enter a whole number, such as 12."),
    }
    places = 0 if spec.kind is Kind.INTEGER else 2
    return fields.NumberField(
        min_value=spec.minimum,
        max_value=spec.maximum,
        max_digits=9,
        decimal_places=places,
        widget=fields.number_box(),
        **common,
    )


def _date(spec: Field) -> forms.Field:
    return ui.DatePartsField(birthday=spec.autocomplete == "bday", **_common(spec))


def _whole(make: Callable[..., forms.Field]) -> Callable[[Field], forms.Field]:
    return lambda spec: make(**_common(spec))


MAKERS: Mapping[Kind, Callable[[Field], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.PHONE: _phone,
    Kind.ZIP: _zip,
    Kind.CHOICE: _choice,
    Kind.SELECT: _select,
    Kind.CHOICES: _choices,
    Kind.INTEGER: _number,
    Kind.DECIMAL: _number,
    Kind.DATE: _date,
    Kind.MONTH: _whole(fields.MonthField),
    Kind.YES_NO: _yes_no,
    Kind.AGREE: _box,
    Kind.TICK: _box,
    Kind.HEIGHT: _whole(ui.HeightField),
    Kind.WEIGHT: _whole(ui.WeightField),
    Kind.BLOOD_PRESSURE: _whole(ui.BloodPressureField),
    Kind.AGO: _whole(fields.AgoField),
}


def _item(item: Item, instrument: Instrument) -> forms.Field:
    options = item.options or instrument.options
    made = forms.ChoiceField(
        label=item.text,
        help_text=item.hint,
        choices=[(str(option.value), option.label) for option in options],
        widget=ui.CardRadioSelect(),
        error_messages={"required": _("Choose an answer for: %(item)s") % {"item": item.text}},
    )
    made.lang = instrument.language  # type: ignore[attr-defined]  # for components/field.html
    return made


class AnswersForm(forms.Form):
    """The form of one page, or of one entry of a list page."""

    def __init__(self, page: Page, context: Context, data: Data | None = None, stored: Mapping[str, Any] | None = None):
        self.page = page
        self.context = context
        self.asked = flow.shown_fields(page, context.used)
        self.unconfirmed: set[str] = set()
        super().__init__(data=data, initial=_initial(self.asked, stored or {}))
        for spec in self.asked:
            self._add(spec)
        if page.may_skip:
            self._offer_to_skip()

    def _add(self, spec: Field) -> None:
        if spec.instrument is not None:
            instrument = wording.shown(spec.instrument)
            for number, item in enumerate(instrument.items):
                self.fields[f"{spec.name}_{number}"] = _item(item, instrument)
        else:
            self.fields[spec.name] = MAKERS[spec.kind](spec)
        if spec.unusual is not None:
            label = _("I checked: this is right.")
            self.fields[flow.confirmation(spec)] = forms.BooleanField(required=False, label=label)

    def _offer_to_skip(self) -> None:
        label = _("I do not want to answer all of this now. A clinician then talks about it with me.")
        self.fields[SKIPPED] = forms.BooleanField(required=False, label=label)
        if self.data.get(SKIPPED):
            for field in self.fields.values():
                field.required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for spec in self.asked:
            if spec.kind is Kind.CHOICES and NONE in cleaned.get(spec.name, []) and len(cleaned[spec.name]) > 1:
                self.add_error(
                    spec.name, _("Choose what applies, or “%(none)s”, not both.") % {"none": spec.none_label}
                )
            self._confirm(spec, cleaned.get(spec.name))
        if self.page.check is not None and not self.errors:
            for name, error in self.page.check(self.answers(), self.context).items():
                self.add_error(name, str(error))
        return cleaned

    def _confirm(self, spec: Field, value: Any) -> None:
        if spec.unusual is None or value in (None, ""):
            return
        reason = spec.unusual(value)
        if reason is None:
            return
        self.unconfirmed.add(flow.confirmation(spec))
        if not self.data.get(flow.confirmation(spec)):
            self.add_error(spec.name, _("%(reason)s If it is right, tick the box below.") % {"reason": reason})

    def rows(self) -> list[forms.BoundField]:
        """The fields to show: a box that confirms stands there only where something has to be confirmed."""
        confirming = {flow.confirmation(spec) for spec in self.asked if spec.unusual is not None}
        stored = {name for name in confirming if self.initial.get(name)}
        return [bound for bound in self if bound.name not in confirming - self.unconfirmed - stored]

    def answers(self) -> dict[str, Any]:
        """The page's answers as JSON; only what was asked. Call it on a valid form."""
        found: dict[str, Any] = {}
        for spec in self.asked:
            found[spec.name] = self._answer(spec)
            if self.cleaned_data.get(flow.confirmation(spec)):
                found[flow.confirmation(spec)] = True
        if self.cleaned_data.get(SKIPPED):
            found[SKIPPED] = True
        instrument = wording.instrument_of(self.page)
        language = wording.shown(instrument).language if instrument is not None else languages.ENGLISH
        if language != languages.ENGLISH:
            found[LANGUAGE] = language
        return found

    def unfinished(self) -> dict[str, Any]:
        """What can be kept of a page that somebody leaves in the middle: the answers that are right so far.

        Empty where there is none, and for a page that is agreed to or signed: that is done at once or not at all.
        """
        if any(spec.kind is Kind.AGREE for spec in self.asked):
            return {}
        given = {spec.name: self._answer(spec) for spec in self.asked}
        empty = {spec.name for spec in self.asked if spec.kind is Kind.TICK and not given[spec.name]}
        empty |= {name for name, value in given.items() if value is None}
        empty |= {name for name, value in given.items() if isinstance(value, list) and set(value) <= {None}}
        kept = {name: value for name, value in given.items() if name not in empty}
        return {**kept, PARTIAL: True} if kept else {}

    def _answer(self, spec: Field) -> Any:
        if spec.instrument is not None:
            given = [self.cleaned_data.get(f"{spec.name}_{number}") for number in range(spec.instrument.length)]
            return [int(value) if value not in (None, "") else None for value in given]
        value = self.cleaned_data.get(spec.name)
        if spec.kind is Kind.YES_NO:
            return value == "yes" if value else None
        if spec.kind is Kind.CHOICES:
            return [code for code in value or [] if code != NONE]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return float(value)
        return value if value != "" else None


def _initial(asked: tuple[Field, ...], stored: Mapping[str, Any]) -> dict[str, Any]:
    initial: dict[str, Any] = {SKIPPED: stored.get(SKIPPED, False)}
    for spec in asked:
        value = stored.get(spec.name)
        initial[flow.confirmation(spec)] = stored.get(flow.confirmation(spec), False)
        if spec.kind is Kind.INSTRUMENT:
            initial |= {f"{spec.name}_{number}": str(given) for number, given in enumerate(value or [])}
        elif spec.kind is Kind.YES_NO:
            initial[spec.name] = None if value is None else "yes" if value else "no"
        elif spec.kind is Kind.CHOICES and value == []:
            initial[spec.name] = [NONE]
        else:
            initial[spec.name] = value
    return initial


def form_for(
    page: Page, *, context: Context, data: Data | None = None, stored: Mapping[str, Any] | None = None
) -> AnswersForm:
    """The form of a page (or of one entry of a list page), bound to posted data when there are any."""
    form: AnswersForm = (page.form or AnswersForm)(page, context, data=data, stored=stored)
    return form
