"""The consent texts: one dated folder per version, one Markdown file per kind. A signed version is never edited.

The texts are drafts for the practice's counsel (docs/consent.md); the software keeps which words were signed. In a
file only "# ", "## ", "- " and empty lines mean anything. Its first section, "## In short", is the plain summary. What
belongs to a version but is not signed (from when it holds, what is new, the questions) is in `version.toml` beside it.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent / "texts"
KINDS = ("treatment", "telehealth", "privacy", "payment")
# The kind whose text is followed by the questions.
ASKED_ABOUT = "treatment"
SUMMARY = "In short"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, one paragraph, or one list."""

    text: str = ""
    items: tuple[str, ...] = ()
    heading: bool = False


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text of one version: what is read first, the whole of it, and the hash of the file's words."""

    kind: str
    version: str
    language: str
    heading: str
    summary: tuple[str, ...]
    body: tuple[Block, ...]
    changes: tuple[str, ...]
    text: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the whole text, summary included."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """One question about what was read. Options count from 1, as people see them."""

    key: str
    prompt: str
    options: tuple[str, ...]
    right: int
    explain: str


def parse(text: str) -> tuple[str, tuple[str, ...], tuple[Block, ...]]:
    """Heading, summary and the rest of a text; the summary is empty in texts from before there was one."""
    heading, *given = text.strip().split("\n\n")
    blocks = [_block(block.strip("\n")) for block in given]
    summary: tuple[str, ...] = ()
    if len(blocks) > 1 and blocks[0] == Block(SUMMARY, heading=True):
        summary, blocks = blocks[1].items, blocks[2:]
    return heading.removeprefix("# "), summary, tuple(blocks)


def _block(block: str) -> Block:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        return Block(items=tuple(line.removeprefix("- ") for line in lines))
    if block.startswith("## "):
        return Block(text=block.removeprefix("## "), heading=True)
    return Block(text=" ".join(lines))


@lru_cache(maxsize=64)
def _read(root: Path, kind: str, version: str) -> ConsentText:
    text = (root / version / f"{kind}.md").read_text(encoding="utf-8").strip()
    heading, summary, body = parse(text)
    changes = tuple(_facts(root, version).get("changes", {}).get(kind, ()))
    return ConsentText(kind, version, "en", heading, summary, body, changes, text)


@lru_cache(maxsize=64)
def _facts(root: Path, version: str) -> Mapping[str, Any]:
    return tomllib.loads((root / version / "version.toml").read_text(encoding="utf-8"))


def load(kind: str, version: str) -> ConsentText:
    """A text by kind and version; KeyError for an unknown kind, FileNotFoundError for an unknown version."""
    if kind not in KINDS:
        raise KeyError(kind)
    return _read(ROOT, kind, version)


def current(kind: str, on: date) -> ConsentText:
    """The text of a kind that is to be signed on a day: the newest that holds by then. KeyError for an unknown kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    held = [name for effective, name in _versions(ROOT) if effective <= on and (ROOT / name / f"{kind}.md").is_file()]
    # Before the first day of the first version nothing else is there to be signed.
    return load(kind, held[-1] if held else _versions(ROOT)[0][1])


@lru_cache(maxsize=8)
def _versions(root: Path) -> tuple[tuple[date, str], ...]:
    folders = [entry.name for entry in root.iterdir() if (entry / "version.toml").is_file()]
    return tuple(sorted((_facts(root, name)["effective"], name) for name in folders))


def versions() -> tuple[tuple[date, str], ...]:
    """Every version with the day from which it holds, the oldest first."""
    return _versions(ROOT)


def has(kind: str, version: str) -> bool:
    """Whether a version brought this kind anew; where it did not, the one before holds on."""
    return (ROOT / version / f"{kind}.md").is_file()


def all_current(on: date) -> dict[str, ConsentText]:
    """Every text to be signed on a day, in the order in which they are read."""
    return {kind: current(kind, on) for kind in KINDS}


def questions(version: str) -> tuple[Question, ...]:
    """The questions that belong to the treatment text of a version; none before they were introduced.

    Raises ValueError for a question that has no right option: nobody could ever pass it.
    """
    found = []
    for row in _facts(ROOT, version).get("questions", ()):
        question = Question(row["key"], row["prompt"], tuple(row["options"]), row["right"], row["explain"])
        if not 1 <= question.right <= len(question.options):
            raise ValueError(f"The question {question.key} of {version} has no right option.")
        found.append(question)
    return tuple(found)
