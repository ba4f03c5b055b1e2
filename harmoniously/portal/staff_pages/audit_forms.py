"""What somebody looks for in the audit trail, and what of it they have checked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.audit.rules import Kind
from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardRadioSelect
from harmoniously.portal.staff_pages.audit_selectors import Search

KINDS = [
    ("", _("Everything")),
    (Kind.READ.value, _("Readings")),
    (Kind.CHANGE.value, _("Changes")),
    (Kind.TAKEN_OUT.value, _("Files and prints")),
    (Kind.REFUSED.value, _("Refusals")),
    (Kind.EMERGENCY.value, _("Opened in an emergency")),
    (Kind.SIGN_IN.value, _("Signing in, and accounts")),
]


def _text(label: Any, length: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **more)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class SearchForm(forms.Form):
    """Everything may stay empty."""

    record = _text(_("Record number"), 12)
    person = forms.EmailField(label=_("Who: e-mail address"), max_length=254, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, required=False)
    action = _text(_("Action begins with"), 60)
    since = _day(_("From"))
    until = _day(_("Until, that day included"))
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    request = _text(_("Number of the request"), 32)
    row = _text(_("Key of the row"), 40)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The days are those of the practice's calendar."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first one."))
        return found

    @property
    def search(self) -> Search:
        """What a complete form looks for."""
        found = self.cleaned_data
        return Search(
            record=found["record"].strip(),
            person=found["person"].strip(),
            action=found["action"].strip(),
            kind=Kind(found["kind"]) if found["kind"] else None,
            since=_midnight(found["since"]),
            until=_midnight(found["until"], 1),
            request=found["request"].strip(),
            ip=found["ip"],
            row=found["row"].strip(),
        )


def _midnight(day: date | None, after: int = 0) -> datetime | None:
    if day is None or (after and day == date.max):
        return None  # until the last day that there is: without an end
    return datetime.combine(day + timedelta(days=after), time(), ZoneInfo(clock.PRACTICE_ZONE))


class CheckForm(forms.Form):
    """What of the trail is checked."""

    scope = forms.ChoiceField(
        label=_("What to check"),
        choices=[
            ("newest", _("The newest 5,000 events")),
            ("record", _("All events about one record")),
            ("practice", _("All events about no record: the practice itself")),
            ("all", _("Everything, in the background")),
        ],
        error_messages={"required": _("Choose what to check.")},
        widget=CardRadioSelect,
    )
    record = _text(_("Record number, for one record"), 12)
