"""What the library does not do by itself when a second factor is set up."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from harmoniously.core.accounts.models import User


def enrolment_counts_as_use(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever just proved a new second factor need not prove it again with the next code in this session."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, method="mfa", type=authenticator.type, id=authenticator.pk)
