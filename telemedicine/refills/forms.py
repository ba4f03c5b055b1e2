"""What a prescriber writes about a request for the next supply."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import local_moment
from harmoniously.core.common.states import STATE_CHOICES
from treatment.models import PdmpResult
from treatment.services.refills import SHORTEST_WORDS, Looked


class RequestForm(forms.Form):
    """The request that was on the page when it was answered; empty when the prescriber acts on their own."""

    request = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ApproveRefillForm(RequestForm):
    """The next shipment, and what the monitoring programme showed before it."""

    units = forms.IntegerField(label=_("Units to send"), min_value=1, max_value=200)
    pdmp_state = forms.ChoiceField(label=_("Monitoring programme of"), choices=[("", "–"), *STATE_CHOICES])
    pdmp_checked_at = forms.DateTimeField(
        label=_("Read at (your local time)"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    pdmp_result = forms.ChoiceField(label=_("Result"), choices=[("", "–"), *PdmpResult.choices])
    # What stood on the page and asks for a note, so that the note is about that.
    read = forms.CharField(required=False, max_length=5000, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Note for the record"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when the monitoring programme shows a concern, or when the page asks for it."),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        self.zone = zone
        super().__init__(*args, **kwargs)

    def clean_pdmp_checked_at(self) -> datetime:
        """The prescriber's local time as a moment."""
        return local_moment(self.cleaned_data["pdmp_checked_at"], self.zone)

    def looked(self) -> Looked:
        """What the monitoring programme showed."""
        data = self.cleaned_data
        return Looked(data["pdmp_state"], data["pdmp_checked_at"], data["pdmp_result"])


class AskRefillForm(RequestForm):
    """A question to the patient, which goes into their messages."""

    question = forms.CharField(
        label=_("Your question"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write your question first.")},
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class DeclineRefillForm(RequestForm):
    """Why not, in words that the patient reads."""

    words = forms.CharField(
        label=_("What the patient reads"),
        min_length=SHORTEST_WORDS,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say why, and what happens next."),
        error_messages={
            "required": _("Write what the patient reads."),
            "min_length": _("Write what the patient reads: why, and what happens next."),
        },
    )
    reason = forms.CharField(
        label=_("Note for the record"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class RenewForm(forms.Form):
    """Why the treatment goes on after a long pause."""

    reason = forms.CharField(
        label=_("Reason, for the record"),
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write down your reason.")},
    )
