"""What somebody writes in an access review."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.audit.review_models import Verdict
from harmoniously.core.common.forms import offer


class BeginForm(forms.Form):
    """The days to look at, on the practice's calendar; filled in with those since the last review."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        """A year at most: more is hardly looked at."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first one."))
        elif since and until and until - since > timedelta(days=366):
            self.add_error("since", _("A review covers a year at most. Choose a later first day."))
        elif since and since.year < 2000:  # before there was a practice; the week before it may have no date
            self.add_error("since", _("Choose a later first day."))
        elif until == date.max:  # the end is the day after
            self.add_error("until", _("The time to look at is not over yet. Choose an earlier last day."))
        return found


def usual(last_day: date | None, today: date) -> dict[str, date]:
    """From the day after the last review, or three months back, until yesterday."""
    yesterday = today - timedelta(days=1)
    since = last_day or today - timedelta(days=91)
    return {"since": min(since, yesterday), "until": yesterday}


class FindingForm(forms.Form):
    """What was found about the things that are ticked."""

    items = forms.TypedMultipleChoiceField(
        coerce=str, error_messages={"required": _("Tick what you looked at.")}, widget=forms.MultipleHiddenInput
    )
    verdict = forms.ChoiceField(
        label=_("Finding"), choices=Verdict.choices, error_messages={"required": _("Choose what you found.")}
    )
    others = forms.BooleanField(
        label=_("The same for everything else of these people that has no finding yet"),
        required=False,
        help_text=_("Of this kind, on all pages of the list. Ask them first."),
    )
    words = forms.CharField(
        label=_("In words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "items", [(key, key) for key in known])
