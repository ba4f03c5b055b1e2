"""The prescription form."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.common.forms import local_moment
from harmoniously.core.common.states import STATE_CHOICES
from treatment import selectors, words
from treatment.models import PdmpResult, Product
from treatment.models.formulary import SwallowOrSpit
from treatment.models.prescription import FREQUENCY_CHOICES
from treatment.rules.directions import check_directions, contradicts
from treatment.rules.reasons import Weight
from treatment.services import Order

_DAY = {"type": "date"}
_MOMENT = {"type": "datetime-local"}


class PrescriptionForm(forms.Form):
    """An order. Whether it is safe and lawful is said by the rules; the form checks only that it can be read."""

    product = forms.ModelChoiceField(label=_("Product and strength"), queryset=Product.objects.none())
    units_per_session = forms.IntegerField(label=_("Units each session"), min_value=1, max_value=20, initial=1)
    frequency = forms.ChoiceField(label=_("How often"), choices=FREQUENCY_CHOICES, initial="twice_weekly")
    quantity_units = forms.IntegerField(
        label=_("Quantity (units)"), min_value=1, max_value=200, help_text=_("For the whole prescription.")
    )
    first_shipment_units = forms.IntegerField(
        label=_("First shipment (units)"), min_value=1, max_value=200, help_text=_("At most two sessions' supply.")
    )
    refills = forms.IntegerField(
        label=_("Refills"),
        min_value=0,
        max_value=5,
        initial=0,
        help_text=_("House rule: a refill is a new review. Nothing beyond the quantity ships from here."),
    )
    directions = forms.CharField(
        label=_("Directions"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        initial=_(
            "For one planned session: hold under the tongue for 10 minutes, then spit out. Not more often than "
            "every 72 hours, with a sitter."
        ),
    )
    written_reason = forms.CharField(
        label=_("Written reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where a guard-rail asks for one."),
    )
    visit_state = forms.ChoiceField(label=_("State where the patient is at the visit"), choices=STATE_CHOICES)
    in_person_visit_on = forms.DateField(
        label=_("In-person visit on"), required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    pdmp_state = forms.ChoiceField(
        label=_("Monitoring programme of"), choices=[("", _("not read yet")), *STATE_CHOICES], required=False
    )
    pdmp_checked_at = forms.DateTimeField(
        label=_("Read at (your local time)"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )
    pdmp_result = forms.ChoiceField(
        label=_("Result"), choices=[("", _("not read yet")), *PdmpResult.choices], required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        zone: str,
        products: Iterable[Product],
        start: Order | None = None,
        state: str = "",
        proposed: dict[str, Any] | None = None,
    ) -> None:
        self.zone = zone
        initial = _initial(start, zone) if start else {"visit_state": state}
        super().__init__(data, initial=initial | (proposed or {}))
        field = cast("forms.ModelChoiceField[Product]", self.fields["product"])
        field.queryset = selectors.products()
        field.choices = [("", field.empty_label), *((row.pk, str(row)) for row in products)]

    def clean_directions(self) -> str:
        """The directions may not say the opposite of the product, whose words the patient reads during the session."""
        typed: str = self.cleaned_data["directions"]
        product: Product | None = self.cleaned_data.get("product")
        if product is not None and contradicts(typed, spits=product.swallow_or_spit == SwallowOrSpit.SPIT):
            afterwards = product.get_swallow_or_spit_display().lower()
            raise ValidationError(
                _("After the hold, patients %(afterwards)s this product. Say the same here, or choose another product.")
                % {"afterwards": afterwards}
            )
        return typed

    def clean_in_person_visit_on(self) -> date | None:
        """A visit that took place."""
        typed: date | None = self.cleaned_data["in_person_visit_on"]
        if typed is not None and typed > clock.today(self.zone, clock.now()):
            raise ValidationError(_("Give the day of a visit that took place. This day is still to come."))
        return typed

    def clean_pdmp_checked_at(self) -> datetime | None:
        """The prescriber's local time as a moment; typed in the zone shown beside the field."""
        typed: datetime | None = self.cleaned_data["pdmp_checked_at"]
        return local_moment(typed, self.zone) if typed else None

    def clean(self) -> dict[str, Any]:
        """Both say the same dose; state, time and result of the monitoring programme belong together."""
        data = super().clean() or {}
        units, said, product = (data.get(name) for name in ("units_per_session", "directions", "product"))
        if units and said and product:
            found = check_directions(said, units=units, strength_mg=product.strength_mg)
            for item in [one for one in found if one.weight is Weight.REFUSE][:1]:
                self.add_error("directions", ValidationError(words.staff_text(item)))
        names = ("pdmp_state", "pdmp_checked_at", "pdmp_result")
        if not self.errors and len({bool(data.get(name)) for name in names}) > 1:
            raise ValidationError(_("Give the state, the time and the result of the monitoring programme together."))
        return data

    def order(self) -> Order:
        """The order that was typed."""
        return Order(**self.cleaned_data)


def _initial(start: Order, zone: str) -> dict[str, Any]:
    names = [name for name in PrescriptionForm.base_fields if name not in ("product", "pdmp_checked_at")]
    moment = start.pdmp_checked_at
    return {
        "product": start.product.pk,
        "pdmp_checked_at": moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None,
        **{name: getattr(start, name) for name in names},
    }
