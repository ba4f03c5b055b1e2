"""What a prescriber writes on a case. Each form makes a decision that is looked at before it counts (deciding)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from harmoniously.core.common.forms import DatePartsField, offer
from telemedicine.models import Verdict
from telemedicine.reviews.deciding import starting
from telemedicine.reviews.rules.verdicts import ANSWER_DAYS
from telemedicine.reviews.services import SHORTEST_REASON

LONGEST_TEXT = 4000  # characters
NO_REASON = _("Write down your reason.")
NEVER_AGAIN = "never"
AGAIN = (
    ("0", _("Once something has changed")),
    ("28", _("After 4 weeks")),
    ("91", _("After 3 months")),
    ("182", _("After 6 months")),
    ("364", _("After a year")),
    (NEVER_AGAIN, _("Not at all: the reason does not pass")),
)
Kind = Verdict.Kind


class CaseForm(forms.Form):
    """Every form on a case names the decision it was written for, so that newer answers are never decided unseen."""

    decision = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Several forms share the page: each keeps its own ids.
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)


def _text(label: Any, help_text: Any = "", *, missing: Any = NO_REASON, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        min_length=SHORTEST_REASON,
        max_length=LONGEST_TEXT,
        error_messages={"required": missing, "min_length": _("Please write a little more.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WordsForm(CaseForm):
    """A decision with words that the patient reads, which may start from one of the practice's texts."""

    starts = ""  # the texts of starting.py

    start = forms.ChoiceField(label=_("Start from"), required=False)

    def __init__(self, *args: Any, codes: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = [(row.key, row.title) for row in starting.fitting(self.starts, codes)]
        offer(self, "start", [("", _("Your own words")), *texts])

    @property
    def kind(self) -> str:
        """What is decided."""
        raise NotImplementedError

    def written(self) -> dict[str, Any]:
        """What the form says, as deciding.services.write takes it."""
        data = self.cleaned_data
        return {"kind": self.kind, "reason": data.get("reason", ""), "words": data["words"], "more": self.more()}

    def more(self) -> dict[str, Any]:
        """What else belongs to the kind."""
        return {}

    def refilled(self, verdict: Verdict) -> dict[str, Any]:
        """The initial values that show a text that was written before."""
        return {"reason": verdict.reason, "words": verdict.words, **verdict.told}


class AskForm(WordsForm):
    """A question to the patient, and how long they have for the answer."""

    starts = "ask"
    words = _text(
        _("Your question"),
        _("The patient reads this in their messages, in your name, with the day by which you ask for an answer."),
        missing=_("Write your question."),
    )
    reason = _text(
        _("Why you ask, for the record"), _("Clinicians read it, the patient does not."), missing="", required=False
    )
    days = forms.ChoiceField(
        label=_("Time for an answer"),
        choices=[(str(days), ngettext_lazy("%d day", "%d days", days) % days) for days in ANSWER_DAYS],
        initial=str(ANSWER_DAYS[0]),
        required=False,
    )

    kind = Kind.ASK

    def more(self) -> dict[str, Any]:
        return {"days": int(self.cleaned_data["days"] or ANSWER_DAYS[0])}


class ApproveForm(WordsForm):
    """An approval: the reason, and the points that were settled at the visit."""

    starts = "approve"
    reason = _text(_("Reason, for the record"), _("Your clinical reasoning. Clinicians read it, the patient does not."))
    words = _text(
        _("What the patient reads"), _("Beside the decision itself. May stay empty."), missing="", required=False
    )
    resolved = forms.MultipleChoiceField(
        label=_("Settled with the patient"), required=False, widget=forms.CheckboxSelectMultiple
    )
    confirmed = forms.BooleanField(
        label=_("I went through the conditions, medicines and safety answers with the patient."),
        error_messages={"required": _("Confirm that you went through the answers with the patient.")},
    )

    kind = Kind.APPROVE

    def __init__(self, *args: Any, open_points: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = list(open_points)
        if points:
            offer(self, "resolved", points)
        else:
            del self.fields["resolved"]

    def more(self) -> dict[str, Any]:
        return {"resolved": self.cleaned_data.get("resolved", [])}


class DeclineForm(WordsForm):
    """A refusal or a referral: the reason for the record, and the words the patient reads."""

    starts = "decline"
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
    letter = forms.ChoiceField(
        label=_("With a referral: a letter to"),
        help_text=_("It says why, nothing else of the record, and goes out only after the patient has signed it."),
        required=False,
    )
    why = forms.CharField(
        label=_("Why, for that place; the patient reads it before signing"),
        help_text=_("Empty: your reason for the record, word for word."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, places: Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "letter", [("", _("No letter")), *places])

    @property
    def kind(self) -> str:
        return Kind.REFER if self.cleaned_data["outcome"] == "referred" else Kind.DECLINE

    def clean_again(self) -> int | None:
        """Days, or None for never."""
        chosen = self.cleaned_data["again"] or AGAIN[0][0]
        return None if chosen == NEVER_AGAIN else int(chosen)

    def clean(self) -> dict[str, Any]:
        """A letter goes with a referral only."""
        data = self.cleaned_data
        if data.get("letter") and data.get("outcome") == "declined":
            self.add_error("letter", _("A letter belongs to a referral. Choose “Refer to other care”, or no letter."))
        return data

    def more(self) -> dict[str, Any]:
        facility, _bar, need = self.cleaned_data["letter"].partition("|")
        letter = {"facility": facility, "need": need} if facility else None
        return {"again": self.cleaned_data["again"], "letter": letter, "why": self.cleaned_data["why"].strip()}

    def refilled(self, verdict: Verdict) -> dict[str, Any]:
        told = super().refilled(verdict)
        letter = told.get("letter")
        return {
            **told,
            "outcome": "referred" if verdict.kind == Kind.REFER else "declined",
            "again": NEVER_AGAIN if told["again"] is None else str(told["again"]),
            "letter": f"{letter['facility']}|{letter['need']}" if letter else "",
        }


class InPersonForm(WordsForm):
    """A visit in person before anything is decided: why, where to, and who calls."""

    starts = "in_person"
    reason = _text(_("Reason, for the record"))
    words = _text(
        _("What the patient reads"),
        _("Why a visit in person is needed."),
        missing=_("Write what the patient will read."),
    )
    place = forms.CharField(
        label=_("Where"),
        help_text=_("The practice, clinic or kind of doctor, with address and telephone if you know them."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    calls = forms.ChoiceField(
        label=_("Who arranges it"),
        choices=[("we", _("We call the patient: a coordinator gets the task")), ("patient", _("The patient"))],
        widget=forms.RadioSelect,
        initial="we",
    )

    kind = Kind.IN_PERSON

    def more(self) -> dict[str, Any]:
        return {"place": self.cleaned_data["place"].strip(), "we_call": self.cleaned_data["calls"] == "we"}

    def refilled(self, verdict: Verdict) -> dict[str, Any]:
        told = super().refilled(verdict)
        return {**told, "calls": "we" if told.get("we_call", True) else "patient"}


class MetForm(CaseForm):
    """The visit in person took place."""

    on = DatePartsField(label=_("The day of the visit in person"))
    where = forms.CharField(
        label=_("Who saw the patient, and where"),
        max_length=500,
        error_messages={"required": _("Write who saw the patient, and where.")},
    )
