"""What coordinators type about people on the telephone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.accounts.recovery_models import Proof
from harmoniously.core.common import clock, phones
from harmoniously.core.common.emails import plain_letters
from harmoniously.core.common.forms import CardRadioSelect, DatePartsField, offer, zone_choices
from harmoniously.core.common.states import STATE_CHOICES
from harmoniously.core.notifications.consents import words_read_out
from harmoniously.core.questions.fields import PhoneField, ZipField
from harmoniously.portal.people import contact
from harmoniously.portal.people.contact import Correction
from harmoniously.portal.people.registering import Person
from intake.pages.about import RELATIONS

STATES = [("", gettext_lazy("Choose a state")), *STATE_CHOICES]
LANGUAGES = settings.LANGUAGES
PROOFS = [
    ("", gettext_lazy("Choose how")),
    ("called_back", gettext_lazy("I called back the number on the record")),
    ("told", gettext_lazy("They told me their name, birth date and address")),
    ("seen", gettext_lazy("A clinician saw them by video, or I saw an identity card")),
]


def in_words(field: str, value: str) -> str:
    """What stands in a field of somebody's contact data, as a person reads it: no code of a zone or a language."""
    match field:
        case "phone" | "emergency_phone":
            value = phones.in_words(value)
        case "zone":
            value = clock.zone_place(value)
        case "language":
            value = dict(LANGUAGES).get(value, value)
        case "date_of_birth" if value:
            value = clock.long_date_words(date.fromisoformat(value))
        case "emergency_relation":
            value = next((str(one.label) for one in RELATIONS if one.code == value), value)
    return value or "–"


class ReadOut(forms.BooleanField):
    """The consent to texts as it is said on the telephone: the words to read out stand with the box."""

    def __init__(self) -> None:
        super().__init__(required=False, label=gettext_lazy("They said yes to texts at this number"))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        with translation.override("es"):
            spanish = words_read_out()
        words = {"english": words_read_out(), "spanish": spanish}
        self.help_text = _("Read out: “%(english)s” In Spanish: “%(spanish)s” Tick only after a yes.") % words
        return super().get_bound_field(form, field_name)


