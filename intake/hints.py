"""What is said at once: near spellings of an unknown medicine, offered and never applied; a pressure that is urgent."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from intake.pages import health, treatments
from intake.policy import load_policy

NAME_FIELDS = {treatments.ANTIDEPRESSANTS.key: "medicine", treatments.MEDICINES.key: "name"}


def name_hint(page_key: str, entry: Mapping[str, Any]) -> str | None:
    """The sentence about an entry's medicine name, or None when it is known (policy section 2)."""
    field = NAME_FIELDS.get(page_key)
    if field is None:
        return None
    typed, names = entry[field], load_policy().names
    if names.match(typed).recognised:
        return None
    near = names.suggest(typed)
    if not near:
        text = _(
            "We do not know the name “%(typed)s”. Look at its spelling. It is kept as you wrote it; a person reads it."
        )
        return text % {"typed": typed}
    text = _(
        "We do not know the name “%(typed)s”. Did you mean %(near)s? If so, choose Change; else leave it as it is."
    )
    return text % {"typed": typed, "near": _(" or ").join(near)}


def is_urgent(page_key: str, entries: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a list holds a blood pressure that needs help now (policy section 5)."""
    if page_key != health.BLOOD_PRESSURE.key:
        return False
    limits = load_policy().blood_pressure
    return any(
        entry["pressure"]["systolic"] >= limits.systolic_urgent.value
        or entry["pressure"]["diastolic"] >= limits.diastolic_urgent.value
        for entry in entries
    )
