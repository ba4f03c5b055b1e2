"""What an administrator fills in to change how the practice works."""

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.states import STATE_CHOICES


class SwitchForm(forms.Form):
    """Whether new patients are taken in a state, and why that changes."""

    state = forms.ChoiceField(choices=STATE_CHOICES, widget=forms.HiddenInput)
    is_open = forms.TypedChoiceField(
        choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1", widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Others read it here later. Write nothing about a patient."),
        error_messages={"required": _("Write why.")},
        max_length=200,
    )
