"""Reading a policy file strictly: every key must be asked for, every value has its type."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any


class PolicyError(ValueError):
    """A policy file that cannot be used: `path` is the place in it, `problem` what is wrong there."""

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


def line_of(text: str, path: str) -> int | None:
    """The line of a TOML text that gives the key at `path`, or else what holds it; None when nothing does."""
    table, found, longest = "", None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$", line)
        key = re.match(r"\s*([\w.\"' -]+?)\s*=", line)
        if header:
            table = here = _plain(header[1])
        elif key:
            here = f"{table}.{_plain(key[1])}".lstrip(".")
        else:
            continue
        if len(here) > longest and f"{path}.".startswith(f"{here}."):
            found, longest = number, len(here)
    return found


def _plain(key: str) -> str:
    return re.sub(r"[\"']|(?<=\.)\s+|\s+(?=\.)", "", key.strip())


class Table:
    """A TOML table whose every key must be asked for; `finish` refuses what nobody asked for."""

    def __init__(self, path: str, raw: object) -> None:
        if not isinstance(raw, Mapping):
            raise PolicyError(path, "must be a table")
        self.path = path
        self.raw = raw
        self.seen: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str) -> Any:
        self.seen.add(key)
        if key not in self.raw:
            raise PolicyError(self.at(key), "is missing")
        return self.raw[key]

    def has(self, key: str) -> bool:
        return key in self.raw

    def table(self, key: str) -> "Table":
        return Table(self.at(key), self.get(key))

    def tables(self) -> list[tuple[str, "Table"]]:
        return [(key, self.table(key)) for key in self.raw]

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise PolicyError(self.at(key), "must be a text")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in choices:
            raise PolicyError(self.at(key), f"must be one of {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise PolicyError(self.at(key), "must be a list of texts")
        return tuple(value)

    def number(self, key: str) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise PolicyError(self.at(key), "must be a number of 0 or more")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.get(key) if self.has(key) else default
        if not isinstance(value, bool):
            raise PolicyError(self.at(key), "must be true or false")
        return value

    def day(self, key: str) -> date:
        value = self.get(key)
        if type(value) is not date:
            raise PolicyError(self.at(key), "must be a date")
        return value

    def finish(self) -> None:
        for key in self.raw:
            if key not in self.seen:
                raise PolicyError(self.at(key), "is not known")
