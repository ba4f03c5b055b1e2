"""The forms of the patient's and the sitter's pages: they check what was typed; the rules decide what is safe."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import (
    BloodPressureField,
    CardCheckboxSelectMultiple,
    CardRadioSelect,
    DatePartsField,
)
from harmoniously.core.common.states import STATE_CHOICES
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST
from treatment import words
from treatment.rules.checkin import MOODS
from treatment.rules.devices import NOTES

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]


def hour_choices(hours: Iterable[int]) -> list[tuple[str, str]]:
    """Full hours of a day, as a value and as people say them."""
    return [(f"{hour:02d}:00", f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}") for hour in hours]


# At which a session may be planned.
HOURS = hour_choices(range(7, 21))
_PICK = _("Choose an answer.")


class YesNoField(forms.ChoiceField):
    """Two cards; cleans to true, false, or None when it may be left open and was."""

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": _PICK})
        super().__init__(label=label, choices=YES_NO, widget=CardRadioSelect(inline=True), **kwargs)

    def clean(self, value: Any) -> bool | None:
        """The answer as a bool."""
        return {"yes": True, "no": False}.get(super().clean(value))


def as_yes_no(value: object) -> str:
    """A stored answer as the card's value."""
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


# The gate: page -> (field, question, hint). Shown one page at a time.
GATE_QUESTIONS: Mapping[str, tuple[tuple[str, Any, Any], ...]] = {
    "sitter": (
        (
            "sitter_adult",
            _("Is your sitter 18 or older?"),
            _("In an emergency an adult has to decide and speak for you."),
        ),
        (
            "sitter_reachable",
            _("Is your sitter with you now, able to stay the whole time?"),
            _("For about two hours you cannot look after yourself. They check on you every 15 minutes."),
        ),
    ),
    "food": (
        (
            "food_ok",
            _("Is it at least four hours since you last ate?"),
            _("On an empty stomach you are less likely to throw up while you are drowsy."),
        ),
        (
            "liquids_ok",
            _("Is it at least one hour since you last drank anything?"),
            _("Fluid in your stomach can come up, too, and get into your lungs."),
        ),
    ),
    "today": (
        (
            "alcohol_or_cannabis",
            _("Have you had alcohol or cannabis in the last 24 hours?"),
            _("Together with the medicine they can slow your breathing and raise your blood pressure."),
        ),
        (
            "new_medicine",
            _("Have you started, stopped or changed any medicine since your last visit?"),
            _("Also over the counter, herbal or a short course. Some do not go together with a session."),
        ),
        (
            "illness",
            _("Are you ill today?"),
            _("Such as fever, a bad cold, vomiting, chest pain or a new symptom. A session strains an ill body more."),
        ),
        (
            "pregnancy_possible",
            _("Could you be pregnant?"),
            _("The medicine may harm an unborn child. If this cannot apply to you, answer no."),
        ),
    ),
    "rest": (
        (
            "will_not_drive",
            _("Will you not drive until tomorrow, after a night's sleep?"),
            _("You react more slowly for hours, also when you feel clear again."),
        ),
        (
            "seated",
            _("Have you been sitting quietly for five minutes?"),
            _("Moving and talking raise a reading. Feet flat, back supported, arm at the height of your heart."),
        ),
    ),
}


class GateForm(forms.Form):
    """One page of yes-or-no questions of the gate."""

    def __init__(self, page: str, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        initial = {name: as_yes_no(stored.get(name)) for name, _label, _hint in GATE_QUESTIONS[page]}
        super().__init__(data, initial=initial)
        for name, label, hint in GATE_QUESTIONS[page]:
            self.fields[name] = YesNoField(label=label, help_text=hint)


class PlaceForm(forms.Form):
    """Where the patient is today; sending it confirms it."""

    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        help_text=_("With the apartment, so that an ambulance finds you."),
    )
    city = forms.CharField(label=_("City"), max_length=80)
    state = forms.ChoiceField(label=_("State"), choices=STATE_CHOICES)
    zip = forms.RegexField(
        r"^\d{5}(-\d{4})?$", label=_("ZIP code"), error_messages={"invalid": _("Enter five digits, such as 94110.")}
    )


