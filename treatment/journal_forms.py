"""The page on which an entry is written."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.common.forms import offer
from harmoniously.core.common.opened import OpenedPage
from treatment.models import DoseSession
from treatment.services.journal import Words


class EntryForm(forms.Form):
    """The text, which session it is about, and what tells the page that was opened from every other one."""

    text = forms.CharField(
        label=_("Your entry"),
        required=False,
        strip=False,
        # No `maxlength`: a browser would cut off what is pasted without a word. The service says so instead.
        widget=forms.Textarea(attrs={"rows": 14, "autocapitalize": "sentences"}),
    )
    session = forms.ChoiceField(label=_("Is it about a session?"), required=False)
    prompt = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    edit = forms.UUIDField(widget=forms.HiddenInput)
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    turn = forms.IntegerField(min_value=0, initial=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, sessions: Iterable[DoseSession], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self._sessions = {str(row.pk): row for row in sessions}
        known = ((key, named(row)) for key, row in self._sessions.items())
        offer(self, "session", [("", _("No, any day")), *known])

    def words(self) -> Words:
        """What was written."""
        data = self.cleaned_data
        return Words(data["text"], data["prompt"], self._sessions.get(data["session"]))

    def page(self) -> OpenedPage:
        """The page that it was written on."""
        data = self.cleaned_data
        return OpenedPage(data["edit"], data["base"], data["turn"])

    @property
    def token_given(self) -> UUID:
        """Which entry."""
        token: UUID = self.cleaned_data["token"]
        return token


def named(session: DoseSession) -> str:
    """A session as the patient knows it."""
    return _("Session %(number)s, %(when)s") % {
        "number": session.number,
        "when": clock.describe(session.started_at or session.starts_at, session.zone),
    }
