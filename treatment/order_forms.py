"""The small forms of an order that is signed, of its parcels and of the supply ledger."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import offer
from treatment import selectors
from treatment.models import EntryKind, HandoverMethod, Pharmacy, Prescription
from treatment.selecting.ledger import Row
from treatment.services import EndReason
from treatment.services.supply import Said

END_WORDS = {
    EndReason.MISTAKE: _("A mistake in the order"),
    EndReason.PATIENT_WISH: _("The patient's wish"),
    EndReason.SIDE_EFFECTS: _("Side effects"),
    EndReason.NO_BENEFIT: _("No benefit"),
    EndReason.SAFETY: _("Safety"),
    EndReason.OTHER: _("Another reason"),
}
_NOTE = {"rows": 3}


class TokenForm(forms.Form):
    """A form that counts once however often it is posted."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["form_token"].initial = uuid4


def anew(data: QueryDict, field: str = "form_token") -> QueryDict:
    """What was typed, as a form that was not sent yet."""
    copy = data.copy()
    copy[field] = str(uuid4())
    return copy


class HandoverForm(TokenForm):
    """How the order was given to whom."""

    pharmacy = forms.ModelChoiceField(label=_("Pharmacy"), queryset=Pharmacy.objects.none(), empty_label=None)
    method = forms.ChoiceField(label=_("How"), choices=HandoverMethod.choices)
    reference = forms.CharField(
        label=_("Reference or fax number"),
        required=False,
        max_length=80,
        help_text=_("The reference that the certified application gave, or the number the fax went to."),
    )
    to_whom = forms.CharField(
        label=_("Who took it"), required=False, max_length=80, help_text=_("The name of the person on the phone.")
    )

    def __init__(self, data: Any = None, *, prescription: Prescription) -> None:
        super().__init__(data, prefix="handover")
        self.fields["pharmacy"].queryset = selectors.pharmacies()  # type: ignore[attr-defined]
        self.fields["pharmacy"].initial = prescription.product.pharmacy_id


class EndForm(forms.Form):
    """Why an order is cancelled or a treatment stopped."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose")), *((code.value, label) for code, label in END_WORDS.items())]
    )


class PauseForm(EndForm):
    """Why a treatment is paused, and what has to happen before it goes on."""

    note = forms.CharField(
        label=_("Why, and what has to happen first"), max_length=2000, widget=forms.Textarea(attrs=_NOTE)
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="pause")


class ResumeForm(forms.Form):
    """Why a treatment goes on."""

    note = forms.CharField(label=_("Why it goes on"), max_length=2000, widget=forms.Textarea(attrs=_NOTE))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="resume")


class ShippedForm(forms.Form):
    """Who carries the parcel."""

    carrier = forms.ChoiceField(
        label=_("Carrier"), choices=[(name, name) for name in ("UPS", "FedEx", "USPS", _("Courier of the pharmacy"))]
    )
    tracking = forms.CharField(label=_("Tracking number"), required=False, max_length=60)
    # Said on a page that told what stops it: it left all the same.
    left_anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)


class DeliveredForm(forms.Form):
    """Who received the parcel."""

    received_by = forms.CharField(label=_("Received by"), max_length=80, help_text=_("As the carrier says."))


ENTRY_WORDS = {
    EntryKind.COUNT: _("I counted what is left"),
    EntryKind.RETURNED: _("Given back to the pharmacy"),
    EntryKind.DESTROYED: _("Destroyed"),
    EntryKind.LOST: _("Lost, stolen or spoiled"),
}


class EntryForm(TokenForm):
    """What became of units at home. `prescription` is asked only where there is more than one."""

    prescription = forms.ChoiceField(label=_("Which medicine"))
    kind = forms.ChoiceField(
        label=_("What happened"), choices=[(kind.value, label) for kind, label in ENTRY_WORDS.items()]
    )
    units = forms.IntegerField(
        label=_("How many units"),
        min_value=0,
        max_value=200,
        help_text=_("For a count: how many are left."),
        error_messages={"required": _("Enter how many units."), "invalid": _("Enter a whole number, such as 2.")},
    )
    note = forms.CharField(
        label=_("What happened to them"), required=False, max_length=1000, widget=forms.Textarea(attrs=_NOTE)
    )

    def __init__(self, data: Any = None, *, rows: Iterable[Row]) -> None:
        super().__init__(data)
        self.rows = {str(row.prescription.pk): row.prescription for row in rows if row.line.delivered}
        choice = self.fields["prescription"]
        offer(self, "prescription", [(key, str(order.product)) for key, order in self.rows.items()])
        if len(self.rows) == 1:
            choice.widget, choice.initial = forms.HiddenInput(), next(iter(self.rows))

    def clean(self) -> dict[str, Any]:
        """What is lost needs a word about how."""
        data = super().clean() or {}
        if data.get("kind") == EntryKind.LOST and not data.get("note", "").strip():
            self.add_error("note", ValidationError(_("Write in a few words how it happened.")))
        return data

    def order(self) -> Prescription:
        """Which order the units belong to."""
        return self.rows[self.cleaned_data["prescription"]]

    def said(self) -> Said:
        """What was typed."""
        data = self.cleaned_data
        return Said(EntryKind(data["kind"]), data["units"], data["note"])


class ReadFlagForm(forms.Form):
    """What a prescriber found out about units that nobody could account for."""

    note = forms.CharField(
        label=_("What you found out and what follows"), max_length=2000, widget=forms.Textarea(attrs=_NOTE)
    )
