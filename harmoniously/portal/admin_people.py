"""The administrator's tables: people, clinicians with their licences, the on-call list, who cares for whom."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import CareRelation, Clinician, Licence, OnCall, User
from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, STAFF_ROLES, Role
from harmoniously.portal.admin_bases import AuditedAdmin, GuardedInline, ReadOnlyAdmin

STAFF_CHOICES = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


class StaffForm(forms.ModelForm):
    """A person who works here. Patients sign up themselves, and nobody becomes staff by a change of role."""

    full_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES)

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "is_active")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this e-mail address already."), code="taken")
        return email


class UserAdmin(AuditedAdmin):
    """Accounts of staff to add and change; accounts of patients to look at and to close."""

    view_permission = Permission.MANAGE_PEOPLE
    change_permission = Permission.MANAGE_PEOPLE
    form = StaffForm
    list_display = ("email", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email",)
    search_help_text = _("The start of an e-mail address")
    ordering = ("email",)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and obj.role == Role.PATIENT:
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is not None and obj.role == Role.PATIENT:
            return ("email", "role", "is_active")
        return ("email", "full_name", "role", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An e-mail address is changed by its owner. Nobody changes their own role or locks themselves out."""
        if obj is None:
            return ()
        if obj.role == Role.PATIENT:
            return ("email", "role")
        return ("email", "role", "is_active") if obj.pk == request.user.pk else ("email",)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        obj.is_staff = Role(obj.role) in STAFF_ROLES
        if not change:
            # No password: the person sets one through "forgot your password", which proves the address.
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=True)


class LicenceInline(GuardedInline):
    """The licences of one clinician."""

    permission = Permission.MANAGE_PEOPLE
    model = Licence
    extra = 1
    fields = ("state", "number", "expires_on")


class ClinicianAdmin(AuditedAdmin):
    """Who prescribes or gives therapy, and what the law wants on an order."""

    view_permission = Permission.MANAGE_PEOPLE
    change_permission = Permission.MANAGE_PEOPLE
    list_display = ("display_name", "credentials", "states", "zone")
    search_fields = ("display_name",)
    inlines = (LicenceInline,)
    fields = ("user", "display_name", "credentials", "npi", "dea_number", "practice_address", "phone", "zone")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Clinician]:
        return super().get_queryset(request).prefetch_related("licences")

    @admin.display(description=_("licensed in"))
    def states(self, clinician: Clinician) -> str:
        return ", ".join(licence.state for licence in clinician.licences.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Clinician | None = None) -> tuple[str, ...]:
        return ("user",) if obj is not None else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(role__in=CLINICIAN_ROLES, clinician__isnull=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class OnCallAdmin(AuditedAdmin):
    """Who is told of an alert first, and who next. An entry may be taken off the list."""

    view_permission = Permission.MANAGE_PEOPLE
    change_permission = Permission.MANAGE_PEOPLE
    list_display = ("position", "clinician")
    list_display_links = ("position", "clinician")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)


class CareRelationAdmin(ReadOnlyAdmin):
    """Who may open whose record. Relations begin with an approval or a visit, not here."""

    view_permission = Permission.VIEW_AUDIT
    list_display = ("patient", "clinician", "since", "until")
    list_select_related = ("patient", "clinician")
    list_filter = ("clinician",)
    search_fields = ("patient__mrn",)
    search_help_text = _("Record number")


admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {
    User: UserAdmin,
    Clinician: ClinicianAdmin,
    OnCall: OnCallAdmin,
    CareRelation: CareRelationAdmin,
}
