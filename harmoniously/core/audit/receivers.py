"""Signing in and out, and changes of credentials, told by the libraries and written into the trail (ASVS 16.3)."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock

EVENTS: tuple[tuple[Signal, str], ...] = (
    (auth.user_logged_in, "session.started"),
    (auth.user_logged_out, "session.ended"),
    (account.user_signed_up, "account.created"),
    (account.email_confirmed, "account.email_confirmed"),
    (account.password_changed, "account.password_changed"),
    (account.password_reset, "account.password_reset"),
    (account.email_changed, "account.email_changed"),
    (mfa.authenticator_added, "account.second_factor_added"),
    (mfa.authenticator_removed, "account.second_factor_removed"),
    (mfa.authenticator_reset, "account.recovery_codes_renewed"),
)


def _writer(action: str) -> Any:
    def write(*_args: Any, user: User | None = None, email_address: Any = None, **_kwargs: Any) -> None:
        person = user or getattr(email_address, "user", None)
        if person is not None:
            record(actor=person, action=action, now=clock.now(), patient=getattr(person, "patient", None))

    return write


def _failed(*_args: Any, **_kwargs: Any) -> None:
    # What was typed is not kept: people type passwords into the wrong field.
    record(actor=SYSTEM, action="session.refused", now=clock.now())


def connect() -> None:
    """Listen to every event once."""
    for signal, action in EVENTS:
        signal.connect(_writer(action), weak=False, dispatch_uid=f"audit.{action}")
    auth.user_login_failed.connect(_failed, weak=False, dispatch_uid="audit.session.refused")
