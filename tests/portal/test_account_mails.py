"""The mails of sign-up, sign-in and security: who writes, why, one link, and no word about health."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from harmoniously.core.accounts.adapter import AccountAdapter
from harmoniously.core.notifications.messages import forbidden_words
from tests import cast

pytestmark = pytest.mark.django_db
NOTICES = ("email_changed", "email_confirm", "email_deleted", "password_changed", "password_reset", "password_set")
SECOND_STEP = ("recovery_codes_generated", "totp_activated", "totp_deactivated", "webauthn_added", "webauthn_removed")


@pytest.fixture(autouse=True)
def _elsewhere(settings) -> None:
    cache.clear()
    settings.PUBLIC_BASE_URL = "https://clinic.example"
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def browser() -> Client:
    return Client(SERVER_NAME="localhost", SERVER_PORT="8900")


def only_mail():
    (found,) = mail.outbox
    return found


def check(found, links: int = 1) -> None:
    """What every mail keeps to."""
    whole = f"{found.subject}\n{found.body}"
    assert found.subject.startswith("Harmoniously: ")
    assert "Harmoniously" in found.body
    assert "localhost" not in whole
    assert "example.com!" not in whole
    assert forbidden_words(whole.replace(found.to[0], "")) == []
    assert len(re.findall(r"https?://", whole)) == links
    assert whole.count("https://clinic.example/accounts/") == links
    assert "\n\n\n" not in found.body
    assert "!" not in whole


def test_a_new_account_is_asked_to_confirm_its_address() -> None:
    browser().post("/accounts/signup/", {"email": "new@example.com", "password1": cast.PASSWORD})
    check(only_mail())
    assert only_mail().subject == "Harmoniously: please confirm your e-mail address"


def test_a_second_sign_up_with_the_same_address_only_tells_its_owner(patient) -> None:
    browser().post("/accounts/signup/", {"email": patient.user.email, "password1": cast.PASSWORD})
    check(only_mail())
    assert "/accounts/password/reset/" in only_mail().body


@pytest.mark.parametrize("known", [True, False])
def test_a_new_password_is_asked_for(patient, known) -> None:
    address = patient.user.email if known else "nobody@example.com"
    browser().post("/accounts/password/reset/", {"email": address})
    check(only_mail())


@pytest.mark.parametrize(
    "name", [*(f"account/email/{name}" for name in NOTICES), *(f"mfa/email/{name}" for name in SECOND_STEP)]
)
def test_a_change_in_the_account_is_told_in_the_readers_own_time(patient, rf, name) -> None:
    from allauth.core import context

    request = rf.get("/", SERVER_NAME="localhost")
    with context.request_context(request):
        words = {"from_email": "a@example.com", "to_email": "b@example.com", "deleted_email": "c@example.com"}
        AccountAdapter(request).send_notification_mail(name, patient.user, words)
    check(only_mail())
    assert "Pacific" in only_mail().body
    assert only_mail().to == [patient.user.email]


def test_signing_in_needs_no_notice(patient) -> None:
    reply = browser().post("/accounts/login/", {"login": patient.user.email, "password": cast.PASSWORD}, follow=True)
    assert "Successfully" not in reply.content.decode()
    assert "Hello Robin" in reply.content.decode()
