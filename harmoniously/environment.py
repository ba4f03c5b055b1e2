"""Reading settings from the environment, with a hint where one is missing.

Every value may also be given as a file (``SECRET_KEY_FILE=/run/secrets/key``), so that a secret never has to
stand in a process's environment.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


class Environment:
    """The variables of one process, read by name and checked at the boundary."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str | None = None, *, hint: str = "") -> str:
        """The variable's text; ImproperlyConfigured with the hint when it is neither set nor defaulted."""
        path = self._variables.get(f"{name}_FILE")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error
        value = self._variables.get(name)
        if value is not None:
            return value
        if default is None:
            raise ImproperlyConfigured(f"Set the environment variable {name}. {hint}".strip())
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """A yes/no variable; ImproperlyConfigured when the word is neither."""
        word = self.text(name, "yes" if default else "no").strip().lower()
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
        raise ImproperlyConfigured(f"{name}={word!r} is neither yes nor no.")

    def number(self, name: str, default: int) -> int:
        """A whole-number variable; ImproperlyConfigured when it is not one."""
        word = self.text(name, str(default))
        try:
            return int(word)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}={word!r} is not a whole number.") from error

    def words(self, name: str, default: str = "") -> list[str]:
        """A comma-separated variable as a list without empty entries."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]


def postgres_settings(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a ``postgresql://user:password@host:port/name?sslmode=…`` address.

    A socket directory is given as ``?host=/path``. Raises ImproperlyConfigured for any other scheme: there is one
    database engine everywhere (docs/adr/0001).
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name (PostgreSQL is the only database)."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            # A stuck statement must not hold a patient's page (requirements 3.3).
            "options": "-c statement_timeout=15s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s",
        },
    }
