"""Nothing of the intake is edited in the admin: clinicians read it on the case page, through the access door."""

from django.contrib import admin
from django.db import models

admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {}
