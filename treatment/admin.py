"""Tables for the staff site. The portal registers `admin_classes` and adds recording of reads and permissions."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from treatment.models import Pharmacy, Prescription, Product


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
    list_display = ("name", "strength_mg", "swallow_or_spit", "price_class", "enabled", "pharmacy")
    list_filter = ("form", "price_class", "enabled", "swallow_or_spit", "pharmacy")
    list_select_related = ("pharmacy",)
    search_fields = ("name",)
    search_help_text = _lazy("A name")
    date_hierarchy = "created_at"
    ordering = ("name", "strength_mg")
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

    def said_above(self, product: Product) -> tuple[str, list[str]]:
        """What withdrawing the product does, with the orders of it; how many, not whose."""
        drafts, in_force = orders_of(product=product)
        return _("Before you withdraw it"), [
            _("Drafts of it: %s. They cannot be signed any more; another product has to be chosen.") % drafts,
            _("Orders of it in force: %s. They go on until a prescriber stops them.") % in_force,
            _("Nobody can order it anew, and no step up leads to it. It stays readable in every record."),
        ]

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Remember what each changed field was and is: what patients were given under it stays reproducible (I8)."""
        super().save_model(request, obj, form, change)
        record_change(obj, form, by=request.user, change=change)


class PharmacyAdmin(admin.ModelAdmin):
    """The pharmacies that fill our orders."""

    view_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    change_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    list_display = ("name", "phone", "fax", "ncpdp", "licence", "enabled")
    list_filter = ("enabled",)
    search_fields = ("name", "=ncpdp")
    search_help_text = _lazy("A name, or a whole NCPDP number")
    date_hierarchy = "created_at"
    ordering = ("name",)
    fields = ("name", "address", "phone", "fax", "ncpdp", "licence", "enabled")

    def said_above(self, pharmacy: Pharmacy) -> tuple[str, list[str]]:
        """What closing the pharmacy does, with what it has to fill; how many, not whose."""
        _drafts, in_force = orders_of(product__pharmacy=pharmacy)
        return _("Before you close it"), [
            _("Orders in force of what it makes: %s. What it was sent stays with it.") % in_force,
            _("Nobody can send it another order: a coordinator calls it about what it still has."),
        ]

    def save_model(self, request: HttpRequest, obj: Pharmacy, form: Any, change: bool) -> None:
        """Remember what each changed field was and is."""
        super().save_model(request, obj, form, change)
        record_change(obj, form, by=request.user, change=change)


def orders_of(**which: Any) -> tuple[int, int]:
    """How many orders are drafts, and how many are in force. One query."""
    rows = Prescription.objects.filter(**which)
    ended = ("draft", "replaced", "stopped", "cancelled")
    drafts = models.Count("pk", filter=models.Q(status="draft"))
    found = rows.aggregate(drafts=drafts, in_force=models.Count("pk", filter=~models.Q(status__in=ended)))
    return found["drafts"], found["in_force"]


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
