"""The administrator's tables: people, clinicians with their licences, the on-call list, who cares for whom."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import CareRelation, Clinician, Licence, OnCall, User
from harmoniously.core.accounts.permission_words import taken_away
from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, STAFF_ROLES, Role
from harmoniously.core.common import clock
from harmoniously.core.common.emails import plain_letters
from harmoniously.portal.admin_bases import AuditedAdmin, GuardedInline, Notice, ReadOnlyAdmin
from harmoniously.portal.practice import people

STAFF_CHOICES = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


class StaffForm(forms.ModelForm):
    """A person who works here. Patients sign up themselves, and nobody becomes staff by a change of role."""

    full_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES)
    understood = forms.BooleanField(
        label=_("I have read what this takes away and what is in their hands"),
        required=False,
        help_text=_("Needed to change the role, or to take the right to sign in away."),
    )
    invite = forms.BooleanField(
        label=_("Send the invitation again"),
        required=False,
        help_text=_("An e-mail that says how to choose a password. The second step is set up at the first sign-in."),
    )

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "is_active")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        plain_letters(email)
        # Also as the second address of somebody who proved that it is theirs: the database keeps it to them.
        others = User.objects.exclude(pk=self.instance.pk)
        proved = Q(emailaddress__email__iexact=email, emailaddress__verified=True)
        if others.filter(Q(email__iexact=email) | proved).exists():
            raise forms.ValidationError(_("Somebody has this e-mail address already."), code="taken")
        return email

    def clean(self) -> dict[str, Any]:
        """Whoever takes something away has read what; somebody always remains who can manage people."""
        data = super().clean() or {}
        # Until the form is clean as a whole, the row is as it was.
        before, after = Role(self.instance.role), Role(data.get("role", self.instance.role))
        leaves = self.instance.is_active and data.get("is_active") is False
        if self.instance._state.adding or not (leaves or before != after):
            return data
        if (leaves or after != Role.ADMINISTRATOR) and people.is_last_administrator(self.instance):
            said = _("Nobody else could manage people then. First make somebody else an administrator.")
            raise forms.ValidationError(said, code="last")
        if not data.get("understood"):
            self.add_error("understood", _told(self.instance, before, after, leaves=leaves))
        return data


def _told(user: User, before: Role, after: Role, *, leaves: bool) -> str:
    """What is lost and what somebody else has to take over, as the one sentence of the error."""
    lost = _("sign in at all") if leaves else "; ".join(taken_away(before, after)) or _("nothing")
    held = people.in_hands(user, clock.now())
    hands = "; ".join(str(one) for one in held) or _("nothing")
    return _("They may no longer: %(lost)s. In their hands now: %(hands)s. Tick the box to go on.") % {
        "lost": lost,
        "hands": hands,
    }


class SecondFactorFilter(admin.SimpleListFilter):
    """Who has set up a second step and who has not."""

    title = _("second step")
    parameter_name = "second"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Set up")), ("no", _("Missing"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[User]) -> models.QuerySet[User]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(authenticator__isnull=self.value() == "no").distinct()


class UserAdmin(AuditedAdmin):
    """Accounts of staff to add and change; accounts of patients to look at and to close."""

    view_permission = Permission.MANAGE_PEOPLE
    change_permission = Permission.MANAGE_PEOPLE
    form = StaffForm
    list_display = ("email", "name", "role", "second_step", "is_active", "last_login")
    list_filter = ("is_staff", "role", "is_active", SecondFactorFilter)
    # What is searched for stands in the address of the page: nothing that says who a patient is.
    search_fields = ("clinician__display_name", "^patient__mrn")
    search_help_text = _("A name or the start of an e-mail address of somebody who works here, or a record number")
    date_hierarchy = "created_at"
    ordering = ("email",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        second = models.Exists(Authenticator.objects.filter(user=models.OuterRef("pk")))
        return super().get_queryset(request).annotate(has_second=second)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[User], search_term: str
    ) -> tuple[models.QuerySet[User], bool]:
        """By name and e-mail, too: names are sealed, but of those who work here there are few."""
        found, twice = super().get_search_results(request, queryset, search_term)
        wanted = search_term.strip().casefold()
        if not wanted:
            return found, twice
        staff = User.objects.filter(is_staff=True).only("full_name", "email")
        named = [user.pk for user in staff if wanted in user.full_name.casefold() or user.email.startswith(wanted)]
        return (
            queryset.filter(models.Q(pk__in=named) | models.Q(pk__in=found.values("pk"))) if named else found
        ), twice

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nobody narrows by the password, and so learns its hash sign by sign."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("name"))
    def name(self, user: User) -> str:
        """Of those who work here; a patient's name stands on the patient's page."""
        return user.full_name if user.is_staff else ""

    @admin.display(description=_("second step"), boolean=True, ordering="has_second")
    def second_step(self, user: User) -> bool:
        return bool(getattr(user, "has_second", False))

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and obj.role == Role.PATIENT:
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is not None and obj.role == Role.PATIENT:
            return ("email", "role", "is_active")
        fields: tuple[str, ...] = ("email", "full_name", "role", "is_active")
        if obj is None or obj.pk == request.user.pk:
            return fields
        return (*fields, "understood") if obj.last_login else (*fields, "understood", "invite")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An e-mail address is changed by its owner. Nobody changes their own role or locks themselves out."""
        if obj is None:
            return ()
        if obj.role == Role.PATIENT:
            return ("email", "role")
        return ("email", "role", "is_active") if obj.pk == request.user.pk else ("email",)

    def notice(self, request: HttpRequest, obj: User) -> Notice | None:
        """What is in this person's hands, before anything is taken away."""
        if obj.role == Role.PATIENT:
            return None
        held = people.in_hands(obj, clock.now())
        return Notice(_("In their hands now"), [str(one) for one in held] or [_("Nothing")])

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        obj.is_staff = Role(obj.role) in STAFF_ROLES
        if not change:
            # No password: the person sets one through "forgot your password", which proves the address.
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=True)
        if not change or form.cleaned_data.get("invite"):
            self._invite(request, obj)
        if not obj.is_active:
            people.end_sessions(obj)

    def _invite(self, request: HttpRequest, user: User) -> None:
        if people.invite(user=user, now=clock.now()):
            self._record(request, "invited", user)
            messages.success(request, _("An invitation goes to %s.") % user.email)
        else:
            words = _("An invitation to %s was asked for within this hour already. No other one is sent.")
            messages.warning(request, words % user.email)


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
    list_display = ("display_name", "credentials", "role", "states", "npi", "zone")
    list_filter = ("user__role", "user__is_active", "zone")
    list_select_related = ("user",)
    search_fields = ("display_name", "=npi")
    search_help_text = _("A name, or a whole NPI")
    inlines = (LicenceInline,)
    fields = ("user", "display_name", "credentials", "npi", "dea_number", "practice_address", "phone", "zone")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Clinician]:
        return super().get_queryset(request).prefetch_related("licences")

    @admin.display(description=_("role"), ordering="user__role")
    def role(self, clinician: Clinician) -> str:
        return str(clinician.user.get_role_display())

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
    list_filter = ("clinician", ("until", admin.EmptyFieldListFilter))
    search_fields = ("^patient__mrn",)
    search_help_text = _("Record number")
    date_hierarchy = "since"
    ordering = ("-since",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Without Django's line below the title: two keys that nobody reads."""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "subtitle": ""})


admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {
    User: UserAdmin,
    Clinician: ClinicianAdmin,
    OnCall: OnCallAdmin,
    CareRelation: CareRelationAdmin,
}
