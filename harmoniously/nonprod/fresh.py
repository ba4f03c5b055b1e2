"""Migrating an empty database in a fifth of the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def migrating_quickly() -> Iterator[None]:
    """After each step Django makes every model anew that is related to the one that changed, by way of the account
    nearly all there are: five sixths of the time of migrating. That one alone will do where no row is there yet: what
    the others still point at has the same columns. The schema is the same.
    """
    from django.db.migrations.state import ProjectState

    state: Any = ProjectState
    thorough = state._find_reload_model
    state._find_reload_model = lambda _state, app_label, model_name, _delay: {(app_label, model_name)}
    try:
        yield
    finally:
        state._find_reload_model = thorough
