"""The form with which something is handed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common.forms import offer


class HandOverForm(forms.Form):
    """To whom; only who may do it is offered."""

    to = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, colleagues: Iterable[Clinician], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in colleagues}
        names = [(key, str(person)) for key, person in self.people.items()]
        offer(self, "to", [("", _("Choose a colleague")), *names])

    def clean_to(self) -> Clinician:
        """The person behind the key."""
        return self.people[self.cleaned_data["to"]]
