"""What production refuses to start with. Each refusal says what to set instead (SEC-09)."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_unsafe_production(given: Any = settings) -> None:
    """Raise ImproperlyConfigured with every unsafe value of `given` at once, so that one start tells the whole story.

    Called when the applications are loaded, so gunicorn, the worker, beat and every command refuse alike.
    """
    if not given.PRODUCTION:
        return
    findings = [f"{text} {hint}" for wrong, text, hint in _findings(given) if wrong]
    if findings:
        raise ImproperlyConfigured("Production does not start like this:\n- " + "\n- ".join(findings))


def _findings(given: Any) -> list[tuple[bool, str, str]]:
    broker = urlsplit(given.REDIS_URL).scheme
    return [
        (given.DEBUG, "DEBUG is on.", "Unset DEBUG."),
        (
            given.SECRET_KEY == given.DEFAULT_SECRET_KEY or len(given.SECRET_KEY) < 50,
            "SECRET_KEY is the default or too short.",
            "Set SECRET_KEY (50 characters or more) or SECRET_KEY_FILE.",
        ),
        (
            given.PHI_KEYS == given.DEFAULT_PHI_KEYS,
            "PHI_KEYS is the development key.",
            "Set PHI_KEYS to a key of your own: id:base64 of 32 random bytes.",
        ),
        (
            not _database_is_encrypted(given),
            "The connection to PostgreSQL is not encrypted.",
            "Add sslmode=verify-full to DATABASE_URL.",
        ),
        (broker != "rediss", "The connection to Redis is not encrypted.", "Use a rediss:// REDIS_URL."),
        (
            "harmoniously.nonprod" in given.INSTALLED_APPS,
            "The demo application is installed.",
            "Unset ENABLE_NONPROD.",
        ),
        (
            not given.PUBLIC_BASE_URL.startswith("https://"),
            "PUBLIC_BASE_URL is not https.",
            "Set it to the https address patients use.",
        ),
        (
            not (given.STRIPE_SECRET_KEY and given.STRIPE_WEBHOOK_SECRET),
            "Payments are not configured.",
            "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.",
        ),
        (not given.ALLOWED_HOSTS, "ALLOWED_HOSTS is empty.", "Name the hosts this site answers to."),
        (
            bool(getattr(given, "MFA_TOTP_INSECURE_BYPASS_CODE", None)) or given.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN,
            "A bypass of the second factor is configured.",
            "Remove MFA_TOTP_INSECURE_BYPASS_CODE and MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN.",
        ),
    ]


def _database_is_encrypted(given: Any) -> bool:
    options: Any = given.DATABASES["default"].get("OPTIONS", {})
    return bool(options.get("sslmode") == "verify-full")
