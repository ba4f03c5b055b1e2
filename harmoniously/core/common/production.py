"""What production refuses to start with. Each refusal says what to set instead (SEC-09)."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_unsafe_production() -> None:
    """Raise ImproperlyConfigured with every unsafe value at once, so that one start tells the whole story.

    Called when the applications are loaded, so gunicorn, the worker, beat and every command refuse alike.
    """
    if not settings.PRODUCTION:
        return
    findings = [f"{text} {hint}" for wrong, text, hint in _findings() if wrong]
    if findings:
        raise ImproperlyConfigured("Production does not start like this:\n- " + "\n- ".join(findings))


def _findings() -> list[tuple[bool, str, str]]:
    broker = urlsplit(settings.REDIS_URL).scheme
    return [
        (settings.DEBUG, "DEBUG is on.", "Unset DEBUG."),
        (
            settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY or len(settings.SECRET_KEY) < 50,
            "SECRET_KEY is the default or too short.",
            "Set SECRET_KEY (50 characters or more) or SECRET_KEY_FILE.",
        ),
        (
            settings.PHI_KEYS == settings.DEFAULT_PHI_KEYS,
            "PHI_KEYS is the development key.",
            "Set PHI_KEYS to a key of your own: id:base64 of 32 random bytes.",
        ),
        (
            not _database_is_encrypted(),
            "The connection to PostgreSQL is not encrypted.",
            "Add sslmode=verify-full to DATABASE_URL.",
        ),
        (broker != "rediss", "The connection to Redis is not encrypted.", "Use a rediss:// REDIS_URL."),
        (
            "harmoniously.nonprod" in settings.INSTALLED_APPS,
            "The demo application is installed.",
            "Unset ENABLE_NONPROD.",
        ),
        (
            not settings.PUBLIC_BASE_URL.startswith("https://"),
            "PUBLIC_BASE_URL is not https.",
            "Set it to the https address patients use.",
        ),
        (
            not (settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET),
            "Payments are not configured.",
            "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.",
        ),
        (not settings.ALLOWED_HOSTS, "ALLOWED_HOSTS is empty.", "Name the hosts this site answers to."),
        (
            bool(getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None))
            or settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN,
            "A bypass of the second factor is configured.",
            "Remove MFA_TOTP_INSECURE_BYPASS_CODE and MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN.",
        ),
    ]


def _database_is_encrypted() -> bool:
    options: Any = settings.DATABASES["default"].get("OPTIONS", {})
    return bool(options.get("sslmode") == "verify-full")
