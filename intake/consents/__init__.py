"""The consent texts: one dated folder per version, one Markdown file per kind. A signed version is never edited.

The texts are drafts for the practice's counsel; the software keeps which one was signed.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CURRENT = "2026.1"
KINDS = ("treatment", "telehealth", "privacy", "payment")


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or one list."""

    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text: heading, paragraphs and lists, and the hash of the file's words."""

    kind: str
    version: str
    heading: str
    body: tuple[Block, ...]
    text: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the whole text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@lru_cache(maxsize=32)
def load(kind: str, version: str = CURRENT) -> ConsentText:
    """A text by kind and version; KeyError for an unknown kind, FileNotFoundError for an unknown version."""
    if kind not in KINDS:
        raise KeyError(kind)
    text = (Path(__file__).parent / version / f"{kind}.md").read_text(encoding="utf-8").strip()
    heading, body = parse(text)
    return ConsentText(kind, version, heading, body, text)


def parse(text: str) -> tuple[str, tuple[Block, ...]]:
    """Heading and blocks of a text: only "# ", "- " and empty lines mean anything in it."""
    heading, *blocks = text.split("\n\n")
    return heading.removeprefix("# "), tuple(_block(block) for block in blocks)


def _block(block: str) -> Block:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        return Block(items=tuple(line.removeprefix("- ") for line in lines))
    return Block(text=" ".join(lines))


def texts(version: str = CURRENT) -> tuple[ConsentText, ...]:
    """Every text of a version, in the order in which they are read."""
    return tuple(load(kind, version) for kind in KINDS)
