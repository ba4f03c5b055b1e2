"""``manage.py demo_reset``: forget everything the demo wrote."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harmoniously.nonprod.runner import home
from harmoniously.nonprod.runner.errors import Refusal


class Command(BaseCommand):
    help = "Remove the demo's database, queue, logs, clock and secrets; refused while the demo runs."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            home.reset(home.find(dict(os.environ)))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("The demo starts over the next time.")
