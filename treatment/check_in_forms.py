"""The forms of a check-in: one for each kind of page. Which answers matter is decided by the rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import BloodPressureField, CardCheckboxSelectMultiple, CardRadioSelect
from harmoniously.core.questions.instruments import INSTRUMENTS
from treatment import words
from treatment.check_in_words import FEELINGS, HEADS
from treatment.forms import RATINGS, MoodForm, RatingsForm, SafetyForm, YesNoField, as_yes_no
from treatment.rules.check_pages import SAFETY, Page
from treatment.rules.checkin import SIDE_EFFECTS

NONE = "none"
SKIP = "skip"
_PICK = _("Choose an answer.")


class PageForm(forms.Form):
    """One question; `answers()` gives what is kept, by the names of the page."""

    def answers(self) -> dict[str, Any]:
        """What was answered; call it on a valid form."""
        return dict(self.cleaned_data)


class ItemForm(PageForm):
    """One item of a questionnaire, worded as published; it may be left open."""

    def __init__(self, page: Page, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        given = stored.get("answer")
        super().__init__(data, initial={"answer": (SKIP if given is None else given) if stored else None})
        instrument = INSTRUMENTS[page.instrument]
        item = instrument.items[page.item - 1]
        choices = [(str(option.value), option.label) for option in item.options or instrument.options]
        self.fields["answer"] = forms.ChoiceField(
            label=item.text,
            help_text=item.hint,
            choices=[*choices, (SKIP, _("I would rather not answer"))],
            widget=CardRadioSelect(inline=len(choices) > 6),
            error_messages={"required": _PICK},
        )

    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data["answer"]
        return {"answer": None if given == SKIP else int(given)}


class OneForm(PageForm):
    """One plain question: a choice, a yes or no, or a rating."""

    def __init__(self, page: Page, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        name = page.names[0]
        given = stored.get(name)
        super().__init__(data, initial={name: as_yes_no(given) if isinstance(given, bool) else given})
        self.fields[name] = self._field(page.key)

    def _field(self, key: str) -> forms.Field:
        label = HEADS[key][0]
        if key == "now":
            return forms.ChoiceField(
                label=label,
                choices=list(FEELINGS.items()),
                widget=CardRadioSelect,
                error_messages={"required": _PICK},
            )
        if key == "craving":
            return forms.TypedChoiceField(
                label=label, choices=RATINGS, coerce=int, widget=CardRadioSelect, error_messages={"required": _PICK}
            )
        return YesNoField(label=label)


class ListForm(PageForm):
    """What applies of a list, or that none of it does."""

    def __init__(self, page: Page, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        self.name = page.names[0]
        given = stored.get(self.name)
        super().__init__(data, initial={self.name: [NONE] if given == [] else given})
        table = words.SIGNS if self.name == "signs" else words.SUBSTANCES
        self.fields[self.name] = forms.MultipleChoiceField(
            label=HEADS[page.key][0],
            choices=[*table.items(), (NONE, _("None of these"))],
            widget=CardCheckboxSelectMultiple,
            error_messages={"required": _("Choose what applies, or “None of these”.")},
        )

    def clean(self) -> dict[str, Any]:
        """What applies counts; "none" beside it is a contradiction that is asked about, except in an emergency."""
        data = super().clean() or {}
        given = data.get(self.name, [])
        if NONE in given and len(given) > 1 and self.name != "signs":
            self.add_error(self.name, _("Choose what applies, or “None of these”, not both."))
        return data

    def answers(self) -> dict[str, Any]:
        return {self.name: [code for code in self.cleaned_data[self.name] if code != NONE]}


class PressureForm(PageForm):
    """One reading taken at home, or none."""

    pressure = BloodPressureField(label=_("Blood pressure"), required=False)
    heart_rate = forms.IntegerField(
        label=_("Heart rate"),
        min_value=20,
        max_value=250,
        required=False,
        help_text=_("Beats a minute; most monitors show it as pulse."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "3"}),
    )
    no_cuff = forms.BooleanField(label=_("I cannot measure today."), required=False)

    def __init__(self, _page: Page, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        pair = {name: stored.get(name) for name in ("systolic", "diastolic")}
        initial = {"pressure": pair if all(pair.values()) else None, "heart_rate": stored.get("heart_rate")}
        super().__init__(data, initial={**initial, "no_cuff": bool(stored) and not all(pair.values())})

    def clean(self) -> dict[str, Any]:
        """A reading is both numbers and the heart rate; without one the box says so."""
        data = super().clean() or {}
        if self.errors or (data.get("no_cuff") and not data.get("pressure")):
            return data
        if not data.get("pressure"):
            raise ValidationError(_("Enter your reading, or tick the box below."), "reading_missing")
        if not data.get("heart_rate"):
            self.add_error("heart_rate", _("Enter the heart rate that your monitor shows."))
        return data

    def answers(self) -> dict[str, Any]:
        pair = self.cleaned_data.get("pressure") or {"systolic": None, "diastolic": None}
        return {**pair, "heart_rate": self.cleaned_data.get("heart_rate") if pair["systolic"] else None}


def form_for(page: Page, data: Any = None, *, stored: Mapping[str, Any]) -> forms.Form:
    """The form of a page, bound to what was posted when there is something."""
    if page.instrument:
        return ItemForm(page, data, stored=stored)
    if page.key == SAFETY:
        return SafetyForm(data)
    if page.key == "mood":
        return MoodForm(data, stored=stored)
    if page.key == "pressure":
        return PressureForm(page, data, stored=stored)
    if page.names[0] in SIDE_EFFECTS:
        return RatingsForm(page.names, data, stored=stored)
    return (ListForm if page.names[0] in ("signs", "substances") else OneForm)(page, data, stored=stored)


def answers_of(form: forms.Form) -> dict[str, Any]:
    """What a valid form answered."""
    if isinstance(form, PageForm | SafetyForm):
        return form.answers()
    return dict(form.cleaned_data)
