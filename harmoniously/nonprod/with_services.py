"""Run a command on a PostgreSQL and a Redis of its own: ``python -m harmoniously.nonprod.with_services -- pytest``.

Servers that DATABASE_URL and REDIS_URL name are used instead. Ends with the exit code of the command; leaves no process
and no file, also when interrupted.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from harmoniously.nonprod.runner.errors import Refusal
from harmoniously.nonprod.runner.services import throwaway


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """Where the command and everything it starts, or kills, leaves its temporary files; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="h-", ignore_cleanup_errors=True) as directory:
        # A demo that the command starts as root has a PostgreSQL that is not root; it must pass through.
        Path(directory).chmod(0o711)
        yield directory


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("Say what to run: python -m harmoniously.nonprod.with_services -- command …", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with throwaway() as services, _scratch() as scratch:
            return _run(command, {**os.environ, **services.environment, "TMPDIR": scratch})
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # A Ctrl-C went to the whole group already; a SIGTERM came to us alone.
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