class SafetyForm(forms.Form):
    """The C-SSRS screener since last contact, wording unaltered. Questions 3 to 5 follow a yes to question 2."""

    CHOICES = [*YES_NO, ("skip", _("I would rather not answer"))]

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for item in CSSRS_SINCE_LAST.items:
            self.fields[item.key] = forms.ChoiceField(
                label=item.text,
                help_text=item.hint,
                choices=self.CHOICES,
                widget=CardRadioSelect(inline=True),
                required=not item.shown_if,
                error_messages={"required": _PICK},
            )

    def clean(self) -> dict[str, Any]:
        """A yes to question 2 opens 3 to 5; each needs an answer, which may be that one would rather not."""
        data = super().clean() or {}
        if data.get("suicidal_thoughts") in ("yes", "skip"):
            for name in ("method", "intent", "plan"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _PICK)
        return data

    def answers(self) -> dict[str, bool | None]:
        """True, false, or None where nothing was said; also of a form that was sent half answered."""
        return {
            item.key: {"yes": True, "no": False}.get(self.cleaned_data.get(item.key, ""))
            for item in CSSRS_SINCE_LAST.items
        }


class AgedForm(forms.Form):
    """What a device tells of a session: `after` counts the seconds from the start, by its own clock."""

    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_after(self) -> timedelta | None:
        """As a span of time, at most a week; None when it is told as it happens."""
        seconds = self.cleaned_data["after"]
        return None if seconds is None else timedelta(seconds=min(max(seconds, 0), 7 * 24 * 3600))


class KeyedForm(AgedForm):
    """What may be told more than once: `key` makes it one."""

    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class PressureForm(forms.Form):
    """One blood pressure reading with the heart rate."""

    pressure = BloodPressureField(label=_("Blood pressure"))
    heart_rate = forms.IntegerField(
        label=_("Heart rate"),
        min_value=20,
        max_value=250,
        help_text=_("Beats a minute; most monitors show it as pulse."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "3"}),
        error_messages={"required": _("Enter the heart rate that your monitor shows.")},
    )


class GateReadingForm(PressureForm):
    """A reading before the dose. `number` makes a second click do nothing."""

    number = forms.IntegerField(min_value=1, max_value=99, widget=forms.HiddenInput)


class SessionReadingForm(KeyedForm, PressureForm):
    """A reading during the session."""


class NoteForm(KeyedForm):
    """How it feels, by one tap."""

    note = forms.ChoiceField(choices=[(code, words.NOTES[code]) for code in NOTES])


class HelpForm(KeyedForm):
    """A call for help; one that comes without a key is a call all the same."""

    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)


class PlanForm(forms.Form):
    """When sessions suit the patient."""

    first_day = DatePartsField(
        label=_("First day"), required=False, help_text=_("Leave it empty for the first day that works.")
    )
    hour = forms.ChoiceField(
        label=_("Time of day"),
        choices=HOURS,
        initial="18:00",
        help_text=_("You need about four quiet hours, and no driving until the next day."),
    )
    no_weekdays = forms.MultipleChoiceField(
        label=_("Days that never work"),
        choices=WEEKDAYS,
        required=False,
        widget=CardCheckboxSelectMultiple(inline=True),
    )
    away_from = DatePartsField(label=_("Away from"), required=False)
    away_until = DatePartsField(label=_("Away until"), required=False)

    def clean_hour(self) -> time:
        """The hour as a time."""
        return time.fromisoformat(self.cleaned_data["hour"])

    def clean_no_weekdays(self) -> tuple[int, ...]:
        """Monday is 0; at least one day has to work."""
        days = tuple(sorted(int(day) for day in self.cleaned_data["no_weekdays"]))
        if len(days) == len(WEEKDAYS):
            raise ValidationError(_("Leave at least one day of the week open."))
        return days

    def clean(self) -> dict[str, Any]:
        """Both ends of an absence, in order."""
        data = super().clean() or {}
        first, last = data.get("away_from"), data.get("away_until")
        if bool(first) != bool(last) and not self.errors:
            self.add_error("away_until" if first else "away_from", _("Give the first and the last day."))
        elif first and last and last < first:
            self.add_error("away_until", _("The last day comes after the first."))
        return data

    def away(self) -> tuple[tuple[date, date], ...]:
        """The absence as the rules read it."""
        first, last = self.cleaned_data.get("away_from"), self.cleaned_data.get("away_until")
        return ((first, last),) if first and last else ()


