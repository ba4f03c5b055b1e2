"""Forms for sending a document and for the result of a test."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import forms as ui
from harmoniously.core.documents.cleaning import MEGABYTE, MOST_BYTES
from intake.requests.models import DATED, PaperKind

_AGAIN = gettext_lazy("Open this page again, then choose.")
PICTURES = "image/jpeg,image/png,image/webp"


class PaperForm(forms.Form):
    """A file and, for a letter, the date that stands on it. What the file is, the service finds out."""

    def __init__(self, kind: PaperKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Posting the page twice sends one document.
        self.fields["token"] = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput())
        letter = kind in DATED
        if letter:
            self.fields["dated"] = ui.DatePartsField(
                label=_("Date on the letter"),
                help_text=_("For records: the newest date on them."),
                error_messages={"required": _("Enter the date that stands on the letter.")},
            )
        limit = {"size": MOST_BYTES // MEGABYTE}
        self.fields["file"] = forms.FileField(
            label=_("The letter, as a photo or PDF") if letter else _("The photo"),
            help_text=(
                _("A photo (JPG or PNG) of the whole page, or a PDF with up to 10 pages. At most %(size)s MB.") % limit
                if letter
                else _(
                    "A sharp photo (JPG or PNG), without glare, all four corners in the picture. At most %(size)s MB."
                )
                % limit
            ),
            allow_empty_file=True,
            widget=forms.FileInput({"accept": f"{PICTURES},application/pdf" if letter else PICTURES}),
            error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
        )


class TestForm(forms.Form):
    """The result of a pregnancy test and its day."""

    __test__ = False  # not a test of pytest's

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taken_on"] = ui.DatePartsField(
            label=_("Day of the test"), error_messages={"required": _("Enter the day of the test.")}
        )
        self.fields["result"] = forms.ChoiceField(
            label=_("What did the test show?"),
            choices=[("no", _("Not pregnant")), ("yes", _("Pregnant"))],
            widget=ui.CardRadioSelect(),
            error_messages={"required": _("Choose what the test showed.")},
        )


class JudgeForm(forms.Form):
    """A prescriber's word on a document, and which word it is; without a reason only to accept it after all."""

    ACCEPT, REJECT = "accept", "reject"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the page offered when it was opened: whatever happened since, a click says this and never its opposite.
        self.fields["verdict"] = forms.ChoiceField(
            choices=[(self.ACCEPT, ""), (self.REJECT, "")],
            widget=forms.HiddenInput(),
            error_messages={"required": _AGAIN, "invalid_choice": _AGAIN},
        )
        self.fields["words"] = forms.CharField(
            label=_("What is wrong with it? The patient reads this."),
            required=self.data.get("verdict") != self.ACCEPT,
            max_length=1000,
            widget=forms.Textarea({"rows": 3}),
            error_messages={"required": _("Say in a few words what is wrong with it: the patient reads this.")},
        )

    @property
    def accepting(self) -> bool:
        """Whether the document is accepted after all."""
        return self["verdict"].value() == self.ACCEPT
