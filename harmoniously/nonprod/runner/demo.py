"""`make demo`: servers, migrations, people, then web, worker and beat, until Ctrl-C."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harmoniously.nonprod.runner import home as homes
from harmoniously.nonprod.runner import ports, services
from harmoniously.nonprod.runner.errors import Refusal, tail
from harmoniously.nonprod.runner.processes import Command, start
from harmoniously.nonprod.runner.supervisor import Stopped, Supervisor

READY_SECONDS = 60
PREPARE_SECONDS = 600
LOOPBACK = "localhost"
WEB_WORKERS = "2"
WEB_THREADS = "4"


@dataclass
class Demo:
    """One run of the demo: what it holds and where it answers."""

    given: dict[str, str]
    say: Callable[[str], None]
    home: homes.Home
    supervisor: Supervisor
    listeners: list[socket.socket] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    servers: services.Services = field(default_factory=services.Services)
    url: str = ""

    def listen(self) -> None:
        """Take the web address at once, so that a taken port is said before anything else is started."""
        host = self.given.get("DEMO_HOST") or LOOPBACK
        port = _port(self.given.get("PORT"))
        self.listeners = ports.listen(host, port)
        shown = LOOPBACK if host in {"0.0.0.0", "::"} else host  # noqa: S104
        number = self.listeners[0].getsockname()[1]
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{number}"

    def start_servers(self) -> None:
        """PostgreSQL and Redis, or the given ones."""
        services.check(self.given)
        running = self.servers = services.launch(self.home.root, self.home.logs, self.given)
        self.supervisor.adopt(running.children())
        for note in running.notes:
            self.say(note)
        self.environment = {
            **self.given,
            **homes.keys(self.home),
            **running.environment,
            "DJANGO_ENV": "development",
            "DEMO_CLOCK_FILE": str(self.home.clock),
            "PUBLIC_BASE_URL": self.url,
            "STATIC_ROOT": str(self.home.static),
            "ALLOWED_HOSTS": self._allowed_hosts(),
            # The pinned zone database, not the machine's.
            "PYTHONTZPATH": "",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": self.given.get("PYTHONDONTWRITEBYTECODE", ""),
        }
        names = ("DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "DEMO_CLOCK_FILE", "PUBLIC_BASE_URL", "ALLOWED_HOSTS")
        published = {name: self.environment[name] for name in (*names, "SECRET_KEY", "PHI_KEYS", "PYTHONTZPATH")}
        homes.publish(self.home, published)

    def _allowed_hosts(self) -> str:
        host = self.given.get("DEMO_HOST") or LOOPBACK
        if host in {"0.0.0.0", "::"}:  # noqa: S104
            return "*"
        return ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", "testserver", host]))

    def prepare(self) -> None:
        """Migrations, and the demo's people when the database is empty."""
        log = self.home.logs / "prepare.log"
        log.unlink(missing_ok=True)
        child = start(Command("prepare", _python("manage.py", "demo_prepare"), log, self.environment, homes.CHECKOUT))
        try:
            finished = child.wait_stopped(PREPARE_SECONDS)
        finally:
            child.kill_group()
        if not finished or child.process.returncode:
            raise Refusal(f"The database could not be prepared. The end of {log}:\n{tail(log, 20)}")

    def start_application(self) -> None:
        """Web, worker and beat."""
        descriptors = tuple(listener.fileno() for listener in self.listeners)
        binds = [word for number in descriptors for word in ("--bind", f"fd://{number}")]
        web = ["-m", "gunicorn", "harmoniously.wsgi:application", *binds, "--workers", WEB_WORKERS]
        web += [
            "--threads",
            WEB_THREADS,
            "--preload",
            "--graceful-timeout",
            "5",
            "--timeout",
            "60",
            "--no-control-socket",
        ]
        celery = ["-m", "celery", "-A", "harmoniously.celery"]
        worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        worker += ["--hostname", f"demo-{os.getpid()}@%h"]
        beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile", "", "--schedule", str(self.home.root / "beat")]
        self.supervisor.run(self._command("web", web, descriptors))
        self.supervisor.run(self._command("worker", worker))
        self.supervisor.run(self._command("beat", beat))

    def _command(self, name: str, arguments: list[str], descriptors: tuple[int, ...] = ()) -> Command:
        log = self.home.logs / f"{name}.log"
        return Command(name, _python(*arguments), log, self.environment, homes.CHECKOUT, pass_fds=descriptors)

    def wait_until_ready(self) -> None:
        """Watch the children until the site answers."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.supervisor.watch(0.2)
            if _answers(self.listeners[0]):
                return
        log = self.home.logs / "web.log"
        raise Refusal(f"The site did not answer within {READY_SECONDS} s. The end of {log}:\n{tail(log)}")

    def close(self) -> None:
        self.supervisor.stop()
        self.servers.clean_up()
        homes.unpublish(self.home)
        for listener in self.listeners:
            listener.close()


def run(given: dict[str, str], say: Callable[[str], None], *, parent: int | None = None) -> int:
    """The whole demo, in the foreground, until a signal or the end of ``parent``; the exit code for the shell."""
    began = time.monotonic()
    try:
        home = homes.find(given)
        hold = homes.Hold(home)
    except Refusal as refusal:
        say(str(refusal))
        return 1
    demo = Demo(given, say, home, Supervisor(say, parent=parent))
    try:
        return _run(demo, hold, began)
    except Stopped:
        say("Stopping …")
        demo.close()
        say("Stopped. The data is kept; make demo goes on with it, make demo-reset starts over.")
        return 0
    except Refusal as refusal:
        say(str(refusal))
        return 1
    finally:
        demo.close()
        hold.release()


def _run(demo: Demo, hold: homes.Hold, began: float) -> int:
    demo.listen()
    own = [name for name, key in (("PostgreSQL", "DATABASE_URL"), ("Redis", "REDIS_URL")) if not demo.given.get(key)]
    demo.say(f"Starting {' and '.join(own)} …" if own else "Using the PostgreSQL and Redis that the environment names.")
    demo.start_servers()
    demo.say("Preparing the database …")
    demo.prepare()
    demo.say("Starting web, worker and beat …")
    demo.start_application()
    demo.wait_until_ready()
    hold.note(url=demo.url)
    for line in _welcome(demo, time.monotonic() - began):
        demo.say(line)
    demo.supervisor.watch()
    return 0


def _welcome(demo: Demo, seconds: float) -> list[str]:
    return [
        "",
        f"  Harmoniously runs at {demo.url}/  (ready after {seconds:.0f} s)",
        f"  Be somebody:          {demo.url}/demo/          patient, prescriber, therapist, coordinator, administrator",
        f"  Messages sent:        {demo.url}/demo/mailbox/",
        f"  Logs:                 {demo.home.logs}",
        "  Move the clock:       .venv/bin/python manage.py demo_clock +1d",
        "",
        "  Ctrl-C stops everything.",
        "",
    ]


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Refusal(f"PORT={text} is not a port. Use a number from 1024 to 65535.")
    return int(text)


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _answers(listener: socket.socket) -> bool:
    host, port = listener.getsockname()[:2]
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(loopback, port, timeout=5)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def manage(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """One management command in a demo's environment; its output is captured."""
    command = _python("manage.py", *arguments)
    return subprocess.run(
        command, env=environment, cwd=homes.CHECKOUT, capture_output=True, text=True, check=False, timeout=120
    )
