"""The runner with real processes: PostgreSQL and Redis of its own, children that cannot outlive it."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from harmoniously.nonprod.runner import home as homes
from harmoniously.nonprod.runner import ports, postgres, processes, redis, services
from harmoniously.nonprod.runner.errors import Refusal
from harmoniously.nonprod.runner.supervisor import Supervisor
from tests.running_demo import CHECKOUT, clean_environment

pytestmark = pytest.mark.system


def _gone(pid: int, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes.alive(pid)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A directory with a space in its name that PostgreSQL's account may pass through."""
    for path in [tmp_path, *tmp_path.parents]:
        if path.owner() == Path.home().owner() and path.stat().st_mode & 0o111 != 0o111:
            path.chmod(path.stat().st_mode | 0o711)
    spaced = tmp_path / "a demo"
    spaced.mkdir()
    yield spaced
    # A server that was killed hard cannot remove the directory of its socket, which may lie in /tmp.
    shutil.rmtree(postgres.socket_directory(postgres.find_place(spaced / "postgres").data), ignore_errors=True)


def test_servers_run_in_a_path_with_spaces_and_find_their_data_again(directory: Path) -> None:
    first = services.launch(directory, directory / "log", {}, throwaway=True)
    try:
        with psycopg2.connect(first.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')")
        connection.close()
    finally:
        first.stop()
    again = services.launch(directory, directory / "log", {}, throwaway=True)
    try:
        connection = psycopg2.connect(again.environment["DATABASE_URL"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT word, current_setting('server_version_num')::int / 10000 FROM kept")
            assert cursor.fetchone() == ("here", 18)
        connection.close()
    finally:
        again.stop()


def test_a_server_killed_hard_starts_again_over_its_stale_lock(directory: Path) -> None:
    place = postgres.find_place(directory / "postgres")
    server = postgres.launch(place, directory / "log" / "postgres.log", throwaway=True)
    server.child.kill_group()
    assert (place.data / "postmaster.pid").exists()
    (place.data / "postmaster.pid").write_text(f"{os.getpid()}\n{place.data}\n1\n5432\n\n\n")
    again = postgres.launch(place, directory / "log" / "postgres.log", throwaway=True)
    again.stop()
    assert _gone(again.child.pid)


def test_given_addresses_are_used_and_nothing_is_started(directory: Path) -> None:
    given = {"DATABASE_URL": "postgresql://somewhere/else", "REDIS_URL": "redis://somewhere:1/0"}
    running = services.launch(directory, directory / "log", given)
    assert running.children() == []
    assert running.environment == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/none"},
            "The PostgreSQL of DATABASE_URL cannot be used",
        ),
        ({"REDIS_URL": "redis://:hidden@127.0.0.1:1/0"}, "The Redis of REDIS_URL cannot be used"),
    ],
)
def test_a_given_server_that_does_not_answer_is_named_without_its_password(given: dict[str, str], words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        services.check(given)
    assert "hidden" not in str(refusal.value)


def test_redis_refuses_whoever_lacks_the_password(directory: Path) -> None:
    server = redis.launch(directory / "redis", directory / "redis.log")
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            assert connection.recv(100).startswith(b"-NOAUTH")
        assert server.password not in processes.command_line(server.child.pid)
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends children with their parent")
def test_children_die_with_a_parent_that_is_killed_hard(directory: Path) -> None:
    script = """
        import shutil, sys, time
        from pathlib import Path
        from harmoniously.nonprod.runner.services import launch
        home = Path(sys.argv[1])
        running = launch(home, home / "log", {}, throwaway=True)
        # A Redis that cannot save does not end when it is asked to.
        shutil.rmtree(home / "redis")
        print(*[child.pid for child in running.children()], flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(directory)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(pids) == 2
    assert all(_gone(pid) for pid in pids)


def test_stopping_a_child_ends_what_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 300 & echo $! > grandchild; wait"
    child = processes.start(processes.Command("stubborn", ["sh", "-c", script], tmp_path / "log", cwd=tmp_path))
    while not (tmp_path / "grandchild").exists() or not (tmp_path / "grandchild").read_text().strip():
        time.sleep(0.02)
    began = time.monotonic()
    child.stop(seconds=0.3)
    assert time.monotonic() - began < 2
    assert _gone(child.pid)
    assert _gone(int((tmp_path / "grandchild").read_text()))


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    lines: list[str] = []
    supervisor = Supervisor(lines.append)
    try:
        supervisor.run(processes.Command("sleeper", ["sleep", "300"], tmp_path / "log"))
        first = supervisor.children[0].pid
        os.kill(first, signal.SIGKILL)
        supervisor.watch(1)
        assert supervisor.children[0].running()
        assert supervisor.children[0].pid != first
    finally:
        supervisor.stop()
    assert "sleeper ended" in lines[0]


def test_a_child_that_keeps_dying_ends_the_demo_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harmoniously.nonprod.runner.supervisor.RESTART_PAUSE_SECONDS", 0)
    supervisor = Supervisor(lambda _line: None)
    try:
        supervisor.run(processes.Command("broken", ["sh", "-c", "echo it is broken; exit 3"], tmp_path / "log"))
        with pytest.raises(Refusal, match=r"(?s)broken keeps ending \(code 3\).*it is broken"):
            supervisor.watch(20)
    finally:
        supervisor.stop()


def test_a_taken_port_is_said_in_plain_words() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refusal, match=f"Port {port} is taken by another program"):
            ports.listen("localhost", port)


def test_without_a_port_the_next_free_one_is_taken() -> None:
    first = ports.listen("127.0.0.1", None)
    second = ports.listen("127.0.0.1", None)
    numbers = [listeners[0].getsockname()[1] for listeners in (first, second)]
    for listener in (*first, *second):
        listener.close()
    assert numbers[0] != numbers[1]
    assert all(ports.FIRST_PORT <= number <= ports.LAST_PORT for number in numbers)


def test_a_second_demo_of_one_checkout_is_told_where_the_first_runs(tmp_path: Path) -> None:
    home = homes.find({"DEMO_DIR": str(tmp_path)})
    hold = homes.Hold(home)
    hold.note(url="http://localhost:8042")
    script = "import os, sys; from harmoniously.nonprod.runner import demo; sys.exit(demo.run(dict(os.environ), print))"
    second = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    hold.release()
    assert second.returncode == 1
    assert f"already runs at http://localhost:8042 (process {os.getpid()})" in second.stdout


def test_the_keys_are_made_once_and_private(tmp_path: Path) -> None:
    home = homes.find({"DEMO_DIR": str(tmp_path)})
    first = homes.keys(home)
    assert homes.keys(home) == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "The disk is full"), (errno.EACCES, "cannot be written by this user"), (errno.EIO, "Input/output")],
)
def test_a_disk_that_cannot_be_written_is_said_in_plain_words(
    number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(Refusal, match=words):
        homes.find({"DEMO_DIR": str(tmp_path / "new")})


def test_with_services_ends_with_the_commands_code_and_leaves_nothing() -> None:
    script = "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)"
    command = [sys.executable, "-m", "harmoniously.nonprod.with_services", "--", sys.executable, "-c", script]
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    result = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 7
    sockets = Path(result.stdout.split("host=")[1].strip())
    assert not sockets.parent.exists()
