"""The staff site: Django's own admin site, with the practice's pages in front of it.

One instance, `site`, mounted under /admin/ in the namespace `admin`. Every app lists its staff pages in a `staff_urls`
module; they come in here behind `admin_view`, so that nobody reaches one without being signed in as staff. Whether a
person may use a page is asked once more by the page itself (permissions.staff_with). The second factor is enforced by
the middleware, for these and for Django's own pages alike (SEC-08).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import door
from harmoniously.core.accounts.roles import STAFF_ROLES, Role
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.portal import dashboard, today
from harmoniously.portal.staff_context import counted

KEYS = (("j", _("next line")), ("k", _("line before")), ("Enter", _("opens the line")))


class StaffSite(admin.AdminSite):
    """The admin site of the practice."""

    site_header = _("Harmoniously staff")
    site_title = _("Harmoniously staff")
    index_title = _("Today")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Sign-in goes through allauth: its rate limits and second factor hold here too (BUG-33).
        self.login = secure_admin_login(self._signed_in)  # type: ignore[method-assign]

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the staff site opens at all: active, staff, and with a role that belongs to staff."""
        user = request.user
        return user.is_active and user.is_staff and Role(user.role) in STAFF_ROLES

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Django's own guard; a patient who is signed in gets 404 instead of a hint that there is a sign-in."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def closed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return door(closed, STAFF_ROLES)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our pages first: Django's own list ends with a pattern that takes every address."""
        from harmoniously.portal.staff_urls import app_patterns

        return [*self._guarded(app_patterns()), *super().get_urls()]

    def _guarded(self, patterns: Iterable[URLPattern]) -> list[URLPattern]:
        return [
            URLPattern(entry.pattern, self.admin_view(entry.callback), entry.default_args, entry.name)
            for entry in patterns
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What needs doing now, for the role of whoever asks."""
        now = clock.now()
        # `admin_view` lets nobody else through.
        user = cast(User, request.user)
        # Its panels name patients: opening it is a read like any other list (SEC-06).
        record(actor=user, action="dashboard.viewed", now=now)
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "subtitle": None,
            "panels": [*today.panels(user, now, counted(request)), *dashboard.panels(user, now)],
            "sections": self.get_app_list(request),
            "keys": KEYS,
            "now": now,
            "zone": dashboard.zone_of(user),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "staff/dashboard.html", context)

    def _signed_in(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Whoever is signed in needs no form, and Django's would try passwords without limit."""
        return redirect("admin:index")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Passwords are changed in one place, with its rate limits and its notice by e-mail."""
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no such page of Django's here."""
        return redirect("account_change_password")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Signing out is allauth's: it asks, and ends the session on the server."""
        return redirect("account_logout")

    def register_tables(self) -> None:
        """The tables that administrators keep, each with the class that guards and records it."""
        from harmoniously.portal.staff_tables import tables

        for model, admin_class in tables().items():
            self.register(model, admin_class)


site = StaffSite()
site.register_tables()
