"""The form of one entry with a medicine's name: the name is looked up, offered near names, and never corrected."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from harmoniously.core.common import forms as ui
from harmoniously.core.questions.forms import AnswersForm
from harmoniously.core.questions.specs import Context, Page
from intake import lookups

KEEP = "keep:"
KEPT = "_kept"


@cache
def _options(known: Callable[[], lookups.Known]) -> SafeString:
    return format_html_join("", '<option value="{}" label="{}"></option>', known())


class NameBox(forms.TextInput):
    """A text box with the known names beside it: the browser offers them, and static/js/combobox.js does it better."""

    template_name = "components/widgets/name.html"

    def __init__(self, known: Callable[[], lookups.Known]) -> None:
        super().__init__({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
        self.known = known

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        own = context["widget"]
        own["known"] = _options(self.known)
        own["attrs"] |= {
            "list": f"{name}_known",
            "data-combobox": "",
            "data-some": _("Names found: %n. Use the arrow keys to choose one."),
            "data-none": _("No name like this in our list. You can still go on."),
        }
        return context


class NamedForm(AnswersForm):
    """The form of an entry with a name that is looked up."""

    name_field = "name"
    known = staticmethod(lookups.medicine_names)
    near_to = staticmethod(lookups.near_names)

    def __init__(self, page: Page, context: Context, data: Any = None, stored: Mapping[str, Any] | None = None):
        given = data if data is not None else stored or {}
        self.typed = " ".join(str(given.get(self.name_field) or "").split())
        self.near = None
        if self.typed and len(self.typed) <= page.field(self.name_field).max_length:
            self.near = self.near_to(self.typed)
        chosen = str(given.get(f"{self.name_field}_choice") or "")
        self.medicine = chosen if chosen in (self.near or ()) else self.typed
        self.kept = self.near is not None and (chosen == KEEP + self.typed)
        self.was_kept = bool((stored or {}).get(self.name_field + KEPT))
        super().__init__(self.fitted(page), context, data=data, stored=stored)

    def fitted(self, page: Page) -> Page:
        """The page as it is asked of this medicine."""
        return page

    def _add(self, spec: Any) -> None:
        super()._add(spec)
        if spec.name != self.name_field:
            return
        box = self.fields[spec.name]
        box.widget = NameBox(self.known)
        box.widget.attrs["maxlength"] = str(spec.max_length)
        box.error_messages["max_length"] = _("Use at most %(limit_value)d characters for the name.")
        if self.near is not None:
            self._offer(spec.name)

    def _offer(self, name: str) -> None:
        near = [(one, one) for one in self.near or ()]
        keep = _("None of these: keep “%(typed)s” as I wrote it") if near else _("Keep “%(typed)s” as I wrote it")
        self.fields[f"{name}_choice"] = forms.ChoiceField(
            label=_("Which one do you mean?"),
            help_text=_("If it is none of them, mend the name above, or keep it: a person reads it."),
            choices=[*near, (KEEP + self.typed, keep % {"typed": self.typed})],
            widget=ui.CardRadioSelect(),
            initial=KEEP + self.typed if self.was_kept else None,
            error_messages={"required": self._not_known(), "invalid_choice": self._not_known()},
        )

    def _not_known(self) -> str:
        typed = {"typed": self.typed}
        if self.near:
            return _("We do not know “%(typed)s” as the name of one medicine. Choose which one you mean.") % typed
        return _("We do not know the name “%(typed)s”. Look at its spelling, or choose to keep it.") % typed

    def clean_name(self) -> str:
        return self.medicine

    def clean_medicine(self) -> str:
        return self.medicine

    def answers(self) -> dict[str, Any]:
        return self._with_choice(super().answers())

    def unfinished(self) -> dict[str, Any]:
        return self._with_choice(super().unfinished())

    def _with_choice(self, found: dict[str, Any]) -> dict[str, Any]:
        return {**found, self.name_field + KEPT: True} if self.kept and found else found
