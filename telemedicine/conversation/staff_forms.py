"""What only the practice types around a conversation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User


class HandOverForm(forms.Form):
    """Whom a conversation goes to, with a note for them."""

    TEAM, CLINICIANS = "team", "clinicians"

    field_order = ("to", "note")

    note = forms.CharField(
        label=_("Note for your colleague"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The patient never sees it."),
        error_messages={"required": _("Write a note for your colleague.")},
    )

    def __init__(self, *args: Any, people: list[User], administrative: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        everybody: list[tuple[str, Any]] = [("", _("Choose")), (self.TEAM, _("The whole team"))]
        if administrative:
            everybody.append((self.CLINICIANS, _("The clinicians: it is about health. Coordinators stop seeing it.")))
        named = [(pk, str(getattr(person, "clinician", person.display_name))) for pk, person in self.people.items()]
        self.fields["to"] = forms.ChoiceField(label=_("Who answers from now on"), choices=[*everybody, *named])
        self.fields["to"].error_messages["required"] = _("Choose who answers from now on.")
        self.order_fields(self.field_order)

    def chosen(self) -> dict[str, Any]:
        """Whom and how, as `services.hand_over` takes it."""
        to = self.cleaned_data["to"]
        return {"to": self.people.get(to), "health": to == self.CLINICIANS, "note": self.cleaned_data["note"]}


class CloseForm(forms.Form):
    """What the page showed last when somebody closed a conversation on it."""

    shown = forms.UUIDField(required=False)
