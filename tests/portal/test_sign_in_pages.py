"""The pages of allauth in our clothes: every control has a name, nothing is inline, each leads on."""

import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from harmoniously.core.accounts.models import Clinician, Patient
from tests import cast
from tests.portal.test_public_pages import Loads, assert_crisis_bar

pytestmark = pytest.mark.django_db

ENTRANCE = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/too:old:link/",
    "/accounts/inactive/",
)
ACCOUNT = (
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
)


@pytest.fixture(autouse=True)
def _no_rate_limit_of_another_test() -> None:
    cache.clear()


def check(text: str) -> None:
    """What every page of ours keeps to."""
    assert_crisis_bar(text)
    assert Loads(text).inline == []
    assert len(re.findall(r"<h1[ >]", text)) == 1
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
    for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
        if 'type="hidden"' not in control:
            given = re.search(r'\bid="([^"]+)"', control)
            assert given, control
            assert given.group(1) in labelled, control
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", ENTRANCE)
def test_who_is_not_signed_in_finds_a_page_of_ours(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    check(answer.content.decode())


@pytest.mark.parametrize("address", ACCOUNT)
def test_a_patient_finds_a_page_of_ours(address: str, patient: Patient) -> None:
    client = cast.signed_in(patient.user)
    client.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    answer = client.get(address)
    assert answer.status_code == 200
    check(answer.content.decode())


@pytest.mark.parametrize("address", ["/accounts/2fa/", "/accounts/sessions/", "/accounts/2fa/reauthenticate/"])
def test_staff_find_the_same_pages_in_their_frame(address: str, prescriber: Clinician) -> None:
    answer = cast.signed_in(prescriber.user).get(address)
    assert answer.status_code == 200
    check(answer.content.decode())


def test_the_second_step_asks_for_the_code(prescriber: Clinician) -> None:
    client = Client()
    sent = {"login": prescriber.user.email, "password": cast.PASSWORD}
    answer = client.post("/accounts/login/", sent, follow=True)
    assert answer.request["PATH_INFO"] == "/accounts/2fa/authenticate/"
    text = answer.content.decode()
    check(text)
    assert "authenticator app" in text


def test_recovery_codes_are_shown_once_and_listed(patient: Patient) -> None:
    TOTP.activate(patient.user, generate_totp_secret())
    client = cast.signed_in(patient.user, second_factor=True)
    check(client.get("/accounts/2fa/recovery-codes/generate/").content.decode())
    answer = client.post("/accounts/2fa/recovery-codes/generate/", follow=True)
    text = answer.content.decode()
    check(text)
    assert text.count("<code>") == 10


def test_a_confirmation_link_asks_before_it_confirms(patient: Patient) -> None:
    address = EmailAddress.objects.get(user=patient.user)
    EmailAddress.objects.filter(pk=address.pk).update(verified=False)
    address.refresh_from_db()
    answer = Client().get(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/")
    text = answer.content.decode()
    check(text)
    assert patient.user.email in text
    assert not EmailAddress.objects.get(pk=address.pk).verified


def test_a_wrong_password_is_said_once_at_the_top_and_the_address_is_kept(patient: Patient) -> None:
    answer = Client().post("/accounts/login/", {"login": patient.user.email, "password": "not this one at all"})
    text = answer.content.decode()
    check(text)
    assert "<title>Error: Sign in" in text
    assert 'role="alert"' in text
    assert f'value="{patient.user.email}"' in text


def test_nothing_typed_at_sign_up_names_every_field() -> None:
    text = Client().post("/accounts/signup/", {}).content.decode()
    check(text)
    for target in ("id_email", "id_password1"):
        assert f'href="#{target}"' in text
