"""What a person writes down when they act."""

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import CLINICIAN_ROLES
from harmoniously.core.alerts.duty_models import WEEKDAYS
from harmoniously.core.alerts.models import ContactHow
from harmoniously.core.alerts.plan_models import KEYS, STEPS, SafetyPlan
from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, CardRadioSelect, zone_choices


def _shown_at() -> forms.DateTimeField:
    """When the page was opened, to the microsecond."""
    return forms.DateTimeField(initial=lambda: clock.now().isoformat(), required=False, widget=forms.HiddenInput)


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class AcknowledgeForm(forms.Form):
    note = forms.CharField(
        label=_("What you do now"),
        help_text=_("For example: calling the patient now."),
        error_messages={"required": _("Write what you do now.")},
        max_length=2000,
        widget=_lines(2),
    )


class ContactForm(forms.Form):
    how = forms.ChoiceField(
        label=_("What you did"),
        choices=ContactHow.choices,
        widget=CardRadioSelect,
        error_messages={"required": _("Choose what you did.")},
    )
    reached = forms.TypedChoiceField(
        label=_("Did you reach somebody?"),
        help_text=_("For 911: yes when they took it over."),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        coerce=lambda value: value == "yes",
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Say whether you reached somebody.")},
    )
    words = forms.CharField(
        label=_("In words"),
        help_text=_("What was said and agreed. For 911: the incident number, and who took the call."),
        max_length=4000,
        required=False,
        widget=_lines(3),
    )
    # The same page sent twice is one attempt.
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    shown_at = _shown_at()

    def as_another(self) -> None:
        """What was written stays, and counts as an attempt of its own when it is sent again."""
        self.data = {**dict(self.data.items()), "key": str(uuid4())}


class ResolveForm(forms.Form):
    note = forms.CharField(
        label=_("What was done"),
        help_text=_("Who was reached, what was agreed."),
        error_messages={"required": _("Write what was done.")},
        max_length=4000,
        widget=_lines(4),
    )


class SafetyPlanForm(forms.Form):
    """The steps of the safety plan, filled with what stands."""

    # Which version the page showed.
    plan_seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, plan: SafetyPlan | None) -> None:
        super().__init__(data, initial={"plan_seen": plan.version if plan else 0, **(plan.words if plan else {})})
        for key, heading, question in STEPS:
            needed = {"required": format_lazy(_("Write down: {step}"), step=heading)}
            self.fields[key] = forms.CharField(
                label=heading, help_text=question, error_messages=needed, max_length=4000, widget=_lines(3)
            )

    def caught_up(self, plan: SafetyPlan | None) -> None:
        """What was written stays, and is about the version that the page shows now."""
        self.data = {**dict(self.data.items()), "plan_seen": str(plan.version if plan else 0)}

    @property
    def words(self) -> dict[str, str]:
        """What was written, by step."""
        return {key: self.cleaned_data[key] for key in KEYS}


class ClearHoldForm(SafetyPlanForm):
    shown_at = _shown_at()
    contact_note = forms.CharField(
        label=_("Your contact with the patient"),
        help_text=_("When and how you spoke, what the patient said, how you judge the risk now."),
        error_messages={"required": _("Write down your contact with the patient.")},
        max_length=8000,
        widget=_lines(5),
    )


class DutyForm(forms.Form):
    """Who, and in which zone the hours are meant."""

    clinician = forms.ModelChoiceField(
        label=_("Who"),
        queryset=Clinician.objects.filter(user__is_active=True, user__role__in=CLINICIAN_ROLES),
        error_messages={"required": _("Choose a clinician.")},
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class WeekForm(DutyForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days"),
        choices=WEEKDAYS,
        coerce=int,
        widget=CardCheckboxSelectMultiple(inline=True),
        error_messages={"required": _("Choose at least one day.")},
    )
    starts = forms.TimeField(
        label=_("From"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": _("Enter the time at which it begins.")},
    )
    ends = forms.TimeField(
        label=_("Until"),
        help_text=_("Not after the beginning: until that hour of the next day."),
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": _("Enter the time at which it ends.")},
    )


class ExceptionForm(DutyForm):
    starts_at = forms.DateTimeField(
        label=_("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": _("Enter the day and time at which it begins.")},
    )
    ends_at = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": _("Enter the day and time at which it ends.")},
    )

    def moments(self) -> tuple[datetime, datetime]:
        """Both, on the wall of the zone that was chosen."""
        zone = ZoneInfo(self.cleaned_data["zone"])
        starts, ends = (self.cleaned_data[name].replace(tzinfo=zone) for name in ("starts_at", "ends_at"))
        return starts, ends
