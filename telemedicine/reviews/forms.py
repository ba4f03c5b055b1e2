"""What a prescriber writes on a case."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from telemedicine.reviews.services import SHORTEST_REASON

LONGEST_TEXT = 4000  # characters
NO_REASON = _("Write down your reason.")
NEVER_AGAIN = "never"
AGAIN = (
    ("0", _("As soon as something has changed")),
    ("28", _("After 4 weeks")),
    ("91", _("After 3 months")),
    ("182", _("After 6 months")),
    ("364", _("After a year")),
    (NEVER_AGAIN, _("Not at all: the reason does not pass")),
)


class CaseForm(forms.Form):
    """Every form on a case names the decision it was written for, so that newer answers are never decided unseen."""

    decision = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Four forms share the page: each keeps its own ids.
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)


def _text(label: Any, help_text: Any = "", *, missing: Any = NO_REASON) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=SHORTEST_REASON,
        max_length=LONGEST_TEXT,
        error_messages={"required": missing, "min_length": _("Please write a little more.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AskForm(CaseForm):
    """A question to the patient."""

    question = _text(
        _("Your question"),
        _("The patient reads this in their messages, in your name."),
        missing=_("Write your question."),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class ApproveForm(CaseForm):
    """An approval: the reason, and the points that were settled at the visit."""

    reason = _text(_("Reason, for the record"), _("Your clinical reasoning. Clinicians read it, the patient does not."))
    resolved = forms.MultipleChoiceField(
        label=_("Settled with the patient"), required=False, widget=forms.CheckboxSelectMultiple
    )
    confirmed = forms.BooleanField(
        label=_("I went through the conditions, medicines and safety answers with the patient."),
        error_messages={"required": _("Confirm that you went through the answers with the patient.")},
    )

    def __init__(self, *args: Any, open_points: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = list(open_points)
        if points:
            self.fields["resolved"].choices = points  # type: ignore[attr-defined]
        else:
            del self.fields["resolved"]


class DeclineForm(CaseForm):
    """A refusal or a referral: the reason for the record, and the words the patient reads."""

    outcome = forms.ChoiceField(
        label=_("What you decide"),
        choices=[("declined", _("Decline treatment at home")), ("referred", _("Refer to other care"))],
        widget=forms.RadioSelect,
        initial="declined",
    )
    reason = _text(_("Reason, for the record"))
    words = _text(
        _("What the patient reads"),
        _("Plain words: why, and what could help instead."),
        missing=_("Write what the patient will read."),
    )
    again = forms.ChoiceField(
        label=_("When may the patient apply again?"),
        help_text=_("The patient reads the day. They need a reason, and you see what changed."),
        choices=AGAIN,
        initial=AGAIN[0][0],
        required=False,
    )

    def clean_again(self) -> int | None:
        """Days, or None for never."""
        chosen = self.cleaned_data["again"] or AGAIN[0][0]
        return None if chosen == NEVER_AGAIN else int(chosen)
