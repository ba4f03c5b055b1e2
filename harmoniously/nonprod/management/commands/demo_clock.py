from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harmoniously.core.common import clock
from harmoniously.nonprod.time_travel import move


class Command(BaseCommand):
    """Shows or moves the time of the demo; web, worker and beat follow at once."""

    help = "Show the demo clock, or move it: demo_clock +1d, +90m, -- -2h (two dashes before a minus), or reset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("move", nargs="?", default="", help="+1d, +90m, -- -2h or reset")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["move"]:
            try:
                move(options["move"])
            except (ValueError, RuntimeError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"The demo's time is {clock.now():%Y-%m-%d %H:%M} UTC.")
