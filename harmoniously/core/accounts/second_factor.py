"""What the library does not do by itself with a second factor: when one is set up, and when a code comes again."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.http import HttpRequest

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock


def enrolment_counts_as_use(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever just proved a new second factor need not prove it again with the next code in this session."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, method="mfa", type=authenticator.type, id=authenticator.pk)


class _Once(forms.BaseAuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the authenticator app opens once (requirement 6.5.1).

    The library notes used codes in Redis for 30 s of that server's clock: an emptied Redis, or a clock that jumps there
    and not here, would let a code in again that is still good by ours. The row in the database forgets nothing.
    """

    def clean_code(self) -> str:
        # Before the code is looked at: a step that ends in between makes the code bad, never good twice.
        at = clock.wall()
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not _spend(self.authenticator, at):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_Once, forms.AuthenticateForm):  # type: ignore[misc]
    """The code at sign-in."""


class ReauthenticateForm(_Once, forms.ReauthenticateForm):  # type: ignore[misc]
    """The code before something that cannot be undone."""


def _spend(authenticator: Authenticator, at: datetime) -> bool:
    """Use up the step of that moment, in which one code is good (tolerance 0); False when it is used up already."""
    step = datetime.fromtimestamp(at.timestamp() // app_settings.TOTP_PERIOD * app_settings.TOTP_PERIOD, UTC)
    unspent = Q(last_used_at__isnull=True) | Q(last_used_at__lt=step)
    spent: int = Authenticator.objects.filter(unspent, pk=authenticator.pk).update(last_used_at=at)
    return spent == 1
