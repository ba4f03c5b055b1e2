"""How allauth behaves here: where each role lands, and how second-factor secrets are kept."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from harmoniously.core.common.encryption import seal, unseal
from harmoniously.core.common.middleware import client_address

MFA_PLACE = "mfa.authenticator.data:secret"


class AccountAdapter(DefaultAccountAdapter):
    """Patients land on their home, staff on the staff site; links in mail use the public address."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index") if request.user.is_staff else reverse("portal:home")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])  # type: ignore[attr-defined]
        return f"{settings.PUBLIC_BASE_URL}{path}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.PUBLIC_BASE_URL}{path}"


class MFAAdapter(DefaultMFAAdapter):
    """Seals TOTP secrets and recovery seeds: the library stores them in the clear by default (requirements 4.2)."""

    def encrypt(self, text: str) -> str:
        return seal(text, place=MFA_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text, place=MFA_PLACE))

    def get_totp_issuer(self) -> str:
        return str(settings.CLINIC_NAME)
