"""What coordinators type to arrange a visit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from telemedicine.models.appointment import Kind


class ArrangeForm(forms.Form):
    """Which patient a coordinator books for, and what."""

    patient = forms.CharField(
        label=_("Patient"),
        max_length=254,
        help_text=_("Record number, e-mail address, name, birth date or phone, and several of them at once."),
        error_messages={"required": _("Enter who it is: a number, an address, a name or a birth date.")},
    )
    kind = forms.ChoiceField(label=_("Visit"), choices=Kind.choices)
