"""Making the personas' accounts, and signing in as one of them."""

import base64
import hashlib
import time
from collections.abc import Iterable

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth import login, logout
from django.http import HttpRequest

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.roles import Role
from harmoniously.nonprod.personas.people import Persona

BACKEND = "harmoniously.core.accounts.adapter.SignIn"
TOTP_SECONDS = 30


def ensure_account(persona: Persona) -> User:
    """The persona's account, made when it is missing: a verified address, a name, and for staff a second factor."""
    return account(persona.email, persona.name, persona.role)


def accounts_of(personas: Iterable[Persona]) -> dict[str, User]:
    """The accounts of those personas that were made already, by e-mail address."""
    found = User.objects.filter(email__in=[persona.email for persona in personas])
    return {user.email: user for user in found}


def account(email: str, name: str, role: Role) -> User:
    """An invented person's account, made when it is missing."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, None, role=role, full_name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if user.is_staff and not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, _secret_of(email))
    return user


def sign_in(request: HttpRequest, persona: Persona) -> User:
    """End whatever session there was and start one as the persona, as password and second factor would."""
    logout(request)
    user = ensure_account(persona)
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", reauthenticated=True)
    if user.is_staff:
        own = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        record_authentication(request, user, method="mfa", type=own.type, id=own.pk, reauthenticated=True)
    return user


def current_code(user: User) -> str:
    """The six digits that the persona's authenticator shows now; empty for whom has none."""
    own = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if own is None:
        return ""
    return format_hotp_value(hotp_value(decrypt(own.data["secret"]), int(time.time()) // TOTP_SECONDS))


def _secret_of(email: str) -> str:
    """The same secret at every seeding, so that a demo authenticator keeps working; invented people only."""
    return base64.b32encode(hashlib.sha256(f"harmoniously demo {email}".encode()).digest()[:20]).decode()
