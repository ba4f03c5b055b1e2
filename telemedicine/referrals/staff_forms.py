"""What clinicians and coordinators type around a referral and around what was given elsewhere."""

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, CardRadioSelect, DatePartsField, offer
from harmoniously.core.common.states import STATE_CHOICES
from intake.care_words import choices
from intake.referrals.models import INSURANCE
from intake.referrals.selectors import search
from intake.rules.care import Care
from telemedicine.models import ElsewhereKind, Referral, ReferralStatus
from telemedicine.referrals import words
from telemedicine.referrals.services import ASK_AFTER, Wish

# The parts besides the reason as a clinician chooses them; the patient reads and signs those of `words`.
PARTS = [
    ("course", _("Course of treatment here: medicine, amounts, sessions")),
    ("scores", _("Questionnaire scores")),
    ("events", _("Adverse events")),
    ("medicines", _("Other medicines")),
    (words.ELSEWHERE, _("Ketamine or esketamine given elsewhere")),
]


class ReferForm(forms.Form):
    """First the search (need, state, insurance), then one of the places found, the reason and the parts."""

    need = forms.ChoiceField(label=_("What the patient needs"), choices=choices)
    state = forms.ChoiceField(label=_("State"), choices=STATE_CHOICES)
    insurance = forms.ChoiceField(
        label=_("Insurance that it takes"), choices=[("", _("Any")), *INSURANCE], required=False
    )
    facility = forms.ChoiceField(
        label=_("Place"),
        widget=CardRadioSelect(),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the places found.")},
    )
    reason = forms.CharField(
        label=_("Why, for the facility; the patient reads it before signing"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    parts = forms.MultipleChoiceField(
        label=_("What else goes along"),
        choices=PARTS,
        widget=CardCheckboxSelectMultiple,
        required=False,
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {name: str(self[name].value() or "") for name in ("need", "state", "insurance")}
        self.found = {str(row.pk): row for row in search(**asked)} if asked["need"] in list(Care) else {}
        places = [
            (pk, f"{row.name}, {row.street}, {row.city}, {row.state} {row.zip}, {row.phone_words}")
            for pk, row in self.found.items()
        ]
        offer(self, "facility", places)

    def wish(self) -> Wish | None:
        """What is wanted, once a place and a reason are there; else the errors say what is missing."""
        data = self.cleaned_data
        if not data["facility"]:
            self.add_error("facility", _("Choose one of the places found."))
        if not data["reason"].strip():
            self.add_error("reason", _("Write why you refer the patient."))
        if self.errors:
            return None
        return Wish(self.found[data["facility"]], Care(data["need"]), data["reason"], data["parts"])


class SentForm(forms.Form):
    """When a coordinator asks the patient how it went."""

    ask_on = DatePartsField(label=_("Ask the patient how it went on"))

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        today = clock.today(patient.zone, clock.now())
        super().__init__(*args, **{"initial": {"ask_on": today + ASK_AFTER}, **kwargs})
        self.today = today

    def clean_ask_on(self) -> Any:
        return _soon(self.cleaned_data["ask_on"], self.today)


def _soon(day: date | None, today: date) -> date | None:
    if day is not None and not today <= day <= today + timedelta(days=365):
        raise forms.ValidationError(_("Choose a day from today to a year from now."))
    return day


class OutcomeForm(forms.Form):
    """What became of it, and when to ask again."""

    status = forms.ChoiceField(
        label=_("What became of it?"),
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose what became of it.")},
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    ask_on = DatePartsField(
        label=_("Ask again on"), required=False, help_text=_("Left empty: in two weeks, unless it is over.")
    )

    def __init__(self, *args: Any, referral: Referral, clinical: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = clock.today(referral.patient.zone, clock.now())
        steps = [step for step in ReferralStatus if step in (*Referral.MOVES[referral.status], referral.status)]
        known = {ReferralStatus.SENT: _("Nothing yet: ask again")}
        offer(self, "status", [(step.value, known.get(step, step.label)) for step in steps])
        if not clinical:
            # What a coordinator hears may be clinical; it does not belong into a note of theirs.
            del self.fields["note"]

    def clean_ask_on(self) -> Any:
        return _soon(self.cleaned_data["ask_on"], self.today)


class ElsewhereForm(forms.Form):
    """One treatment that was given in a clinic, as told."""

    kind = forms.ChoiceField(
        label=_("What was given"),
        choices=ElsewhereKind.choices,
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose what was given.")},
    )
    given_on = DatePartsField(label=_("Day"), error_messages={"required": _("Enter the day on which it was given.")})
    dose = forms.CharField(label=_("Dose as told"), max_length=120, required=False)
    place = forms.CharField(label=_("Where"), max_length=160, required=False)
    course = forms.CharField(
        label=_("How it was: effect, side effects"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def told(self) -> dict[str, str]:
        """What was told, as it is kept."""
        data = self.cleaned_data
        rest = {name: data[name].strip() for name in ("dose", "place", "course")}
        return {"kind": data["kind"], "given_on": data["given_on"].isoformat(), **rest}
