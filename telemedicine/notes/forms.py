"""The note as it is written. Everything may be left open in a draft; what signing needs is the rule's business."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import CardCheckboxSelectMultiple, DatePartsField
from harmoniously.core.common.opened import OpenedPage
from telemedicine.models import NoteAmendment, VisitNote
from telemedicine.notes import withholding
from telemedicine.notes.rules.codes import Code, Seen, choices
from telemedicine.notes.rules.templates import (
    ALWAYS_ASKED,
    DEALT_WITH,
    LONGEST,
    MENTAL_STATE,
    NOT_ASSESSED,
    RISK_LEVELS,
    Template,
    risk_said,
)
from telemedicine.notes.services import Written
from telemedicine.notes.wording import (
    COULD_NOT,
    DECISIONS,
    MENTAL,
    NOT_DEALT_WITH,
    RISK,
    RISK_LEVEL,
    SECTIONS,
    WHETHER_DEALT_WITH,
    choice_of,
    code_words,
)

ROWS = {"mental_words": 2, "risk": 4, "home": 3}
MARKS = ("edit", "base", "turn")
LONGEST_DAY = 600  # minutes


def _text(name: str) -> forms.CharField:
    title, hint = SECTIONS[name]
    # No `maxlength`: a browser would cut off what is pasted without a word.
    return forms.CharField(
        label=title,
        help_text=hint,
        required=False,
        strip=False,
        validators=[MaxLengthValidator(LONGEST)],
        widget=forms.Textarea(attrs={"rows": ROWS.get(name, 6)}),
    )


def _choice(name: str) -> forms.ChoiceField:
    asked = name in ALWAYS_ASKED
    rows = [(one, choice_of(f"mental_{name}", one)) for one in MENTAL_STATE[name]]
    first, last = [("", _("Choose"))], [(NOT_ASSESSED, COULD_NOT)]
    shown = [*first, *rows, *last] if asked else [(NOT_ASSESSED, choice_of("", NOT_ASSESSED)), *rows]
    return forms.ChoiceField(label=MENTAL[name], required=False, choices=shown)


def _minutes(label: Any) -> forms.IntegerField:
    digits = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "5"})
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=LONGEST_DAY, widget=digits)


class MarkedForm(forms.Form):
    """What says which opening of the page writes, on a page that keeps itself."""

    edit = forms.UUIDField(widget=forms.HiddenInput)
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    turn = forms.IntegerField(min_value=0, initial=0, widget=forms.HiddenInput)

    @property
    def page(self) -> OpenedPage:
        """The page that it was written on; only where its marks are whole (`is_marked`)."""
        data = self.cleaned_data
        return OpenedPage(data["edit"], data["base"], data["turn"])

    @property
    def is_marked(self) -> bool:
        """Whether the form says which page wrote it."""
        return not self.is_bound or not any(name in self.errors for name in MARKS)


def opened_with(row: VisitNote | NoteAmendment | None) -> dict[str, Any]:
    """The marks of a page that is opened now, with what is kept or with nothing."""
    return {"edit": uuid4(), "base": row.version if row else 0, "turn": 0}


def opened_again(data: QueryDict, row: VisitNote | NoteAmendment | None) -> QueryDict:
    """What was typed, on a page that is opened now."""
    copy = data.copy()
    for name, mark in opened_with(row).items():
        copy[name] = str(mark)
    return copy


class NoteForm(MarkedForm):
    """The sections of one template with time and codes, and which opening of the page writes.

    `cleared` are the holds that the author cleared since the visit began, as a note names them, with their words.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        template: Template,
        seen: Seen,
        cleared: Sequence[tuple[str, str]] = (),
        initial: Any = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.template, self.seen = template, seen
        for name in template.texts:
            self.fields[name] = _text(name)
        for name in MENTAL_STATE:
            self.fields[f"mental_{name}"] = _choice(name)
        levels = [("", _("Choose")), *((one, RISK[one]) for one in RISK_LEVELS)]
        self.fields["risk_level"] = forms.ChoiceField(label=RISK_LEVEL, required=False, choices=levels)
        if cleared:
            self.fields[DEALT_WITH] = forms.ChoiceField(
                label=WHETHER_DEALT_WITH,
                help_text=_("If you did, nothing is raised again, and the note says so."),
                required=False,
                choices=[("", NOT_DEALT_WITH), *cleared],
            )
        if not seen.is_therapy:
            self.fields["minutes"] = _minutes(_("Minutes of the visit"))
        self.fields["therapy_minutes"] = _minutes(_("Minutes of psychotherapy"))
        if not seen.is_therapy:
            made = [("", _("Not stated")), *DECISIONS.items()]
            self.fields["decision"] = forms.ChoiceField(
                label=_("Medical decision making"), required=False, choices=made
            )
        self.fields["codes"] = forms.MultipleChoiceField(
            label=_("Codes"),
            required=False,
            choices=[(one.code, code_words(one)) for one in self.possible],
            widget=CardCheckboxSelectMultiple(),
        )

    @property
    def possible(self) -> tuple[Code, ...]:
        """The codes of this kind of visit."""
        return choices(self.seen)

    def _group(self, names: Any) -> list[Any]:
        return [self[name] for name in names if name in self.fields]

    @property
    def opening(self) -> list[Any]:
        """The texts before the mental state."""
        return self._group(self.template.opening)

    @property
    def mental(self) -> list[Any]:
        """The choices of the mental state."""
        return self._group(f"mental_{name}" for name in MENTAL_STATE)

    @property
    def whether_dealt_with(self) -> Any:
        """The question whether a cleared hold was about the risk; None where none was cleared."""
        return self[DEALT_WITH] if DEALT_WITH in self.fields else None

    @property
    def time(self) -> list[Any]:
        """Minutes and decision making."""
        return self._group(("minutes", "therapy_minutes", "decision"))

    @property
    def risk_said(self) -> str:
        """The level of risk that was chosen on the page."""
        return risk_said(self.cleaned_data)

    @property
    def left_out(self) -> list[str]:
        """What could not be kept as it was typed, by its label."""
        return [str(self.fields[name].label) for name in self.errors if name in self.fields]

    def written(self, before: VisitNote | None) -> Written:
        """What was written; a field that is wrong keeps what it held before, so that the others are not lost."""
        old = {**(before.sections if before else {}), **(before.billing if before else {})}

        def value(name: str) -> Any:
            return self.cleaned_data[name] if name in self.cleaned_data else old.get(name)

        billing = {name: value(name) for name in ("minutes", "therapy_minutes", "decision", "codes")}
        return Written({name: value(name) or "" for name in self.template.names}, billing)


