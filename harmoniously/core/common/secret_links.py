"""The secret of a private link: 256 bits from the system's generator; only its digest is kept (BUG-27)."""

import hashlib
import secrets

_BYTES = 32
# What such a secret looks like in an address.
PATTERN = r"[\w-]{43}"


def new_secret() -> str:
    """A secret for an address that opens without signing in."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    """How a secret stands in the database."""
    return hashlib.sha256(secret.encode()).hexdigest()
