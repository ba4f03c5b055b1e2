"""The directory .demo: who holds it, the secrets made once, and the addresses of the demo that runs now."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harmoniously.nonprod.runner import postgres
from harmoniously.nonprod.runner.errors import Refusal, explain

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Home:
    """Where one demo keeps everything it writes."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def static(self) -> Path:
        """Empty: the demo serves static files from where they lie, but the server wants the directory."""
        return self.root / "static"

    @property
    def clock(self) -> Path:
        return self.root / "clock"

    @property
    def environment(self) -> Path:
        """The variables of the running demo, so that manage.py in another terminal finds it; absent when none runs."""
        return self.root / "environment.json"


def find(environment: dict[str, str]) -> Home:
    """The directory that DEMO_DIR names, else .demo in the checkout; made when missing."""
    home = Home(Path(environment.get("DEMO_DIR") or CHECKOUT / ".demo").absolute())
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        home.logs.mkdir(exist_ok=True)
        home.static.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            # PostgreSQL, which is not root when we are, must pass through it.
            home.root.chmod(0o711)
    except OSError as error:
        raise explain(error, home.root) from error
    return home


class Hold:
    """An exclusive hold on a home. The kernel drops it with the process, so a killed run leaves no stale lock."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / "lock"
        try:
            self._file: IO[str] = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise explain(error, self._path) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            raise Refusal(_already_runs(self._file.read())) from error
        self.note(url="")

    def note(self, *, url: str) -> None:
        """Write down where the demo answers, for whoever starts a second one."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()

    def release(self) -> None:
        self._file.close()


def _already_runs(text: str) -> str:
    try:
        holder = json.loads(text)
        pid, url = int(holder["pid"]), str(holder["url"])
    except (ValueError, KeyError, TypeError):
        return "The demo of this checkout already runs. Stop it first (Ctrl-C in its terminal)."
    where = f"at {url}" if url else "and is just starting"
    return f"The demo of this checkout already runs {where} (process {pid}). Stop it with Ctrl-C there, or: kill {pid}"


def keys(home: Home) -> dict[str, str]:
    """SECRET_KEY and PHI_KEYS of this demo, made once and readable by its owner only."""
    path = home.root / "secrets.env"
    try:
        if not path.exists():
            ring = base64.b64encode(os.urandom(32)).decode()
            text = f"SECRET_KEY={secrets.token_urlsafe(64)}\nPHI_KEYS=demo:{ring}\n"
            _write_private(path, text)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise explain(error, path) from error
    return dict(line.split("=", 1) for line in lines if "=" in line)


def publish(home: Home, environment: dict[str, str]) -> None:
    """Write the variables of the running demo for manage.py in another terminal."""
    try:
        _write_private(home.environment, json.dumps(environment, indent=1))
    except OSError as error:
        raise explain(error, home.environment) from error


def _write_private(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def unpublish(home: Home) -> None:
    with contextlib.suppress(OSError):
        home.environment.unlink(missing_ok=True)


def reset(home: Home) -> None:
    """Remove everything the demo wrote; Refusal while it runs."""
    hold = Hold(home)
    data = postgres.aside(home.root / "postgres")
    try:
        if data.exists():
            shutil.rmtree(data)
        shutil.rmtree(home.root)
    except OSError as error:
        raise explain(error, home.root) from error
    finally:
        hold.release()
