"""The forms around one session: its hour, its place, leaving it out, getting ready for it."""

from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, CardRadioSelect, offer
from harmoniously.core.common.states import ZONES
from treatment.forms import HOURS, PlaceForm
from treatment.models import DoseSession, SkipReason
from treatment.rules import preparation

ALL_HOURS = tuple(time.fromisoformat(value) for value, _label in HOURS)
_PICK = _("Choose an answer.")


class SlotForm(forms.Form):
    """An hour of a day that was chosen on the page before."""

    day = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])
    hour = forms.ChoiceField(
        label=_("Time of day"),
        choices=HOURS,
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Choose a time of day."), "invalid_choice": _("Choose a time of day.")},
    )

    def offer(self, hours: tuple[time, ...]) -> "SlotForm":
        """Show these hours only; one that was sent and is gone is refused by what books it."""
        offered = {f"{hour:%H:%M}" for hour in hours}
        offer(self, "hour", [choice for choice in HOURS if choice[0] in offered])
        return self

    def clean_hour(self) -> time:
        """The hour as a time."""
        return time.fromisoformat(self.cleaned_data["hour"])


class SkipForm(forms.Form):
    """Why a session is left out."""

    reason = forms.ChoiceField(
        label=_("What is the reason?"),
        choices=SkipReason.choices,
        widget=CardRadioSelect,
        error_messages={"required": _PICK},
    )
    words = forms.CharField(
        label=_("Anything you want to add"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your prescriber can read it."),
    )


class WhereForm(PlaceForm):
    """Where the patient will be, and what the clock shows there when the session begins."""

    zone = forms.ChoiceField(
        label=_("Clock there"),
        required=False,
        help_text=_("Leave it as it is unless that part of the state keeps another time."),
    )
    hour = forms.ChoiceField(label=_("Time of day there"))

    def __init__(self, data: Any = None, *, session: DoseSession, home: dict[str, str]) -> None:
        at = f"{clock.local(session.starts_at, session.zone):%H:%M}"
        super().__init__(data, initial={**(session.place or home), "hour": at})
        usual = [("", _("The usual one of the state"))]
        offer(self, "zone", [*usual, *((zone, clock.zone_place(zone)) for zone in ZONES)])
        known = {value for value, _label in HOURS}
        own = [] if at in known else [(at, at)]
        offer(self, "hour", [*HOURS, *own])

    def clean_hour(self) -> time:
        """The hour as a time."""
        return time.fromisoformat(self.cleaned_data["hour"])

    def place(self) -> dict[str, str]:
        """The address as it is kept."""
        return {name: str(self.cleaned_data[name]) for name in ("street", "city", "state", "zip")}


class PrepareForm(forms.Form):
    """What is ready, and what the patient wants from the session."""

    ticked = forms.MultipleChoiceField(
        label=_("Tick what is done or arranged"), required=False, widget=CardCheckboxSelectMultiple
    )
    intention = forms.CharField(
        label=_("What do you hope for, or want to look at?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "A few words are enough. Only you read them; they are kept with your session. If they may mean that you "
            "are in danger, we tell a clinician so, without the words."
        ),
    )

    def __init__(self, data: Any = None, *, texts: dict[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self, "ticked", [(item, texts[item][0]) for item in preparation.ITEMS])
        self.fields["ticked"].widget.hints = {item: texts[item][1] for item in preparation.ITEMS}


class DeclineForm(forms.Form):
    """Further days on which the sitter cannot be there."""

    cannot = forms.MultipleChoiceField(
        label=_("Other days on which you cannot be there"),
        required=False,
        widget=CardCheckboxSelectMultiple,
        help_text=_("Tick any, so that they can choose a day that suits you both."),
    )

    def __init__(self, data: Any = None, *, days: tuple[date, ...] = ()) -> None:
        super().__init__(data)
        offer(self, "cannot", [(day.isoformat(), clock.date_words(day)) for day in days])

    def clean_cannot(self) -> tuple[date, ...]:
        """The days as dates."""
        return tuple(date.fromisoformat(day) for day in self.cleaned_data["cannot"])
