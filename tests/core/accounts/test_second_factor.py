"""Staff meet the second factor on every path; signing wants a fresh one (SEC-08, BUG-04, BUG-08, BUG-12, BUG-33)."""

import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.db import connection
from django.test import Client

from harmoniously.core.accounts.models import Clinician, Patient, User
from tests.cast import PASSWORD, make_clinician, signed_in

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def secret_of(user: User) -> str:
    return decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])


def code_of(user: User) -> str:
    return format_hotp_value(hotp_value(secret_of(user), int(time.time()) // 30))


def log_in(client: Client, user: User, password: str = PASSWORD) -> str:
    answer = client.post(LOGIN, {"login": user.email, "password": password})
    return str(answer.headers.get("Location", ""))


def test_the_password_alone_opens_no_staff_page(prescriber: Clinician) -> None:
    client = Client()
    assert log_in(client, prescriber.user) == "/accounts/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302


def test_password_and_code_open_the_staff_site(prescriber: Clinician) -> None:
    client = Client()
    log_in(client, prescriber.user)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(prescriber.user)})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("code", ["", "000000", "other", "full width"])
def test_wrong_codes_are_refused(prescriber: Clinician, code: str) -> None:
    other = make_clinician("second@example.com", states=("NY",))
    client = Client()
    log_in(client, prescriber.user)
    tried = {"other": code_of(other.user), "full width": "０００００１"}.get(code, code)
    client.post("/accounts/2fa/authenticate/", {"code": tried})
    assert client.get("/admin/").status_code == 302


def test_a_code_works_once_whatever_redis_remembers(prescriber: Clinician) -> None:
    """6.5.1: Redis counts by a clock of its own and may be emptied; neither may let a code in again."""
    with time_machine.travel(1_793_000_000, tick=False) as traveller:
        code = code_of(prescriber.user)
        for expected in (200, 302):
            client = Client()
            log_in(client, prescriber.user)
            client.post("/accounts/2fa/authenticate/", {"code": code})
            assert client.get("/admin/").status_code == expected
            cache.clear()
        traveller.shift(30)
        client.post("/accounts/2fa/authenticate/", {"code": code_of(prescriber.user)})
        assert client.get("/admin/").status_code == 200, "the next code opens"


def test_a_right_code_with_a_wrong_password_opens_nothing(prescriber: Clinician) -> None:
    client = Client()
    assert log_in(client, prescriber.user, "wrong password entirely") == ""
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(prescriber.user)}).status_code == 302
    assert "/login/" in client.get("/admin/").headers["Location"]


def test_an_abandoned_sign_in_lends_nothing_to_the_next(prescriber: Clinician) -> None:
    other = make_clinician("second@example.com", states=("NY",))
    client = Client()
    log_in(client, prescriber.user)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(prescriber.user)})
    client.post("/accounts/logout/")
    log_in(client, other.user)
    assert client.get("/admin/").status_code == 302


def test_staff_without_a_second_factor_are_sent_to_set_one_up(prescriber: Clinician) -> None:
    Authenticator.objects.filter(user=prescriber.user).delete()
    client = signed_in(prescriber.user, second_factor=False)
    for path in ("/admin/", "/home/", "/messages/", "/admin/jsi18n/", "/admin/password_change/"):
        assert client.get(path).headers.get("Location") == "/accounts/2fa/totp/activate/", path


def test_a_session_without_its_own_second_factor_must_prove_it(prescriber: Clinician) -> None:
    client = signed_in(prescriber.user, second_factor=False)
    assert client.get("/admin/").headers["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_patients_may_do_without(patient: Patient) -> None:
    assert signed_in(patient.user).get("/home/").status_code == 200


def test_totp_secrets_are_not_readable_in_the_database(prescriber: Clinician) -> None:
    secret = secret_of(prescriber.user)
    with connection.cursor() as cursor:
        cursor.execute("select data::text from mfa_authenticator")
        assert all(secret not in row[0] for row in cursor.fetchall())


def test_the_session_id_changes_at_sign_in(patient: Patient) -> None:
    client = Client()
    client.get(LOGIN)
    client.cookies["sessionid"] = "planted-by-somebody-else-0000000"
    log_in(client, patient.user)
    assert client.cookies["sessionid"].value != "planted-by-somebody-else-0000000"
    assert client.get("/home/").status_code == 200


def test_the_reset_of_a_password_does_not_go_round_the_second_factor(prescriber: Clinician) -> None:
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    key = f"{user_pk_to_url_str(prescriber.user)}-{default_token_generator.make_token(prescriber.user)}"
    client = Client()
    first = client.get(f"/accounts/password/reset/key/{key}/")
    client.post(first.headers["Location"], {"password1": "a wholly new password", "password2": "a wholly new password"})
    assert client.get("/admin/").status_code == 302
