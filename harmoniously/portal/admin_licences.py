"""The licences of all clinicians in one list, by how soon they end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from harmoniously.core.accounts import licences
from harmoniously.core.accounts.licences import Standing
from harmoniously.core.accounts.models import Licence
from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.common import clock
from harmoniously.portal.admin_bases import LookUpAdmin
from harmoniously.portal.practice.licences import stands

WORDS = {
    Standing.EXPIRED: _lazy("Expired: books and prescribes nothing there"),
    Standing.ENDS_NOW: _lazy("Ends within 7 days"),
    Standing.ENDS_SOON: _lazy("Ends within 30 days"),
    Standing.ENDS: _lazy("Ends within 60 days"),
    Standing.GOOD: _lazy("Good"),
}


class EndsFilter(admin.SimpleListFilter):
    """By how soon a licence ends; the rule that words it in the list, as a range of days."""

    title = _lazy("how it stands")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(standing.value, words) for standing, words in WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Licence]) -> models.QuerySet[Licence]:
        asked = self.value()
        return queryset.filter(stands(clock.now(), Standing(asked))) if asked and asked in set(Standing) else queryset


def _today(licence: Licence) -> date:
    return clock.today(licence.clinician.zone, clock.now())


class LicenceAdmin(LookUpAdmin):
    """Changed on the page of the clinician whose licence it is."""

    view_permission = Permission.MANAGE_PEOPLE
    about_patients = False
    page, page_key = "admin:accounts_clinician_change", "clinician_id"
    list_display = ("clinician", "state", "number", "expires_on", "days_left", "stands", "works_here")
    list_filter = (EndsFilter, "clinician__user__is_active", "state", "clinician")
    list_select_related = ("clinician__user",)
    search_fields = ("clinician__display_name", "=number")
    search_help_text = _lazy("A name, or a whole number of a licence")
    date_hierarchy = "expires_on"
    ordering = ("expires_on", "state")

    @admin.display(description=_lazy("days left"), ordering="expires_on")
    def days_left(self, licence: Licence) -> int:
        return max(licences.days_left(licence.expires_on, _today(licence)), 0)

    @admin.display(description=_lazy("how it stands"))
    def stands(self, licence: Licence) -> str:
        return str(WORDS[licences.standing(licence.expires_on, _today(licence))])

    @admin.display(description=_lazy("works here"))
    def works_here(self, licence: Licence) -> str:
        return _("yes") if licence.clinician.user.is_active else _("no")


admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {Licence: LicenceAdmin}
