"""Files that are published under a version, and never edited after that.

What was decided names the version that it was decided by. Were the file of a version edited in place, an old decision
would be explained by other numbers, and nobody would notice. So the digest of every published file stands beside it in
`SHA256SUMS`, in the format of `sha256sum`, and whoever reads such a file has it checked. Pure; reads files only.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SUMS = "SHA256SUMS"


class NotPublishedError(ValueError):
    """A file that is not the one that was published under its name."""


@cache
def digests(root: Path) -> Mapping[str, str]:
    """The published files below a folder ("2026.1.toml", "again/2026.1.toml") with their digests; none without SUMS."""
    try:
        lines = (root / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {name.lstrip("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines if line.strip())}


def published_bytes(root: Path, name: str) -> bytes:
    """A published file. Raises NotPublishedError when it is not the one whose digest was recorded, OSError as usual."""
    found = (root / name).read_bytes()
    recorded = digests(root).get(name)
    if recorded is None:
        raise NotPublishedError(f"{name} is not in {SUMS}: a version is published by recording its digest there")
    if hashlib.sha256(found).hexdigest() != recorded:
        raise NotPublishedError(
            f"{name} was edited after it was published ({SUMS}): restore it, and make the change in a new version"
        )
    return found
