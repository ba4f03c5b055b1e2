"""A table's form of a row that a colleague saved since it was opened saves nothing: their change would be undone.

Django's own forms write every field back as the page had it: who opened an account before it was closed would open it
again by correcting a name, and a licence that was renewed would end on its old day.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.models import _get_foreign_key
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

FIELD = "_seen"
OVERTAKEN = "overtaken"


class SeenForm(forms.ModelForm):
    """A form that knows how the row stands; the page sends along how it stood when it was opened."""

    stands: str

    def clean(self) -> dict[str, Any] | None:
        """Refuse what somebody else was faster with. Old pages and other programs do not say what they saw."""
        data = super().clean()
        if self.data.get(FIELD, self.stands) != self.stands:
            there = "; ".join(f"{self.fields[name].label}: {self._now(name)}" for name in self.changed_data)
            words = _("Somebody changed this since you opened it. Nothing was saved yet.")
            if there:
                words += " " + _("There now: %(there)s. Save once more to replace it.") % {"there": there}
            self.add_error(None, ValidationError(words, code=OVERTAKEN))
        return data

    def _now(self, name: str) -> str:
        value = getattr(self.instance, name, None)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(value) if value not in (None, "") else "–"


def with_stand(form: type[forms.ModelForm], obj: models.Model, inlines: list[Any]) -> type[forms.ModelForm]:
    """The form of a row with a mark of what its fields and the rows inside its page hold now, which says nothing of
    it."""
    fields = [field for field in obj._meta.concrete_fields if field.name in form.base_fields]
    held: list[object] = [str(field.value_from_object(obj)) for field in fields]
    for inline in inlines:
        own = {_get_foreign_key(type(obj), inline.model).name: obj}
        held += map(str, inline.model._default_manager.filter(**own).order_by("pk").values_list())
    mark = salted_hmac("harmoniously.table", repr(held), algorithm="sha256").hexdigest()[:32]
    return type(form.__name__, (SeenForm, form), {"stands": mark})


def is_overtaken(context: dict[str, Any]) -> bool:
    """Whether the form of a page was refused for that."""
    form = context["adminform"].form
    return bool(form.is_bound and form.has_error(NON_FIELD_ERRORS, OVERTAKEN))
