"""The tables an administrator keeps: weekly hours and time off. The staff site registers them (portal.staff_tables)."""

from typing import ClassVar

from django.contrib import admin
from django.db import models

from harmoniously.core.accounts.permissions import Permission
from telemedicine.models import AvailabilityRule, TimeOff


class AvailabilityRuleAdmin(admin.ModelAdmin):
    view_permission: ClassVar[Permission] = Permission.VIEW_SCHEDULE
    change_permission: ClassVar[Permission | None] = Permission.MANAGE_PEOPLE
    list_display = ("clinician", "weekday", "starts", "ends", "kinds")
    list_filter = ("weekday",)
    list_select_related = ("clinician",)
    ordering = ("clinician__display_name", "weekday", "starts")


class TimeOffAdmin(admin.ModelAdmin):
    view_permission: ClassVar[Permission] = Permission.VIEW_SCHEDULE
    change_permission: ClassVar[Permission | None] = Permission.MANAGE_SCHEDULE
    list_display = ("clinician", "starts_at", "ends_at")
    list_select_related = ("clinician",)
    ordering = ("-starts_at",)


admin_classes: list[tuple[type[models.Model], type[admin.ModelAdmin]]] = [
    (AvailabilityRule, AvailabilityRuleAdmin),
    (TimeOff, TimeOffAdmin),
]