class InviteForm(forms.Form):
    """Who will be there."""

    name = forms.CharField(label=_("Their first name"), max_length=60)
    phone = forms.CharField(
        label=_("Their mobile number"),
        required=False,
        help_text=_("We text them the private link once. A US number, such as 213 555 0124."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("Their e-mail address"), required=False)

    def clean_phone(self) -> str:
        """E.164, or nothing."""
        typed = self.cleaned_data["phone"].strip()
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed, "US")
        except phonenumbers.NumberParseException:
            raise ValidationError(_("Enter a phone number such as 213 555 0124.")) from None
        if not phonenumbers.is_possible_number(number):
            raise ValidationError(_("Enter a phone number such as 213 555 0124."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


RATINGS = [("0", _("Not at all")), ("1", _("A little")), ("2", _("Quite a bit")), ("3", _("Very much"))]
MOOD_WORDS = {
    "much_better": _("Much better"),
    "better": _("A little better"),
    "same": _("The same"),
    "worse": _("A little worse"),
    "much_worse": _("Much worse"),
}


class RatingsForm(forms.Form):
    """A group of side effects, each rated from 0 to 3."""

    def __init__(self, names: tuple[str, ...], data: Any = None, *, stored: Mapping[str, Any]) -> None:
        super().__init__(data, initial={name: stored.get(name) for name in names})
        for name in names:
            self.fields[name] = forms.TypedChoiceField(
                label=str(words.SIDE_EFFECTS[name]),
                choices=RATINGS,
                coerce=int,
                widget=CardRadioSelect(inline=True),
                error_messages={"required": _PICK},
            )


class MoodForm(forms.Form):
    """Mood against before the session, and the two signs that a clinician must know of."""

    mood = forms.ChoiceField(
        label=_("How is your mood, compared with before your session?"),
        choices=[(code, MOOD_WORDS[code]) for code in MOODS],
        widget=CardRadioSelect,
        error_messages={"required": _PICK},
    )
    mania_signs = YesNoField(
        label=_(
            "Since then, have you felt so full of energy or so irritable that you slept little or took unusual risks?"
        )
    )
    psychosis_signs = YesNoField(label=_("Since then, have you heard or seen things that others did not?"))

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any]) -> None:
        flags = {name: as_yes_no(stored.get(name)) for name in ("mania_signs", "psychosis_signs")}
        super().__init__(data, initial={"mood": stored.get("mood"), **flags})


class ConfirmForm(forms.Form):
    """The sitter agrees."""

    adult = forms.BooleanField(
        label=_("I am 18 or older."), error_messages={"required": _("The sitter needs to be 18 or older.")}
    )
    stays = forms.BooleanField(
        label=_("I will stay the whole time, awake and sober, and I can drive or call for help."),
        error_messages={"required": _("The sitter needs to stay the whole time.")},
    )


class CheckForm(KeyedForm):
    """A look at the patient, every 15 minutes."""

    responds = YesNoField(label=_("Do they respond when you speak to them or touch their shoulder?"))
    breathing_normal = YesNoField(label=_("Is their breathing calm and regular, and their color normal?"))


class ReleaseForm(AgedForm):
    """The end of the watch."""

    oriented = YesNoField(label=_("Do they know who and where they are, and what day it is?"))
    walking = YesNoField(label=_("Can they walk across the room steadily without help?"))
