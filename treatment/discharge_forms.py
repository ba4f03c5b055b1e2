"""What a prescriber writes at the end of a treatment, and what a patient allows to be sent."""

from datetime import date, timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import CardCheckboxSelectMultiple, DatePartsField
from treatment import discharge_words as words
from treatment.models import DischargeReason, Leftover
from treatment.rules.transfer import PARTS
from treatment.services.discharging import Ending
from treatment.services.transfer import Recipient, Wish

LONGEST = 4000


class DischargeForm(forms.Form):
    """The end of a treatment: of the one that the page showed."""

    chart = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Why it ends"), choices=[("", _("Choose")), *DischargeReason.choices])
    summary = forms.CharField(
        label=_("Summary"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The patient reads it in the letter, as you write it."),
    )
    follow_up = forms.CharField(
        label=_("Who goes on caring for the patient, and when"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    leftover = forms.ChoiceField(
        label=_("Medicine that is left at home"), choices=[("", _("Choose")), *Leftover.choices]
    )
    sure = forms.BooleanField(
        label=_("I have read what ends now, and discharge this patient."),
        error_messages={"required": _("Tick this when you are sure.")},
    )

    def ending(self) -> Ending:
        """What was written."""
        data = self.cleaned_data
        return Ending(DischargeReason(data["reason"]), data["summary"], Leftover(data["leftover"]), data["follow_up"])


class TransferForm(forms.Form):
    """Who may be told what. `sign` is asked on the second page, under the whole text."""

    name = forms.CharField(label=_("The clinician’s name"), max_length=120)
    practice = forms.CharField(label=_("Practice or clinic"), max_length=120)
    address = forms.CharField(label=_("Address"), max_length=200, help_text=_("Street, city, state and ZIP code."))
    fax = forms.CharField(label=_("Fax number"), max_length=30, required=False)
    parts = forms.MultipleChoiceField(
        label=_("What may we send?"),
        choices=[(code, words.PARTS[code]) for code in PARTS],
        widget=CardCheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one part.")},
    )
    purpose = forms.CharField(label=_("What is it for?"), max_length=200, initial=_("My care with this clinician"))
    expires_on = DatePartsField(label=_("Last day of this permission"), help_text=_("At most a year from now."))
    token = forms.UUIDField(widget=forms.HiddenInput)

    def wish(self) -> Wish:
        """What was chosen."""
        data = self.cleaned_data
        to = Recipient(*(data[name].strip() for name in ("name", "practice", "address", "fax")))
        return Wish(to, tuple(data["parts"]), data["purpose"], data["expires_on"])


def in_ninety_days(today: date) -> date:
    """The day that the form proposes."""
    return today + timedelta(days=90)


def hidden(form: TransferForm) -> list[tuple[str, str]]:
    """What was entered on the first page, for the second."""
    own = {"csrfmiddlewaretoken", "signature"}
    data = form.data
    listed = data.lists() if isinstance(data, QueryDict) else [(name, [value]) for name, value in data.items()]
    return [(name, value) for name, values in listed if name not in own for value in values]
