"""What people type around a visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import CardRadioSelect
from harmoniously.core.common.states import STATE_CHOICES
from harmoniously.core.questions.fields import PhoneField, ZipField
from telemedicine.models.guest import Relation
from telemedicine.rules.series import MOST_VISITS, MOST_WEEKS

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
VIDEO, PHONE = "video", "phone"
WAYS = [
    (VIDEO, _("By video. I agree to be seen and heard over the internet. Nothing is recorded.")),
    (PHONE, _("By telephone, without a picture")),
]
WHERE = [("", _("Choose a state")), *STATE_CHOICES]


class PlaceForm(forms.Form):
    """Where the patient is during the visit, and the number to call; worded for the clinician who asks."""

    street = forms.CharField(
        label=_("Street address"),
        max_length=200,
        error_messages={"required": _("Enter the street and number, so that help would find the door.")},
    )
    city = forms.CharField(label=_("City"), max_length=80, error_messages={"required": _("Enter the city.")})
    state = forms.ChoiceField(
        label=_("State"),
        choices=WHERE,
        error_messages={"required": _("Choose the state.")},
    )
    zip = ZipField(label=_("ZIP code"), required=False, max_length=12)
    phone = PhoneField(
        label=_("Telephone number we call"),
        max_length=30,
        error_messages={"required": _("Enter the number that we should call.")},
    )

    def place(self) -> dict[str, str]:
        """The address and the number, as the visit keeps them."""
        return {name: self.cleaned_data[name] for name in ("street", "city", "state", "zip", "phone")}


class JoinForm(PlaceForm):
    """The same for the patient, who also says whether they can talk. Why we ask stands on the page."""

    field_order = ("safe", "private", "way")

    private = forms.ChoiceField(
        label=_("Can you talk without being overheard?"),
        choices=YES_NO,
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Say whether you can talk without being overheard.")},
    )
    way = forms.ChoiceField(
        label=_("How do you want to meet?"),
        choices=WAYS,
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose video or telephone.")},
    )
    safe = forms.ChoiceField(
        label=_("Are you safe where you are?"),
        choices=YES_NO,
        widget=CardRadioSelect(inline=True),
        error_messages={"required": _("Say whether you are safe where you are.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].label = _("State you are in today")
        self.fields["state"].help_text = _("Change it if you are somewhere else than you planned.")
        self.fields["state"].error_messages["required"] = _("Choose the state you are in today.")
        self.fields["phone"].help_text = _("Keep this phone with you.")

    @property
    def agrees_to_video(self) -> bool:
        """Whether the patient chose to be seen."""
        return bool(self.cleaned_data["way"] == VIDEO)

    @property
    def says_unsafe(self) -> bool:
        """Whether "not safe" was answered, whatever else is missing: help does not wait for a complete form."""
        return self.data.get("safe") == "no"

    def clean_private(self) -> str:
        answer: str = self.cleaned_data["private"]
        if answer == "no":
            raise forms.ValidationError(
                _("Find a place where nobody can listen, then choose Yes. You can come back to this page."), "private"
            )
        return answer


class GuestForm(forms.Form):
    """One person who is invited to a visit."""

    name = forms.CharField(
        label=_("Their name"), max_length=60, error_messages={"required": _("Enter the name of the person.")}
    )
    relation = forms.ChoiceField(
        label=_("Who they are"),
        choices=Relation.choices,
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose who the person is.")},
    )
    email = forms.EmailField(
        label=_("Their e-mail address"),
        required=False,
        max_length=254,
        help_text=_("We send the private link there. Leave it empty to pass the link on yourself."),
    )


class RepeatForm(forms.Form):
    """One visit, or several at the same time of the day."""

    count = forms.TypedChoiceField(
        label=_("How many visits"), coerce=int, choices=[(number, number) for number in range(1, MOST_VISITS + 1)]
    )
    weeks = forms.TypedChoiceField(
        label=_("Weeks between them"),
        coerce=int,
        choices=[(number, number) for number in range(1, MOST_WEEKS + 1)],
        initial=4,
    )

    def asked(self) -> dict[str, int]:
        """What was asked for; one visit when nothing was. Raises RuleViolation for what is not on the list."""
        if not self.is_bound:
            return {"count": 1, "weeks": 1}
        if not self.is_valid():
            raise RuleViolation(gettext("Choose 1 to 12 visits, 1 to 8 weeks apart."), "series_length")
        return {"count": self.cleaned_data["count"], "weeks": self.cleaned_data["weeks"]}


class CancelForm(forms.Form):
    """Why the clinic cancels: a code, never free text."""

    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("asked_by_patient", _("The patient asked for it")),
            ("clinician_away", _("The clinician cannot be there")),
            ("booked_by_mistake", _("Booked by mistake")),
            ("other", _("Something else")),
        ],
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose a reason.")},
    )


def place_initial(visit: Any, *, expected: bool = False) -> dict[str, str]:
    """What is known already: the place told for this visit, else the home address.

    `expected`: with the state in which they said they would be, for the patient to confirm; a clinician asks.
    """
    patient = visit.patient
    home = patient.address or {}
    known = visit.location or {**(home if visit.place == patient.state else {}), "state": visit.place * expected}
    return {
        **{name: known.get(name, "") for name in ("street", "city", "state", "zip")},
        "phone": known.get("phone") or patient.phone,
    }
