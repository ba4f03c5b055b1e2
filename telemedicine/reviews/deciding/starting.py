"""Words to start from when a prescriber writes to a patient; the texts stand in words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONFIG = Path(__file__).parent / "words.toml"
KINDS = ("approve", "decline", "in_person", "ask")
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Start:
    """One text: its key and title for staff, the words by language, and the findings that it asks about."""

    key: str
    title: str
    words: Mapping[str, str]
    about: tuple[str, ...] = ()

    def in_language(self, language: str) -> str:
        """The words as somebody reads them who chose this language; English where there are none."""
        return self.words.get(language, self.words["en"])


@cache
def starts() -> Mapping[str, tuple[Start, ...]]:
    """Every text by kind of decision. Raises ValueError for an unknown kind or key, or a language that is missing."""
    found: dict[str, tuple[Start, ...]] = {}
    for kind, rows in tomllib.loads(CONFIG.read_text()).items():
        for row in rows:
            unknown = set(row) - {"key", "title", "about", *LANGUAGES}
            if kind not in KINDS or unknown or not all(str(row.get(name, "")).strip() for name in LANGUAGES):
                raise ValueError(f"{CONFIG.name}: [[{kind}]] {row.get('key')} {sorted(unknown)}")
        found[kind] = tuple(
            Start(row["key"], row["title"], {name: row[name] for name in LANGUAGES}, tuple(row.get("about", ())))
            for row in rows
        )
        if len({row.key for row in found[kind]}) != len(found[kind]):
            raise ValueError(f"{CONFIG.name}: [[{kind}]] has a key twice.")
    return found


def fitting(kind: str, codes: Iterable[str] = ()) -> list[Start]:
    """The texts of a kind; those about one of these findings come first."""
    found = tuple(codes)

    def tied(row: Start) -> bool:
        return any(code.startswith(row.about) for code in found) if row.about else False

    return sorted(starts().get(kind, ()), key=lambda row: not tied(row))


def chosen(kind: str, key: str) -> Start | None:
    """The text with this key, or None."""
    return next((row for row in starts().get(kind, ()) if row.key == key), None)


def in_english(words: str) -> str:
    """What one of the texts says in English, for whoever sends it unchanged in a language that they do not read."""
    texts = (row for rows in starts().values() for row in rows)
    return next((row.words["en"] for row in texts if words.strip() in row.words.values()), "")
