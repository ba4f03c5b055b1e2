"""What is said at once about a medicine name that nobody knows: near spellings are offered, never applied."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from intake.pages import treatments
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
