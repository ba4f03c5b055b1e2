"""The headers of every kind of answer (ASVS 3.3, 3.4, 14.3.2), and which answers are never kept."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from django.http import HttpResponse

from harmoniously.core.common.middleware import outage_response
from tests.core.common.test_production import SAFE

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "media-src 'self' blob:",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_DEVICES = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"


def lacking(response: HttpResponse) -> list[str]:
    """What an answer lacks of what every answer has."""
    sent = {part.strip() for part in response.headers.get("Content-Security-Policy", "").split(";")}
    found = [f"CSP {part}" for part in sorted(sent ^ CSP)]
    return found + [name for name, value in ALWAYS.items() if response.headers.get(name) != value]


def test_every_kind_of_answer_carries_the_headers(world, monkeypatch):
    patient, staff, visitor = (world.client(who) for who in ("patient", "prescriber_in", "anonymous"))
    order = world.rows["prescription"].pk
    answers = {
        "patient page": patient.get("/home/"),
        "staff page": staff.get("/admin/"),
        "list of Django's admin": world.client("administrator").get("/admin/accounts/user/"),
        "pdf": patient.get(f"/treatment/prescriptions/{order}/pdf/"),
        "calendar": patient.get(f"/visits/{world.visit.pk}/calendar.ics"),
        "devices": patient.get("/visits/devices/"),
        "call": patient.get(f"/visits/{world.visit.pk}/call/"),
        "staff call": staff.get(f"/admin/visits/{world.visit.pk}/call/"),
        "call's news": patient.get(f"/visits/{world.visit.pk}/call/state/"),
        "json": patient.get(f"/treatment/sessions/{world.ahead.pk}/now/state/"),
        "sitter": visitor.get(f"/s/{world.token}/"),
        "sign-in": visitor.get("/accounts/login/"),
        "redirect": visitor.get("/home/"),
        "403": staff.get("/admin/worklist/"),
        "404": visitor.get("/s/nothing/"),
        "405": patient.post("/home/"),
        "422": patient.post("/messages/new/"),
    }
    assert {kind: lacking(answer) for kind, answer in answers.items() if lacking(answer)} == {}
    # VID-07: camera and microphone on the pages that use them, nowhere else.
    devices = {kind for kind, answer in answers.items() if answer.headers["Permissions-Policy"] != NO_DEVICES}
    assert devices == {"devices", "call", "staff call"}
    assert answers["call"].headers["Permissions-Policy"].startswith("camera=(self), microphone=(self), geolocation=()")
    assert {kind for kind, answer in answers.items() if "no-store" not in answer.headers["Cache-Control"]} == set()
    codes = [answers[kind].status_code for kind in ("403", "404", "405", "422")]
    assert codes == [403, 404, 405, 422]


def _fail(fault, _patient):
    raise fault


def test_a_crash_and_a_lost_database_carry_them_too(world, monkeypatch):
    """The answers that no view makes: their headers come from the middleware around it."""
    from django.db import OperationalError

    from billing import views

    for fault, code in ((ArithmeticError("Qzname"), 500), (OperationalError("Qzname"), 503)):
        monkeypatch.setattr(views, "charges_of", partial(_fail, fault))
        answer = world.client("patient").get("/billing/")
        assert (answer.status_code, lacking(answer)) == (code, [])
        assert "no-store" in answer.headers["Cache-Control"]
        assert "988" in answer.content.decode()
        assert "Qzname" not in answer.content.decode()
    assert outage_response().headers["Retry-After"] == "30"


def test_a_stylesheet_may_be_kept_and_carries_the_rest(world):
    answer = world.client("anonymous").get("/static/css/base.css")
    assert b"".join(answer.streaming_content)  # to the end, which closes the file
    assert answer.status_code == 200
    assert "no-store" not in answer.headers.get("Cache-Control", "")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(world):
    answer = world.client("anonymous").post("/demo/be/patient/")
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


IN_PRODUCTION = """
import json, django
django.setup()
from django.conf import settings
from django.test import RequestFactory
from django.urls import get_resolver
from django.core.handlers.wsgi import WSGIHandler
answers = {}
def start(kind):
    def told(status, headers, *_):
        answers[kind] = {"status": status[:3], **dict(headers)}
    return told
handler = WSGIHandler()
for kind, scheme, path in (("plain", "http", "/prices/"), ("safe", "https", "/livez")):
    environ = RequestFactory(HTTP_HOST="clinic.example").get(path).environ | {"wsgi.url_scheme": scheme}
    b"".join(handler(environ, start(kind)))
answers["demo"] = [str(entry.pattern) for entry in get_resolver().url_patterns if "demo" in str(entry.pattern)]
answers["cookies"] = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_SECURE]
print(json.dumps(answers))
"""


def test_production_speaks_https_only_and_has_no_demo_pages():
    """SEC-09: in a process of its own, with production's settings."""
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "harmoniously.settings", **SAFE}
    done = subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert answers["plain"]["status"] == "301"
    assert answers["plain"]["Location"].startswith("https://clinic.example/")
    assert answers["safe"]["status"] == "200"
    assert answers["demo"] == []
    assert answers["safe"]["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert answers["cookies"] == ["__Host-sessionid", "__Host-csrftoken", True]
