"""What was searched for, sealed in the session: a name in an address would stand in every log on the way."""

from __future__ import annotations

import secrets

from django.contrib.sessions.backends.base import SessionBase

from harmoniously.core.common.encryption import DecryptionError, seal, unseal

_PLACE = "session.searches"
# A colleague with more pages open than this types the oldest search again.
_KEPT = 10


def keep(session: SessionBase, typed: str) -> str:
    """Keep what was typed; the name of the search, which says nothing about it."""
    name = secrets.token_urlsafe(6)
    kept = dict(list(session.get(_PLACE, {}).items())[1 - _KEPT :])
    session[_PLACE] = {**kept, name: seal(typed, place=f"{_PLACE}:{name}")}
    return name


def typed(session: SessionBase, name: str) -> str:
    """What was typed in the search of that name, "" when this session knows of none."""
    sealed = session.get(_PLACE, {}).get(name, "")
    try:
        return str(unseal(sealed, place=f"{_PLACE}:{name}")) if sealed else ""
    except DecryptionError:
        return ""  # sealed with a key that is gone
