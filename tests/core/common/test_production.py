"""Production refuses to start with what would endanger patients (SEC-09); tried in real processes."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAFE = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "x" * 64,
    "PHI_KEYS": "p:" + base64.b64encode(b"0" * 32).decode(),
    "DATABASE_URL": "postgresql://app:pw@db.internal:5432/app?sslmode=verify-full",
    "REDIS_URL": "rediss://:pw@redis.internal:6379/0",
    "ALLOWED_HOSTS": "clinic.example",
    "PUBLIC_BASE_URL": "https://clinic.example",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the applications as gunicorn, the worker and beat do."""
    wanted = {**SAFE, **changes}
    variables = {name: value for name, value in wanted.items() if value is not None}
    code = "import django; django.setup()"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "harmoniously.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_complete_and_safe_settings_start() -> None:
    assert start().returncode == 0, start().stderr


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"SECRET_KEY": "development-only-key-that-production-refuses-to-start-with"}, "SECRET_KEY"),
        ({"SECRET_KEY": None}, "secrets.token_urlsafe"),
        ({"PHI_KEYS": None}, "PHI_KEYS"),
        ({"DATABASE_URL": "postgresql://app:pw@db.internal/app"}, "sslmode=verify-full"),
        ({"REDIS_URL": "redis://redis.internal:6379/0"}, "rediss://"),
        ({"ENABLE_NONPROD": "1"}, "demo application"),
        ({"PUBLIC_BASE_URL": "http://clinic.example"}, "https"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "PostgreSQL is the only database"),
        ({"STRIPE_WEBHOOK_SECRET": None}, "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_unsafe_settings_are_refused_with_a_hint(changes: dict[str, str | None], hint: str) -> None:
    refused = start(**changes)
    assert refused.returncode != 0
    assert hint in refused.stderr


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("y" * 64 + "\n")
    assert start(SECRET_KEY=None, SECRET_KEY_FILE=str(path)).returncode == 0


def test_the_demo_clock_has_no_place_in_production() -> None:
    code = (
        "import django; django.setup(); from django.conf import settings; from harmoniously.core.common import clock;"
        "assert settings.DEMO_CLOCK_FILE is None; assert clock.now().timestamp() - clock.wall().timestamp() < 1"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "harmoniously.settings",
            "DEMO_CLOCK_FILE": "/nowhere/clock",
            **SAFE,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
