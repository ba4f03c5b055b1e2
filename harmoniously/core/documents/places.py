"""Where files from outside are looked at: few at a time on one machine, each in a folder that is always emptied.

Whoever looks at a file may be killed and cannot tidy up then, so the folder belongs to the process that started it. If
that one is killed too, the next one in the same place empties it, or the next process that starts. The locks are the
operating system's: they end with the process that holds them.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

# In memory where the machine has such a place: a letter never touches a disk unsealed.
MEMORY = Path("/dev/shm")  # noqa: S108
# [house] two files at once and two that wait: the other threads of a web server stay free for everybody else.
CLEANING = ("cleaning-1", "cleaning-2")
WAITING = ("waiting-1", "waiting-2")
SENDER = "sender-"
LONGEST_WAIT = 5.0  # seconds
_GLANCE = 0.1


class Busy(Exception):
    """No place became free: ``code`` is "busy" behind another file of the same sender, "full" behind others'."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def place(sender: str) -> Iterator[Path]:
    """A place to look at one file of a sender, with an empty folder of its own that is gone afterwards. Raises Busy."""
    root = _root()
    with ExitStack() as held:
        mine = _wait(held, root, [f"{SENDER}{hashlib.sha256(sender.encode()).hexdigest()[:32]}"], "busy")
        held.callback((root / mine).unlink, missing_ok=True)
        folder = root / f"{_wait(held, root, CLEANING, 'full')}.files"
        _empty(folder)
        held.callback(_empty, folder)
        folder.mkdir(mode=0o700)
        # Its name is new each time: nobody who was left over from before can find this file.
        yield Path(tempfile.mkdtemp(dir=folder))


def tidy() -> None:
    """Remove what somebody who was killed left behind, where nobody works now."""
    with suppress(OSError):  # a machine without room for it still starts; ``place`` says so when it matters
        root = _root()
        for name in CLEANING:
            with ExitStack() as held:
                if _take(held, root, [name]):
                    _empty(root / f"{name}.files")
        for lock in root.glob(f"{SENDER}*"):
            with ExitStack() as held:
                if _take(held, root, [lock.name]):
                    lock.unlink(missing_ok=True)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    memory = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    root = memory / f"harmoniously-{os.geteuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{root} belongs to somebody else, or others can open it.")
    return root


def _wait(held: ExitStack, root: Path, names: Sequence[str], code: str) -> str:
    """Take one of these for as long as ``held`` lasts; when none is free wait a little, if there is room to wait."""
    if found := _take(held, root, names):
        return found
    with ExitStack() as waiting:
        until = time.monotonic() + LONGEST_WAIT
        if _take(waiting, root, WAITING):
            while time.monotonic() < until:
                time.sleep(_GLANCE)
                if found := _take(held, root, names):
                    return found
    raise Busy(code)


def _take(held: ExitStack, root: Path, names: Sequence[str]) -> str:
    for name in names:
        file = os.open(root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        if not os.fstat(file).st_nlink:  # somebody removed it while we opened it
            os.close(file)
            continue
        held.callback(os.close, file)
        return name
    return ""
