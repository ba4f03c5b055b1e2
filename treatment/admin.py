"""Tables for the staff site. The portal registers `admin_classes` and adds recording of reads and permissions."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from treatment.models import Pharmacy, Product


class ProductForm(forms.ModelForm):
    """A product; what the database would refuse is said in words, at its field."""

    def clean_strength_mg(self) -> Decimal:
        """A unit holds something."""
        strength: Decimal = self.cleaned_data["strength_mg"]
        if strength <= 0:
            raise ValidationError(_("A strength is more than 0 mg."))
        return strength

    def clean(self) -> dict[str, Any]:
        """The minutes follow one another: hold, dissolve, peak, fading, balance."""
        data = super().clean() or {}
        if data.get("hold_minutes") == 0:
            self.add_error("hold_minutes", ValidationError(_("Patients hold it for a minute at least.")))
        for before, name, same in (
            ("hold_minutes", "dissolve_until", True),
            ("dissolve_until", "peak_until", False),
            ("peak_until", "fading_until", False),
            ("fading_until", "balance_until", False),
        ):
            first, then = data.get(before), data.get(name)
            if first is not None and then is not None and (then < first or (then == first and not same)):
                self.add_error(
                    name, ValidationError(_("This comes after the minutes before it: more than %s.") % first)
                )
        return data


class ProductAdmin(admin.ModelAdmin):
    """The formulary."""

    form = ProductForm

    view_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    change_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    list_display = ("name", "strength_mg", "hold_minutes", "swallow_or_spit", "price_class", "enabled", "pharmacy")
    list_filter = ("form", "price_class", "enabled")
    list_select_related = ("pharmacy",)
    fields = (
        "name",
        "form",
        "strength_mg",
        "hold_minutes",
        "swallow_or_spit",
        "dissolve_until",
        "peak_until",
        "fading_until",
        "balance_until",
        "pharmacy",
        "price_class",
        "enabled",
    )

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Remember what each changed field was and is: what patients were given under it stays reproducible (I8)."""
        super().save_model(request, obj, form, change)
        record_change(obj, form, by=request.user, change=change)


class PharmacyAdmin(admin.ModelAdmin):
    """The pharmacies that fill our orders."""

    view_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    change_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    list_display = ("name", "phone", "fax", "ncpdp", "licence", "enabled")
    fields = ("name", "address", "phone", "fax", "ncpdp", "licence", "enabled")

    def save_model(self, request: HttpRequest, obj: Pharmacy, form: Any, change: bool) -> None:
        """Remember what each changed field was and is."""
        super().save_model(request, obj, form, change)
        record_change(obj, form, by=request.user, change=change)


def record_change(row: models.Model, form: Any, *, by: Any, change: bool) -> None:
    """Write the values before and after into the trail; the formulary says nothing about any patient."""
    names = form.changed_data
    before = {name: str(form.initial.get(name, "")) for name in names} if change else {}
    after = {name: str(getattr(row, row._meta.get_field(name).attname)) for name in names}  # type: ignore[union-attr]
    action = f"{row._meta.model_name}.revised"
    record(actor=by, action=action, now=clock.now(), subject=row, before=before, after=after)


admin_classes: list[tuple[type[models.Model], type[admin.ModelAdmin]]] = [
    (Product, ProductAdmin),
    (Pharmacy, PharmacyAdmin),
]
