"""What every table on the staff site shares: permission by role, recorded reads, no bulk actions, no deletion.

`django.contrib.admin` asks per model and per object; the answer here is one `Permission` of the role, never Django's
own permission tables. Lists, objects, histories and look-ups are recorded before they are shown (SEC-06).
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock


class AuditedAdmin(admin.ModelAdmin):
    """A table that one permission may see and another may change; nothing is ever deleted here."""

    view_permission: ClassVar[Permission]
    change_permission: ClassVar[Permission | None] = None
    actions = None
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """The one way to an object on the change and history pages, so the one place where its reading is recorded."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and self.has_view_or_change_permission(request, found):
            self._record(request, "viewed", found)
        return found

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
