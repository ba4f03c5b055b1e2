"""What a patient reads about the time that a question leaves them."""

from __future__ import annotations

from django.utils.translation import gettext as _


def answer_by(when: str) -> str:
    """Until when an answer is waited for, on the patient's clock."""
    return _("Please answer by %(when)s.") % {"when": when}
