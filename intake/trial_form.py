"""The form of one antidepressant: first only its name, because what else is asked depends on it.

The dose is asked in the units of the product (policy section 2), the time as dates or as weeks.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.questions.reading import month_in_words
from harmoniously.core.questions.specs import Context, Page, Text
from intake import dose, lookups, trial_entries
from intake.case import Trial
from intake.name_form import NamedForm
from intake.policy import load_policy
from intake.rules.measures import measure_trial
from intake.rules.trials import dose_of
from intake.trial_entries import STILL_TAKING, UNKNOWN

STEP, NAMING = "step", "name"
HIGHEST_MG = 10_000  # the range of the case format
UNUSUAL_TIMES = 4  # a dose so many times the policy's minimum more often is a slip than right; it is asked, not refused
UNITS: dict[str, tuple[Text, Text]] = {
    dose.MG_A_DAY: (
        gettext_lazy("Highest dose in a day, in mg"),
        gettext_lazy("The whole day together: 75 mg twice a day is 150."),
    ),
    dose.TABLETS: (
        gettext_lazy("Highest number of tablets in a day"),
        gettext_lazy("The whole day together: one in the morning and one in the afternoon is 2."),
    ),
    dose.MG_24H: (
        gettext_lazy("Strongest patch you used, in mg in 24 hours"),
        gettext_lazy("It stands on the package: 6, 9 or 12 mg in 24 hours."),
    ),
    dose.CAPSULES_WEEK: (
        gettext_lazy("Highest number of capsules in a week"),
        gettext_lazy("Most people take 1 capsule of 90 mg a week."),
    ),
}
TYPED_UNITS = {
    dose.MG_A_DAY: ("mg a day", "mg/day", "mg daily", "mg"),
    dose.TABLETS: ("tablets", "tablet", "tabs", "tab", "pills"),
    dose.MG_24H: ("mg/24 hours", "mg/24 h", "mg/24h", "mg"),
    dose.CAPSULES_WEEK: ("capsules", "capsule", "caps"),
}


class _AskedIn(forms.CharField):
    """Says in which unit the dose was asked; always the unit of the page as it is shown now."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class TrialForm(NamedForm):
    """One antidepressant: first only its name, then the questions that fit it."""

    name_field = "medicine"
    known = staticmethod(lookups.antidepressant_names)
    near_to = staticmethod(lookups.near_antidepressants)

    def __init__(self, page: Page, context: Context, data: Any = None, stored: Mapping[str, Any] | None = None):
        self.naming = stored is None if data is None else data.get(STEP) == NAMING
        self.again = dict(stored or {})
        super().__init__(page, context, data=data, stored=self._in_own_unit(self.again))
        if self.naming:
            self.fields[STEP] = forms.CharField(widget=forms.HiddenInput, initial=NAMING)
        self.order_fields([STEP, "dose_unit"])

    def _in_own_unit(self, stored: dict[str, Any]) -> dict[str, Any]:
        """What was kept in another unit than the product's own reads in its own."""
        if not stored.get("medicine") or stored.get("dose") is None or stored.get("dose_unit") in (None, UNKNOWN):
            return stored
        own = dose_of(stored["medicine"], load_policy())
        amount = trial_entries.dose_in_mg(stored)
        return {**stored, "dose": None if amount is None else f"{amount / own.mg:g}"}

    def fitted(self, page: Page) -> Page:
        self.dose = dose_of(self.medicine, load_policy())
        if self.naming:
            return replace(page, fields=(page.field(self.name_field),), check=None)
        asked = [spec for spec in page.fields if spec.name not in ("dose", "dose_unit")]
        if self.dose.unit != dose.NOT_ASKED:
            label, hint = UNITS[self.dose.unit]
            unusual = partial(_unusual, self.medicine, self.dose)
            asked.insert(1, replace(page.field("dose"), label=label, hint=hint, unusual=unusual))
        return replace(page, fields=tuple(asked))

    def _add(self, spec: Any) -> None:
        super()._add(spec)
        if spec.name == "dose":
            self.fields["dose"].units = TYPED_UNITS[self.dose.unit]  # type: ignore[attr-defined]
            self.fields["dose"].required = not self._dose_unknown()
            unknown = self.again.get("dose_unit") == UNKNOWN
            self.fields["dose_unknown"] = forms.BooleanField(
                label=_("I do not know the dose"), required=False, initial=unknown
            )
            self.fields["dose_unit"] = _AskedIn(required=False, widget=forms.HiddenInput, initial=self.dose.unit)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.naming:
            return cleaned
        checks = (self._dose_error, self._period_error)
        for name, error in [found for check in checks for found in check(cleaned)]:
            if name in self.fields and name not in self.errors:
                self.add_error(name, error)
        return cleaned

    def _dose_unknown(self) -> bool:
        return bool(self.data.get("dose_unknown")) or self.data.get("dose_unit") == UNKNOWN

    def _dose_error(self, cleaned: Mapping[str, Any]) -> list[tuple[str, str]]:
        if "dose" not in self.fields:
            return []
        amount = cleaned.get("dose")
        if self._dose_unknown():
            both = _("Clear the dose, or clear the tick at “I do not know the dose”.")
            return [] if amount is None else [("dose", both)]
        if self.data.get("dose_unit") not in (None, "", self.dose.unit):
            text = _("The dose of %(medicine)s is asked in another way: %(how)s. Enter it again.")
            how = str(UNITS[self.dose.unit][0])
            return [("dose", text % {"medicine": self.medicine, "how": how[:1].lower() + how[1:]})]
        if not amount:
            return [("dose", _("A dose is more than 0. If you do not know it, tick “I do not know the dose”."))]
        if amount * self.dose.mg > HIGHEST_MG:
            return [("dose", _("That is more than anyone can take in a day. Look at the dose again."))]
        return []

    def _period_error(self, cleaned: Mapping[str, Any]) -> list[tuple[str, str]]:
        if {"started", "ended", "weeks"} & self.errors.keys():
            return []
        started, ended = cleaned.get("started"), cleaned.get("ended")
        return self._day_errors(started, ended) or self._weeks_errors(started, ended, cleaned)

    def _day_errors(self, started: str | None, ended: str | None) -> list[tuple[str, str]]:
        today = self.context.today
        future = _("This day lies in the future.")
        found = [
            (name, future)
            for name, given in (("started", started), ("ended", ended))
            if given and trial_entries.first_day(given) > today
        ]
        born = self.context.used.get("about_you", {}).get("date_of_birth")
        if started and born and trial_entries.last_day(started).isoformat() < born:
            found.append(("started", _("This is before you were born. Look at the year again.")))
        if started and ended and trial_entries.last_day(ended) < trial_entries.first_day(started):
            found.append(("ended", _("This is before the day on which you started.")))
        return found

    def _weeks_errors(
        self, started: str | None, ended: str | None, cleaned: Mapping[str, Any]
    ) -> list[tuple[str, str]]:
        weeks = cleaned.get("weeks")
        if ended and not started and weeks is None:
            return [("started", _("Enter also when you started, or enter the weeks below."))]
        if not started:
            return []
        if not ended and cleaned.get("stopped") != STILL_TAKING:
            return [("ended", _("Enter also when you stopped, or enter the weeks below."))] if weeks is None else []
        until = ended or self.context.today.isoformat()
        if weeks is not None and weeks > trial_entries.longest(started, until) + 1:
            text = _("From %(first)s to %(last)s there are not so many weeks. Look at the weeks or at the dates.")
            return [("weeks", text % {"first": month_in_words(started), "last": month_in_words(until)})]
        if weeks is None and not trial_entries.is_told(started, until):
            return [("weeks", _("These dates do not tell how long it was. Enter the weeks, or the days above."))]
        return []

    def answers(self) -> dict[str, Any]:
        return self._with_unit(super().answers())

    def unfinished(self) -> dict[str, Any]:
        return self._with_unit(super().unfinished())

    def _with_unit(self, found: dict[str, Any]) -> dict[str, Any]:
        if self.naming or not found:
            return found
        unit = UNKNOWN if "dose" in self.fields and self._dose_unknown() else self.dose.unit
        return {**found, "dose_unit": unit}


def _unusual(medicine: str, own: dose.Dose, amount: float) -> str | None:
    measured = measure_trial(Trial(medicine=medicine, max_daily_dose_mg=float(amount) * own.mg), load_policy())
    if not measured.minimum or measured.daily_mg is None or float(amount) * own.mg > HIGHEST_MG:
        return None
    if measured.daily_mg <= UNUSUAL_TIMES * measured.minimum:
        return None
    return _("That is far more than people usually take of %(medicine)s.") % {"medicine": medicine}
