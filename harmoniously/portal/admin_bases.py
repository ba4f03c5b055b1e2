"""What every table on the staff site shares: permission by role, recorded reads, no bulk actions, no deletion.

`django.contrib.admin` asks per model and per object; the answer here is one `Permission` of the role, never Django's
own permission tables. Lists, objects, histories, files and look-ups are recorded before they are shown (SEC-06).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import ROLE_PERMISSIONS, Permission, can, door, require
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.core.common.csv_export import MOST_ROWS, csv_response
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.portal.admin_lists import Listing, as_table
from harmoniously.portal.admin_seen import is_overtaken, with_stand

Page = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """What whoever changes a row has to know first."""

    title: Any
    lines: list[Any]


class AuditedAdmin(admin.ModelAdmin):
    """A table that one permission may see and another may change; nothing is ever deleted here."""

    view_permission: ClassVar[Permission]
    change_permission: ClassVar[Permission | None] = None
    actions = None
    list_per_page = 50
    show_full_result_count = False
    # Counting what each filter would find asks the database once more for each of them.
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Listing]:
        return Listing

    def page_of(self, row: models.Model) -> str:
        """What a row of the list opens. Raises NoReverseMatch where there is nothing to open."""
        return reverse(self._name("change"), args=[row.pk])

    def _name(self, what: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}"

    def get_urls(self) -> list[URLPattern]:
        return [self._file_url(), *super().get_urls()]

    def _file_url(self) -> URLPattern:
        view = self.admin_site.admin_view(_behind(self.view_permission, require_safe(self.export_view)))
        return path("csv/", view, name=self._name("csv").removeprefix("admin:"))

    # Who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can(request.user, self.view_permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.change_permission is not None and can(request.user, self.change_permission)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    # What is remembered

    def _record(self, request: HttpRequest, verb: str, subject: models.Model | None = None, **facts: object) -> None:
        audit.record(
            # The staff site lets nobody else through.
            actor=cast(User, request.user),
            action=f"{self.opts.model_name}.{verb}",
            now=clock.now(),
            subject=subject,
            patient=getattr(subject, "patient", None),
            **facts,
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_or_change_permission(request):
            self._record(request, "listed")
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is narrowed, all of its pages, as a file: the columns of the list and nothing else."""
        back = redirect(f"{reverse(self._name('changelist'))}?{request.GET.urlencode()}")
        try:
            listing = cast(Listing, self.get_changelist_instance(request))
        except IncorrectLookupParameters:
            return back
        count = listing.result_count
        if count > MOST_ROWS:
            said = _("A file holds up to %(most)s rows, and these are %(count)s. First narrow the list, by date or so.")
            messages.error(request, said % {"most": f"{MOST_ROWS:,}", "count": f"{count:,}"})
            return back
        columns = [str(name) for name in listing.list_display]
        self._record(request, "exported", count=count, columns=columns, narrowed=sorted(request.GET))
        return csv_response(f"{self.opts.model_name}-{clock.now():%Y-%m-%d}", *as_table(listing))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """The one way to an object on the change and history pages, so the one place where its reading is recorded."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and self.has_view_or_change_permission(request, found):
            self._record(request, "viewed", found)
        return found

    def notice(self, request: HttpRequest, obj: Any) -> Notice | None:
        """What stands above the form of a row; nothing unless a table says so."""
        said = getattr(self, "said_above", None)
        return Notice(*said(obj)) if said else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        above = self.notice(request, row) if row is not None else None
        page = super().render_change_form(request, {**context, "notice": above}, *args, **kwargs)
        if is_overtaken(context):
            page.status_code = 409
        return page

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or not change or not self.has_change_permission(request, obj):
            return form
        return with_stand(form, obj, self.get_inline_instances(request, obj))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a row is its audit trail."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:audit_trail") + f"?subject={object_id}")

    def log_addition(self, request: HttpRequest, obj: models.Model, message: object) -> None:
        """Instead of Django's log, which keeps the name of the row in plain text."""
        self._record(request, "added", obj)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        self._record(request, "changed", obj, fields=_changed_fields(message))

    def log_deletion(self, request: HttpRequest, obj: models.Model, object_repr: str) -> None:
        self._record(request, "removed", obj)

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            self._record(request, "removed", row)

    # Forms without scripts of Django's own: plain controls that a browser and a screen reader know

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return _plain(super().formfield_for_dbfield(db_field, request, **kwargs))


