"""What a coordinator writes down on the worklist."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts import work_selectors as selectors
from harmoniously.core.alerts.follow_up_models import Way
from harmoniously.core.alerts.working import Tried
from harmoniously.core.common import clock
from harmoniously.core.common.forms import CardRadioSelect, offer

if TYPE_CHECKING:
    _Choice = forms.ModelChoiceField[User]
else:  # Django's classes take no type arguments at run time
    _Choice = forms.ModelChoiceField

LATER = (
    ("hours", _("4 hours")),
    ("tomorrow", _("Until tomorrow, 9 am")),
    ("days", _("3 days")),
    (rules.DATE, _("Until a date, 9 am")),
)


def _words(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ColleagueChoice(_Choice):
    """Somebody who works on the list, by name."""

    def label_from_instance(self, obj: User) -> str:
        return obj.display_name


def _colleague(nobody: Any) -> ColleagueChoice:
    return ColleagueChoice(label=_("Give it to"), queryset=selectors.colleagues(), required=False, empty_label=nobody)


class TickedField(forms.Field):
    """The keys of the lines that were ticked."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[UUID]:
        """The keys; what is none is left out, as a line that is gone is."""
        found = []
        for one in value or ():
            with suppress(ValueError):
                found.append(UUID(str(one)))
        return found


class KeyForm(forms.Form):
    """A page that is sent twice does one thing."""

    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    # What makes no other thing of it: with more lines ticked, the first ones are done already.
    APART: ClassVar[frozenset[str]] = frozenset({"key", "ticked"})

    def batch(self, act: str = "") -> UUID:
        """The key of what this form says: sent again it is the same; with something else in it, also from a page to
        which somebody went back, it is another thing."""
        said = {
            name: getattr(value, "pk", value) for name, value in self.cleaned_data.items() if name not in self.APART
        }
        words = repr([act or type(self).__name__, *sorted((name, str(value)) for name, value in said.items())])
        return uuid5(self.cleaned_data.get("key") or uuid4(), words)


class CloseForm(KeyForm):
    note = forms.CharField(
        label=_("What you did"),
        help_text=_("In a few words: called, left a message, new time booked."),
        error_messages={"required": _("Write what you did.")},
        max_length=2000,
        widget=_words(),
    )
    # Old pages and other programs send none.
    key = forms.UUIDField(initial=uuid4, required=False, widget=forms.HiddenInput)


class AssignForm(KeyForm):
    to = _colleague(_("Everybody: give it back"))
    # Who had it on the page.
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)


class LaterForm(KeyForm):
    """Until when it can wait."""

    until = forms.ChoiceField(
        label=_("Put it off"),
        choices=LATER,
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Choose until when.")},
    )
    day = forms.DateField(
        label=_("The date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a real date.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("until") == rules.DATE and not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Choose the date."))
        return data

    def offer(self, choices: Collection[str]) -> None:
        """Only what its kind allows."""
        none = [] if self.fields["until"].required else [("", _("Leave it on the list"))]
        offer(self, "until", [*none, *(one for one in LATER if one[0] in choices)])
        if rules.DATE not in choices:
            del self.fields["day"]

    def moment(self, *, now: datetime, zone: str) -> datetime | None:
        """The moment that was chosen; None where none was."""
        data = self.cleaned_data
        return rules.later(data["until"], day=data.get("day"), now=now, zone=zone)


class SnoozeForm(LaterForm):
    words = forms.CharField(
        label=_("Why it can wait"),
        max_length=2000,
        error_messages={"required": _("Write why it can wait.")},
        widget=_words(),
    )


class TriedForm(LaterForm):
    how = forms.ChoiceField(
        label=_("How you tried"),
        choices=Way.choices,
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Choose how you tried.")},
    )
    reached = forms.TypedChoiceField(
        label=_("Did you reach them?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        coerce=lambda value: value == "yes",
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Say whether you reached them.")},
    )
    words = forms.CharField(
        label=_("What came of it"),
        help_text=_("What was agreed, or what you left as a message. Nothing about health: that goes to a clinician."),
        max_length=4000,
        error_messages={"required": _("Write what came of it, in a few words.")},
        widget=_words(3),
    )
    until = forms.ChoiceField(
        label=_("Next try"),
        choices=(("", _("Leave it on the list")), *LATER),
        required=False,
        widget=CardRadioSelect(inline=True),
    )
    field_order = ("how", "reached", "words", "until", "day", "key")

    def tried(self, *, now: datetime, zone: str) -> Tried:
        """What was written, ready for the verb."""
        data = self.cleaned_data
        return Tried(Way(data["how"]), data["reached"], data["words"], self.moment(now=now, zone=zone))


class TogetherForm(KeyForm):
    """What is done with the ticked lines."""

    REMIND, ASSIGN, CLOSE = "remind", "assign", "close"
    does = forms.ChoiceField(
        choices=[(name, name) for name in (REMIND, ASSIGN, CLOSE)],
        error_messages={"required": _("Choose what to do with the ticked lines.")},
    )
    to = _colleague(_("Choose a colleague"))
    note = forms.CharField(label=_("What you did, for all of them"), max_length=2000, required=False)
    ticked = TickedField(error_messages={"required": _("Tick at least one line.")})
    # When the list was looked at. Old pages and other programs do not say it.
    seen = forms.DateTimeField(initial=clock.now, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("does") == self.ASSIGN and data.get("to") is None and "to" not in self.errors:
            self.add_error("to", _("Choose a colleague."))
        if data.get("does") == self.CLOSE and not data.get("note"):
            self.add_error("note", _("Write what you did, in a few words."))
        return data
