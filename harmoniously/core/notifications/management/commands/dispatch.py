"""Send what is due from the outbox, once or in a loop, without Celery."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from harmoniously.core.common import clock
from harmoniously.core.notifications.dispatch import tick


class Command(BaseCommand):
    """`manage.py dispatch` sends once; `--loop` goes on every ten seconds until it is told to stop."""

    help = "Send the messages that are due."
    # It must start at once, and even where a page is broken.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until interrupted; finishes what is being sent")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between rounds (default 10)")
        parser.add_argument("--channel", choices=["email", "sms"], default=None)

    def handle(self, *args: Any, loop: bool, every: float, channel: str | None, **options: Any) -> None:
        stop = threading.Event()
        if loop:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            tally = tick(now=clock.now(), channel=channel, stop=stop.is_set)
            if tally:
                self.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(tally.items())))
            if not loop:
                return
            stop.wait(every)
