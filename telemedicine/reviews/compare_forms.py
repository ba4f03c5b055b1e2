"""Which two versions of a patient's answers are held beside each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import clock
from harmoniously.core.common.forms import offer
from intake.models import EligibilityDecision
from telemedicine.reviews.versions import History, place_of


class CompareForm(forms.Form):
    """Two versions by their keys; without a choice, the newest and the one before."""

    one = forms.ChoiceField(label=gettext_lazy("One version"))
    other = forms.ChoiceField(label=gettext_lazy("The other version"))

    def __init__(self, data: Any, *, versions: History, zone: str) -> None:
        self.rows = {str(row.pk): row for row in versions}
        keys = list(self.rows)
        super().__init__(data, initial={"one": keys[1] if len(keys) > 1 else keys[0], "other": keys[0]})
        choices = [(key, _words(row, zone)) for key, row in self.rows.items()]
        for name in ("one", "other"):
            offer(self, name, choices)

    def clean(self) -> dict[str, Any]:
        """Two that differ."""
        data = super().clean() or {}
        if data.get("one") and data.get("one") == data.get("other"):
            raise ValidationError(_("Choose two different versions."))
        return data

    def pair(self) -> tuple[EligibilityDecision, EligibilityDecision] | None:
        """The earlier and the later one; None while there are not two."""
        if self.is_bound and not self.is_valid():
            return None
        chosen = self.cleaned_data if self.is_bound else self.initial
        rows = [self.rows[chosen["one"]], self.rows[chosen["other"]]]
        if rows[0] == rows[1]:
            return None
        earlier, later = sorted(rows, key=place_of)
        return earlier, later


def _words(row: EligibilityDecision, zone: str) -> str:
    at = row.submission.submitted_at or row.decided_at
    return _("Version %(number)d, %(when)s") % {"number": place_of(row), "when": clock.describe(at, zone)}
