"""Pages that write by themselves while somebody types: which opening of the page wrote last, and how often.

A row that such a page writes has the columns `version`, `writer` and `turn`. Pure: no database.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

WROTE = ("version", "writer", "turn")


@dataclass(frozen=True)
class OpenedPage:
    """The page that writes: which opening of it, from which version of the row, and how often it wrote before."""

    edit: UUID
    base: int = 0
    turn: int = 0


def is_elsewhere(row: Any, page: OpenedPage) -> bool:
    """Whether another page wrote the row after this one was opened."""
    return bool(row.version != page.base and row.writer != page.edit)


def is_older(row: Any, page: OpenedPage) -> bool:
    """Whether the same page wrote something newer already: what comes late over a slow network changes nothing."""
    return bool(row.writer == page.edit and page.turn < row.turn)


def wrote(row: Any, page: OpenedPage) -> None:
    """Note on the row that this page wrote it."""
    row.version, row.writer, row.turn = row.version + 1, page.edit, page.turn
