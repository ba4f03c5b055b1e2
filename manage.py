#!/usr/bin/env python
"""Run a management command of Harmoniously."""

import json
import os
import sys
from pathlib import Path

RUNNING_DEMO = Path(__file__).resolve().parent / ".demo" / "environment.json"


def _join_running_demo() -> None:
    """Use the addresses of the demo that runs in another terminal, so that its clock can be moved from here."""
    if RUNNING_DEMO.is_file() and os.access(RUNNING_DEMO, os.R_OK):
        for name, value in json.loads(RUNNING_DEMO.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")
    if "DATABASE_URL" not in os.environ and "DJANGO_ENV" not in os.environ and sys.argv[1:2] != ["demo"]:
        _join_running_demo()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
