"""``manage.py demo``: the whole practice under one foreground command."""

import contextlib
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from harmoniously.nonprod.runner import demo


class Command(BaseCommand):
    help = "Start PostgreSQL, Redis, web, worker and beat with invented people; Ctrl-C stops everything."
    # Checks need the database that this command is about to start.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that started this one ends"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        code = demo.run(dict(os.environ), self._say, parent=os.getppid() if options["with_parent"] else None)
        if code:
            sys.exit(code)

    def _say(self, line: str) -> None:
        # The terminal may be gone already, and the children must be ended all the same.
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()
