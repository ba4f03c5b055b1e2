#!/usr/bin/env python
"""Run a management command of Harmoniously."""

import json
import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent


def _join_running_demo() -> None:
    """Use the addresses of the demo that runs in another terminal, so that its clock can be moved from here."""
    published = Path(os.environ.get("DEMO_DIR") or CHECKOUT / ".demo") / "environment.json"
    if os.access(published, os.R_OK):
        for name, value in json.loads(published.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")
    if "DATABASE_URL" not in os.environ and "DJANGO_ENV" not in os.environ and sys.argv[1:2] != ["demo"]:
        _join_running_demo()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
