"""How allauth behaves here: who comes in, where each role lands, and how second-factor secrets are kept."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.common.emails import plain_letters
from harmoniously.core.common.encryption import seal, unseal
from harmoniously.core.common.middleware import client_address

PROVED = "login_proved"
MFA_PLACE = "mfa.authenticator.data:secret"


class SignIn(AuthenticationBackend):
    """Knows an account with its person: one query at each request instead of two or three."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("patient", "clinician").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    """Patients land on their home, staff on the staff site; links in mail use the public address."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index") if request.user.is_staff else reverse("portal:home")

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Who signs up in Spanish gets their messages in Spanish."""
        user.language = languages.current()
        return super().save_user(request, user, form, commit)

    def pre_login(self, request: HttpRequest, user: Any, **known: Any) -> HttpResponse | None:
        """Remember with which password somebody goes on to the second step."""
        request.session[PROVED] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **known)
        return answer

    def login(self, request: HttpRequest, user: Any) -> None:
        """Whoever stands at the second step when the password becomes another one is signed out there, too."""
        proved = request.session.pop(PROVED, None)
        if proved is not None and not constant_time_compare(proved, user.get_session_auth_hash()):
            clear_login(request)
            raise _changed_meanwhile(request)
        super().login(request, user)

    def set_password(self, user: Any, password: str) -> None:
        """The password and nothing else of the row, and only in the place of the one that whoever chooses it read.

        A link to a new password that was opened a moment before would else take an account back that moved meanwhile.
        """
        before = user.password
        user.set_password(password)
        if not User.objects.filter(pk=user.pk, password=before).update(password=user.password):
            raise _changed_meanwhile(self.request)

    def clean_email(self, email: str) -> str:
        """In plain letters: no second account has an address that only looks different (SEC-02)."""
        plain_letters(email)
        return str(super().clean_email(email))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails name the practice, never the host of the request that caused them."""
        practice = {
            "clinic_name": settings.CLINIC_NAME,
            "support_email": settings.SUPPORT_EMAIL,
            "base_url": settings.PUBLIC_BASE_URL,
        }
        super().send_mail(template_prefix, email, {**practice, **context})

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Notices give the moment in the reader's own zone."""
        person = getattr(user, "patient", None) or getattr(user, "clinician", None)
        zone = person.zone if person else clock.PRACTICE_ZONE
        super().send_notification_mail(template_prefix, user, {"zone": zone, **(context or {})}, email)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])  # type: ignore[attr-defined]
        return f"{settings.PUBLIC_BASE_URL}{path}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.PUBLIC_BASE_URL}{path}"


def _changed_meanwhile(request: HttpRequest) -> ImmediateHttpResponse:
    messages.info(request, _("The password of this account was changed a moment ago. Sign in with the new one."))
    return ImmediateHttpResponse(redirect("account_login"))


class MFAAdapter(DefaultMFAAdapter):
    """Seals TOTP secrets and recovery seeds: the library stores them in the clear by default (requirements 4.2)."""

    def encrypt(self, text: str) -> str:
        return seal(text, place=MFA_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text, place=MFA_PLACE))

    def get_totp_issuer(self) -> str:
        return str(settings.CLINIC_NAME)
