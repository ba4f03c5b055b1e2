"""Which tables appear on the staff site."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.contrib import admin
from django.db import models

from harmoniously.portal import admin_licences, admin_people, admin_tables
from harmoniously.portal.admin_bases import AuditedAdmin

MODULES = ("intake.admin", "treatment.admin")


def tables() -> dict[type[models.Model], type[admin.ModelAdmin]]:
    """Every table with its admin class; an app's own list is `admin_classes` in its admin module.

    A class that does not record reads by itself gets the recording added: no table shows anything unrecorded.
    """
    found: dict[type[models.Model], type[admin.ModelAdmin]] = {
        **admin_people.admin_classes,
        **admin_licences.admin_classes,
        **admin_tables.admin_classes,
    }
    for name in MODULES:
        if find_spec(name):
            found |= dict(getattr(import_module(name), "admin_classes", {}))
    return {model: _recorded(admin_class) for model, admin_class in found.items()}


def _recorded(admin_class: type[admin.ModelAdmin]) -> type[admin.ModelAdmin]:
    if issubclass(admin_class, AuditedAdmin):
        return admin_class
    return type(admin_class.__name__, (admin_class, AuditedAdmin), {})