class RegisterForm(forms.Form):
    """Somebody who telephones. What is clinical they tell nobody but the questionnaire."""

    legal_name = forms.CharField(
        label=gettext_lazy("Full legal name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter the full legal name. Ask how it is spelled.")},
    )
    preferred_name = forms.CharField(label=gettext_lazy("What we call them"), max_length=60, required=False)
    date_of_birth = DatePartsField(label=gettext_lazy("Date of birth"))
    phone = PhoneField(
        label=gettext_lazy("Mobile phone"),
        max_length=30,
        error_messages={"required": gettext_lazy("Enter the number where we reach them.")},
    )
    texts = ReadOut()
    email = forms.EmailField(
        validators=[plain_letters],
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Read it back letter by letter: the invitation goes there."),
        error_messages={
            "required": gettext_lazy("Enter the e-mail address. Without one there is no account."),
            "invalid": gettext_lazy("Enter a whole e-mail address, such as name@example.com."),
        },
    )
    email_reminders = forms.BooleanField(
        label=gettext_lazy("Reminders of visits by e-mail"), required=False, initial=True
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State where they live"),
        choices=STATES,
        error_messages={"required": gettext_lazy("Choose the state.")},
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [("", gettext_lazy("That of the state")), *zone_choices()],
        required=False,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of our messages"),
        choices=LANGUAGES,
        widget=CardRadioSelect(inline=True),
        initial="en",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    # Set by the page that shows who may be the same person.
    is_new = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def person(self) -> Person:
        """What was typed."""
        names = (
            "legal_name", "preferred_name", "date_of_birth", "state", "zone", "phone", "email", "language", "texts",
            "email_reminders",
        )  # fmt: skip
        return Person(**{name: self.cleaned_data[name] for name in names})


class ContactForm(forms.Form):
    """How a patient is called and reached, why it changes, and how the coordinator knows who is calling."""

    legal_name = forms.CharField(label=contact.FIELDS["legal_name"], max_length=120, required=False)
    preferred_name = forms.CharField(label=contact.FIELDS["preferred_name"], max_length=60, required=False)
    date_of_birth = DatePartsField(
        label=contact.FIELDS["date_of_birth"],
        help_text=gettext_lazy("Until their account is open: they prove with it who they are."),
    )
    phone = PhoneField(label=contact.FIELDS["phone"], max_length=30, required=False)
    texts = ReadOut()
    email = forms.EmailField(
        validators=[plain_letters],
        label=contact.FIELDS["email"],
        max_length=254,
        help_text=gettext_lazy("A new one counts once they confirm it. Until then we write to the one before."),
        error_messages={"required": gettext_lazy("Enter the e-mail address. Without one there is no account.")},
    )
    street = forms.CharField(label=contact.FIELDS["street"], max_length=200, required=False)
    city = forms.CharField(label=contact.FIELDS["city"], max_length=80, required=False)
    state = forms.ChoiceField(label=contact.FIELDS["state"], choices=STATES, required=False)
    zip = ZipField(label=contact.FIELDS["zip"], max_length=12, required=False)
    zone = forms.ChoiceField(label=contact.FIELDS["zone"], choices=zone_choices)
    language = forms.ChoiceField(label=contact.FIELDS["language"], choices=LANGUAGES)
    emergency_name = forms.CharField(label=contact.FIELDS["emergency_name"], max_length=120, required=False)
    emergency_phone = PhoneField(label=contact.FIELDS["emergency_phone"], max_length=30, required=False)
    emergency_relation = forms.ChoiceField(label=contact.FIELDS["emergency_relation"], required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say in a few words why it changes, such as “moved”.")},
    )
    proof = forms.ChoiceField(
        label=gettext_lazy("How you made sure who is calling"),
        choices=PROOFS,
        required=False,
        help_text=gettext_lazy("Needed for a new phone number, e-mail address or birth date."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, before: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known, offered = before["emergency_relation"], {"": "–", **{one.code: one.label for one in RELATIONS}}
        # What was told before there was a list is not lost by a correction of something else.
        offer(self, "emergency_relation", {**offered, known: offered.get(known, known)}.items())
        if "date_of_birth" not in before:
            del self.fields["date_of_birth"]
        # What stands on the record stays there: a name may be corrected, never wiped out.
        for name in ("legal_name", "phone", "state"):
            self.fields[name].required = bool(before[name])
            self.fields[name].error_messages["required"] = _("This cannot be empty any more. Enter what it is now.")

    def correction(self) -> Correction:
        """What was typed. An unchanged number that we could not read stays as it is."""
        data = self.cleaned_data
        values = {name: str(data[name]) for name in contact.FIELDS if name in self.fields}
        values["email"] = values["email"].lower()
        return Correction(values, data["seen"], data["reason"], data["proof"], data["texts"])


class ProofForm(forms.Form):
    """How a colleague made sure who is calling, by themselves."""

    proof = forms.ChoiceField(
        label=gettext_lazy("How you made sure who it is, yourself"),
        choices=Proof.choices,
        widget=CardRadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how you made sure. What somebody only tells you proves nothing.")
        },
    )


class AgreeForm(ProofForm):
    """Agreeing to what was read: another request may stand there by now, with another address."""

    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)


class RecoveryForm(ProofForm):
    """Where the way back leads, and what happened."""

    email = forms.EmailField(
        validators=[plain_letters],
        label=gettext_lazy("New e-mail address"),
        max_length=254,
        help_text=gettext_lazy("Read it back letter by letter: the link goes there."),
        error_messages={"required": gettext_lazy("Enter the e-mail address that they can read.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say in a few words how they lost their way in.")},
    )
    field_order = ("email", "reason", "proof")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email
