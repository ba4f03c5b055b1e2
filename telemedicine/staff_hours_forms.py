"""What is typed about a clinician's hours; all times are on the clinician's own clock."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, local_moment, offer
from telemedicine.models.appointment import Kind
from telemedicine.models.availability import WEEKDAYS

CLOCK = {"type": "time", "class": "input"}
DAY = {"type": "date", "class": "input"}


def _time(label: Any, needed: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
        error_messages={"required": needed, "invalid": _("Enter a time such as 09:00 or 14:30.")},
    )


def _day(label: Any) -> forms.DateField:
    wrong = _("Enter a date such as 2026-11-30.")
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={"required": _("Enter the date."), "invalid": wrong},
    )  # fmt: skip


class HoursForm(forms.Form):
    """A form about one clinician."""

    def __init__(self, *args: Any, clinician: Clinician, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinician = clinician


class _Stretch(HoursForm):
    """From when until when, for which visits."""

    starts = _time(_("From"), _("Enter when the hours begin."))
    ends = _time(_("Until"), _("Enter when the hours end."))
    kinds = forms.MultipleChoiceField(
        label=_("For"),
        choices=Kind.choices,
        widget=CardCheckboxSelectMultiple(inline=True),
        error_messages={"required": _("Choose at least one kind of visit.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.clinician.user.role != Role.PRESCRIBER:
            offer(self, "kinds", [(Kind.INTEGRATION.value, Kind.INTEGRATION.label)])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, ends = given.get("starts"), given.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end must come after the start."))
        return given


class WeeklyForm(_Stretch):
    field_order = ("weekday",)
    weekday = forms.TypedChoiceField(label=_("Day"), choices=WEEKDAYS, coerce=int)


class DateForm(_Stretch):
    field_order = ("day", "starts", "ends", "kinds", "instead")
    day = _day(_("Date"))
    instead = forms.BooleanField(label=_("Instead of the weekly hours of that day"), required=False)


class TimeOffForm(HoursForm):
    """Away from a day and time until another one."""

    first_day = _day(_("First day"))
    starts = _time(_("From"), _("Enter when the time off begins."))
    last_day = _day(_("Last day"))
    ends = _time(_("Until"), _("Enter when the time off ends."))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            zone = self.clinician.zone
            given["starts_at"] = local_moment(datetime.combine(given["first_day"], given["starts"]), zone)
            given["ends_at"] = local_moment(datetime.combine(given["last_day"], given["ends"]), zone)
            if given["ends_at"] <= given["starts_at"]:
                self.add_error("last_day", _("The end must come after the start."))
        return given


class LimitsForm(HoursForm):
    """The room around visits."""

    before = forms.IntegerField(
        label=_("Minutes free before each visit"), min_value=0, max_value=120, initial=0,
        error_messages={"required": _("Enter a number of minutes, or 0.")},
    )  # fmt: skip
    after = forms.IntegerField(
        label=_("Minutes free after each visit"), min_value=0, max_value=120, initial=0,
        error_messages={"required": _("Enter a number of minutes, or 0.")},
    )  # fmt: skip
    daily_maximum = forms.IntegerField(
        label=_("Most visits in a day"), help_text=_("Leave it empty for no limit."), min_value=1, max_value=50,
        required=False,
    )  # fmt: skip