class GuardedInline(admin.TabularInline):
    """Rows inside another row's page, under one permission; rows are added and changed, not deleted."""

    permission: ClassVar[Permission]
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can(request.user, self.permission)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can(request.user, self.permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can(request.user, self.permission)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return _plain(super().formfield_for_dbfield(db_field, request, **kwargs))


class ReadOnlyAdmin(AuditedAdmin):
    """A table to look at."""

    change_permission = None


class LookUpAdmin(AuditedAdmin):
    """A list to look rows up in, page by page or as a file. A row opens on its own page, behind its own door.

    Clinicians find the rows of the patients whom they care for; whoever else has the permission finds all. Nothing is
    added, changed or deleted here by anybody, whatever role: the addresses at which Django would do it refuse.
    """

    change_permission = None
    # The page of a row, and which of its columns that page asks for.
    page: ClassVar[str] = ""
    page_key: ClassVar[str] = "pk"
    about_patients: ClassVar[bool] = True
    list_select_related: ClassVar[tuple[str, ...]]
    search_help_text = _lazy("Record number")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request).defer(*self._sealed())
        if not self.about_patients or not can(request.user, Permission.VIEW_CLINICAL):
            return rows
        care = care_relations(cast(User, request.user), at=clock.now())
        return rows.filter(models.Exists(care.filter(patient=models.OuterRef("patient"))))

    def _sealed(self) -> list[str]:
        """What no list shows is not even read, and so not opened: the sealed columns of the row and of its patient."""
        steps = [way.split("__")[: end + 1] for way in self.list_select_related for end in range(way.count("__") + 1)]
        whole = [(self.model, ""), *((self._model_at(names), "__".join([*names, ""])) for names in steps)]
        return [
            f"{way}{field.name}"
            for model, way in whole
            for field in model._meta.concrete_fields
            if isinstance(field, EncryptedTextField | EncryptedJSONField)
        ]

    def _model_at(self, names: list[str]) -> type[models.Model]:
        model: Any = self.model
        for name in names:
            model = model._meta.get_field(name).related_model
        return cast(type[models.Model], model)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nobody narrows by a column that the list does not offer, and so learns what stands in it."""
        asked = lookup.removesuffix("__exact").removesuffix("__isnull").removesuffix("__id")
        if self.date_hierarchy and lookup.startswith(f"{self.date_hierarchy}__"):
            return lookup.rpartition("__")[2] in ("year", "month", "day")
        offered = (entry[0] if isinstance(entry, tuple) else entry for entry in self.list_filter)
        return asked in {getattr(entry, "parameter_name", entry) for entry in offered}

    def page_of(self, row: models.Model) -> str:
        if not self.page:
            raise NoReverseMatch
        return reverse(self.page, args=[getattr(row, self.page_key)])

    def get_urls(self) -> list[URLPattern]:
        name = self._name("").removeprefix("admin:")
        listed = self.admin_site.admin_view(_behind(self.view_permission, require_safe(self.changelist_view)))
        nobody = self.admin_site.admin_view(_refused)
        return [
            path("", listed, name=f"{name}changelist"),
            self._file_url(),
            path("add/", nobody, name=f"{name}add"),
            path("<path:object_id>/history/", nobody, name=f"{name}history"),
            path("<path:object_id>/delete/", nobody, name=f"{name}delete"),
            path("<path:object_id>/change/", nobody, name=f"{name}change"),
        ]


def _behind(permission: Permission, view: Page) -> Page:
    """The view for those whose role has the permission; noted on it, as every door."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(request.user, permission)
        return view(request, *args, **kwargs)

    return door(checked, {role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions})


def _refused(request: HttpRequest, object_id: str = "") -> HttpResponse:
    raise PermissionDenied


door(_refused, ())


def _plain(field: Any) -> Any:
    """The form field with the browser's own date control, and without icons that open other tables."""
    if isinstance(field, forms.DateField):
        field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


def _changed_fields(message: Any) -> list[str]:
    """The names of the fields in Django's change message; never their values."""
    parts = [next(iter(part.values())) for part in message if isinstance(part, dict) and part]
    return sorted({name for part in parts for name in part.get("fields", [])})
