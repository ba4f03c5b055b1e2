"""Production refuses to start with what would endanger patients (SEC-09); that it does so in real processes too."""

import base64
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from harmoniously.core.common.production import refuse_unsafe_production

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


def started(code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """A process that loads the applications as gunicorn, the worker and beat do, then runs the code."""
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "harmoniously.settings", **given(changes)},
        capture_output=True,
        text=True,
        check=False,
    )


def given(changes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**SAFE, **changes}.items() if value is not None}


def test_complete_and_safe_settings_start_without_a_demo_clock(tmp_path: Path) -> None:
    """A secret may stand in a file."""
    path = tmp_path / "key"
    path.write_text("y" * 64 + "\n")
    code = (
        "from django.conf import settings; from harmoniously.core.common import clock;"
        "assert settings.DEMO_CLOCK_FILE is None; assert clock.now().timestamp() - clock.wall().timestamp() < 1"
    )
    done = started(code, SECRET_KEY=None, SECRET_KEY_FILE=str(path), DEMO_CLOCK_FILE="/nowhere/clock")
    assert done.returncode == 0, done.stderr


def test_a_process_with_unsafe_settings_ends_and_says_everything_at_once() -> None:
    refused = started("", DEBUG="1", REDIS_URL="redis://redis.internal:6379/0")
    assert refused.returncode != 0
    assert "DEBUG is on" in refused.stderr
    assert "rediss://" in refused.stderr


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
def test_unsafe_settings_are_refused_with_a_hint(
    changes: dict[str, str | None], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", given(changes))
    with pytest.raises(ImproperlyConfigured, match=hint):
        refuse_unsafe_production(SimpleNamespace(**runpy.run_path(str(ROOT / "harmoniously" / "settings.py"))))


def test_the_same_settings_without_the_fault_are_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", given({}))
    refuse_unsafe_production(SimpleNamespace(**runpy.run_path(str(ROOT / "harmoniously" / "settings.py"))))
