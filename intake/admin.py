"""Tables for the staff site. What patients said is not among them: clinicians read it through the access door."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.permissions import Permission
from intake.care_words import choices
from intake.referrals.models import INSURANCE, Facility


class FacilityForm(forms.ModelForm):
    """A facility with its kinds of care as boxes to tick."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of care"), choices=choices, widget=forms.CheckboxSelectMultiple, help_text=_("At least one.")
    )

    insurance = forms.MultipleChoiceField(
        label=_("Insurance that it takes"),
        choices=INSURANCE,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Facility
        fields = (
            "name",
            "kinds",
            "street",
            "city",
            "state",
            "zip",
            "phone",
            "web",
            "insurance",
            "note",
            "is_active",
            "checked_on",
        )


class KindFilter(admin.SimpleListFilter):
    """Facilities that give one kind of care."""

    title = _("kind of care")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return choices()

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Facility]) -> models.QuerySet[Facility]:
        return queryset.filter(kinds__contains=[self.value()]) if self.value() else queryset


class FacilityAdmin(admin.ModelAdmin):
    """Where patients find other care, by state and kind. A row is switched off, not deleted."""

    view_permission: ClassVar[Permission] = Permission.MANAGE_DIRECTORY
    change_permission: ClassVar[Permission] = Permission.MANAGE_DIRECTORY
    form = FacilityForm
    list_display = ("name", "city", "state", "kinds_in_words", "is_active", "checked_on")
    list_filter = ("is_active", KindFilter, "state")
    search_fields = ("name", "city")
    search_help_text = _("A name or a city")
    date_hierarchy = "checked_on"
    ordering = ("checked_on", "state", "name")

    @admin.display(description=_("kinds of care"))
    def kinds_in_words(self, facility: Facility) -> str:
        return "; ".join(str(title) for value, title in choices() if value in facility.kinds)


admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {Facility: FacilityAdmin}
