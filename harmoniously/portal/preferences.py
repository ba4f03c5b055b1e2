"""What people set for themselves."""

from datetime import datetime

from django.db import transaction

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import record


def choose(*, user: User, language: str, now: datetime) -> None:
    """Keep the language that somebody reads; does nothing when it is that one already."""
    if user.language == language:
        return
    with transaction.atomic():
        user.language = language
        user.save(update_fields=["language"])
        record(actor=user, action="account.language_chosen", now=now, subject=user, language=language)
