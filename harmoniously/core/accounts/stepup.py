"""Confirming who sits there before something that cannot be undone, such as signing a prescription."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from harmoniously.core.accounts.models import User


def second_factor_age(request: HttpRequest, user: User) -> float | None:
    """Seconds since this session's last second factor, or None when it has none."""
    moments = [record["at"] for record in get_authentication_records(request, user) if record.get("method") == "mfa"]
    return time.time() - max(moments) if moments else None


def has_second_factor(user: User) -> bool:
    """Whether the account has a second factor of its own (recovery codes alone are none)."""
    own = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=own).exists())


def ask_for_second_factor(request: HttpRequest, user: User) -> HttpResponseRedirect:
    """Send the person through the second factor and back; a posted form is kept and continued."""
    with_code = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate") if with_code else reverse("mfa_reauthenticate_webauthn")
    sent: HttpResponseRedirect = suspend_request(request, page)
    return sent


def fresh_second_factor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that needs a second factor used within the last five minutes."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        age = second_factor_age(request, request.user)
        if age is None or age >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return ask_for_second_factor(request, request.user)
        return view(request, *args, **kwargs)

    return checked
