"""What goes wrong outside our code, in words for the person at the terminal."""

import errno
from pathlib import Path


class Refusal(Exception):
    """The runner cannot go on; the message says what is wrong and what to do."""


def explain(error: OSError, path: Path) -> Refusal:
    """The plain words for a failed write below ``path``."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Refusal(f"The disk is full: {path} cannot be written. Free some space and run the command again.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return Refusal(
            f"{path} cannot be written by this user. Run from a checkout that you own, or set DEMO_DIR to a "
            "directory that you may write."
        )
    return Refusal(f"{path}: {error.strerror or error}.")


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented, for the end of a message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
