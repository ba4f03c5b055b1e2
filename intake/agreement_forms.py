"""The forms of the agreements: a tick under a text, one question, one typed name. Each carries what was shown."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import forms as ui
from harmoniously.core.documents.consents.selectors import Asked, Standing
from harmoniously.core.documents.models import ComprehensionAnswer

AGREED = {
    "treatment": _("I have read about the treatment and its risks, and I agree to be considered for it."),
    "telehealth": _("I have read it, and I agree to be cared for by video and in writing."),
    "privacy": _("I have read how my information is kept and used, and I agree."),
    "payment": _("I have read the prices and when I get my money back, and I agree."),
}


class AgreeForm(forms.Form):
    """A tick, and the hash of the words above it."""

    text = forms.CharField(max_length=64, widget=forms.HiddenInput)
    agree = forms.BooleanField(
        error_messages={"required": _("Tick the box when you have read the text and agree, or stop here.")}
    )

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agree"].label = AGREED[kind]


class ChoiceForm(forms.Form):
    """One question; the version and the count of attempts make a second click the same attempt."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)
    attempt = forms.IntegerField(min_value=1, max_value=10_000, widget=forms.HiddenInput)

    def __init__(self, row: Asked, data: Any = None) -> None:
        self.row = row
        self.explanation = ""
        super().__init__(data, initial={"version": row.version, "attempt": row.attempts + 1})
        self.fields["choice"] = forms.TypedChoiceField(
            label=row.question.prompt,
            choices=list(enumerate(row.question.options, start=1)),
            coerce=int,
            widget=ui.CardRadioSelect,
            error_messages={"required": _("Choose one of the answers.")},
        )

    def explain(self, kept: ComprehensionAnswer) -> None:
        """Put the explanation beside the question, and let the next click be the next attempt."""
        self.add_error("choice", _("That is not it. Read why, then answer once more."))
        self.explanation = self.row.question.explain
        self.data = {"choice": str(kept.choice), "version": kept.version, "attempt": str(kept.attempt + 1)}


class SignatureForm(forms.Form):
    """The typed name, and for each text the hash of the words that were shown."""

    signature = forms.CharField(
        label=_("Type your full legal name to sign"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Type your full legal name to sign.")},
    )

    def __init__(self, due: Sequence[Standing], data: Any = None) -> None:
        super().__init__(data)
        self.due = due
        for standing in due:
            self.fields[f"text_{standing.kind}"] = forms.CharField(
                max_length=64, required=False, widget=forms.HiddenInput, initial=standing.text.sha256
            )

    def shown(self) -> dict[str, str]:
        """The hash that the page showed, by kind."""
        return {standing.kind: self.cleaned_data[f"text_{standing.kind}"] for standing in self.due}
