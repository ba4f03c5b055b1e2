"""What is asked of an adverse event: of the patient in plain words, of a clinician in the terms of the report."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, DatePartsField, offer
from treatment import adverse_words as words
from treatment.forms import hour_choices
from treatment.journal_forms import named
from treatment.models import AdverseEvent, DoseSession, SubmittedVia
from treatment.rules.adverse import Action, Assessment, Causality, Criterion, Outcome
from treatment.rules.calendar import local_moment
from treatment.services.adverse import Step, Submission, Told

LONGEST = 4000
EARLIEST, LATEST = 1900, 9998  # years of which every zone can tell every hour
_WHICH_DAY = _("Give the day on which it began, with the year in four digits.")
_TERMS = [(code, text) for code, text in words.TERMS.items()]
_NOT_YET = ("", _("Not judged yet"))


class _WithSession(forms.Form):
    """The session that it came after, of those that took place."""

    session = forms.ChoiceField(label=_("After which session?"), required=False)

    def __init__(self, data: Any = None, *, sessions: Iterable[DoseSession], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self._sessions = {str(row.pk): row for row in sessions}
        offer(
            self, "session", [("", _("None, or not sure")), *((key, named(row)) for key, row in self._sessions.items())]
        )

    def session_given(self) -> DoseSession | None:
        """The chosen session."""
        return self._sessions.get(self.cleaned_data["session"])


class TellForm(_WithSession):
    """A patient tells of something."""

    term = forms.ChoiceField(
        label=_("What happened?"),
        choices=[("", _("Choose what fits best")), *words.TERMS_PLAIN.items()],
        error_messages={"required": _("Choose what fits best, or “Something else”.")},
    )
    own_words = forms.CharField(
        label=_("In your own words"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("How it was, how long it lasted, and what you did about it."),
    )
    began_on = DatePartsField(label=_("On which day did it begin?"))
    hour = forms.ChoiceField(
        label=_("At about what time?"), choices=[("", _("I do not remember")), *hour_choices(range(24))], required=False
    )
    criteria = forms.MultipleChoiceField(
        label=_("Is any of this true?"),
        choices=[(code.value, text) for code, text in words.CRITERIA_PLAIN.items()],
        required=False,
        widget=CardCheckboxSelectMultiple,
        help_text=_("Leave it empty if none is."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("term", "own_words", "began_on", "hour", "session", "criteria")

    def clean_began_on(self) -> date:
        """A day that every zone can tell; a day to come is refused by what keeps it."""
        day: date = self.cleaned_data["began_on"]
        if day.year > LATEST:
            raise ValidationError(_WHICH_DAY)
        return day

    def told(self, *, zone: str, now: datetime) -> Told:
        """What was told; of a day without an hour, noon, and never later than now."""
        data = self.cleaned_data
        hour = time.fromisoformat(data["hour"]) if data["hour"] else time(12)
        began = local_moment(data["began_on"], hour, zone)
        if data["began_on"] == clock.today(zone, now):
            began = min(began, now)
        criteria = frozenset(Criterion(code) for code in data["criteria"])
        return Told(Assessment(data["term"], began, criteria), data["own_words"], self.session_given())


class _Judgement(forms.Form):
    """How an event is judged. Times are the patient's own."""

    term = forms.ChoiceField(label=_("What it was"), choices=_TERMS)
    onset = forms.DateTimeField(
        label=_("It began (the patient's time)"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    criteria = forms.MultipleChoiceField(
        label=_("Serious, because of"),
        choices=[(code.value, text) for code, text in words.CRITERIA.items()],
        required=False,
        widget=CardCheckboxSelectMultiple,
        help_text=_("21 CFR 312.32(a) and section B2 of Form FDA 3500. None: not serious."),
    )
    grade = forms.TypedChoiceField(
        label=_("Grade"), choices=[_NOT_YET, *words.GRADES.items()], coerce=int, empty_value=None, required=False
    )
    causality = forms.ChoiceField(
        label=_("Cause: the medicine"),
        choices=[_NOT_YET, *((code.value, text) for code, text in words.CAUSALITY.items())],
        required=False,
    )
    action = forms.ChoiceField(
        label=_("Done with the medicine"),
        choices=[_NOT_YET, *((code.value, text) for code, text in words.ACTIONS.items())],
        required=False,
    )

    def clean_onset(self) -> datetime:
        """A moment that every zone can tell."""
        onset: datetime = self.cleaned_data["onset"]
        if not EARLIEST <= onset.year <= LATEST:
            raise ValidationError(_WHICH_DAY)
        return onset

    def assessment(self, zone: str) -> Assessment:
        """The judgement that was chosen."""
        data = self.cleaned_data
        onset: datetime = data["onset"]
        return Assessment(
            term=data["term"],
            onset_at=onset.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
            criteria=frozenset(Criterion(code) for code in data["criteria"]),
            grade=data["grade"],
            causality=Causality(data["causality"]) if data["causality"] else None,
            action=Action(data["action"]) if data["action"] else None,
        )


class RecordForm(_WithSession, _Judgement):
    """A clinician records an event."""

    term = forms.ChoiceField(label=_("What it was"), choices=[("", _("Choose")), *_TERMS])
    own_words = forms.CharField(label=_("What happened"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}))
    token = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("term", "own_words", "onset", "session", "criteria", "grade", "causality", "action")

    def told(self, zone: str) -> Told:
        """The event as it was recorded."""
        return Told(self.assessment(zone), self.cleaned_data["own_words"], self.session_given())


class FollowForm(_Judgement):
    """One step of the following."""

    known_now = forms.CharField(
        label=_("What is known now"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("", _("Not over: go on following")), *((code.value, text) for code, text in words.OUTCOMES.items())],
        required=False,
    )
    look_on = forms.DateField(
        label=_("Look again by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At the latest, and when empty: after 7 days for a serious event, after 14 for another."),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    field_order = ("known_now", "term", "onset", "criteria", "grade", "causality", "action", "outcome", "look_on")

    def __init__(self, data: Any = None, *, event: AdverseEvent, zone: str, now: datetime) -> None:
        local = event.onset_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)
        kept = {name: value for name, value in event.judgement.items() if value is not None}
        super().__init__(data, initial={**kept, "onset": local, "version": event.version})
        self._zone, self._now = zone, now
        self._kept = (local, event.onset_at)

    def clean_look_on(self) -> date | None:
        """A day to come."""
        day: date | None = self.cleaned_data["look_on"]
        if day is not None and day <= clock.today(self._zone, self._now):
            raise ValidationError(_("Choose a day to come."))
        return day

    def step(self) -> Step:
        """What was written."""
        data, assessment = self.cleaned_data, self.assessment(self._zone)
        if data["onset"].replace(tzinfo=None, second=0, microsecond=0) == self._kept[0]:
            # Not touched: the page shows minutes, the row keeps the moment.
            assessment = Assessment(**{**vars(assessment), "onset_at": self._kept[1]})
        look = local_moment(data["look_on"], time(9), self._zone) if data["look_on"] else None
        outcome = Outcome(data["outcome"]) if data["outcome"] else None
        return Step(assessment, data["known_now"], outcome, look)


class DismissForm(forms.Form):
    """Why it is no adverse event."""

    text = forms.CharField(label=_("Why it is none"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class SubmittedForm(forms.Form):
    """That a person sent the report."""

    on = forms.DateField(label=_("Sent on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    via = forms.ChoiceField(label=_("How"), choices=SubmittedVia.choices)
    reference = forms.CharField(
        label=_("Number that FDA gave"), max_length=40, required=False, help_text=_("Where there is one.")
    )

    def sent(self) -> Submission:
        """What was entered."""
        return Submission(**self.cleaned_data)