def initial_of(note: VisitNote | None, *, seen: Seen, minutes: int | None) -> dict[str, Any]:
    """What the form begins with: the draft, or an empty one with the minutes that the visit took."""
    marks = opened_with(note)
    if note is not None:
        return {**note.sections, **note.billing, **marks}
    return {("therapy_minutes" if seen.is_therapy else "minutes"): minutes, **marks}


class AmendForm(MarkedForm):
    """What is added to a signed note, and why; while it is a draft either may be empty."""

    reason = forms.CharField(
        label=_("Why you add this"),
        max_length=500,
        help_text=_("For example: result came later, correction, left out."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why you add this.")},
    )
    words = forms.CharField(
        label=_("What you add"),
        validators=[MaxLengthValidator(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write what you add.")},
    )

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reason", "words") if draft else ():
            self.fields[name].required = False
            self.fields[name].validators = [MaxLengthValidator(LONGEST)]

    @property
    def said(self) -> dict[str, str]:
        """What is added, and why."""
        return {name: self.cleaned_data[name] for name in ("reason", "words")}

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(str(self[name].value() or "").strip() for name in ("reason", "words"))


class HoldBackForm(forms.Form):
    """Whom it would endanger if the patient read the note, and when somebody looks again."""

    reason = forms.CharField(
        label=_("Whom would it endanger, and how?"),
        max_length=withholding.LONGEST,
        help_text=_("For the record. A clinician who is asked to look at your decision reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write whom it would endanger, and how.")},
    )
    review_on = DatePartsField(
        label=_("Look at it again on"), error_messages={"required": _("Enter the day on which you look at it again.")}
    )
