"""Tables for the staff site. The portal registers `admin_classes` and adds recording of reads and permissions."""

from typing import ClassVar

from django.contrib import admin
from django.db import models

from harmoniously.core.accounts.permissions import Permission
from treatment.models import Product


class ProductAdmin(admin.ModelAdmin):
    """The formulary."""

    view_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    change_permission: ClassVar[Permission] = Permission.MANAGE_FORMULARY
    list_display = ("name", "form", "strength_mg", "hold_minutes", "swallow_or_spit", "enabled")
    list_filter = ("form", "enabled")
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
        "enabled",
    )


admin_classes: list[tuple[type[models.Model], type[admin.ModelAdmin]]] = [(Product, ProductAdmin)]
