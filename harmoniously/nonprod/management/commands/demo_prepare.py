"""``manage.py demo_prepare``: migrate, fill an empty database with the demo's people, have a visit begin soon."""

import os
from contextlib import nullcontext
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.nonprod.fresh import migrating_quickly
from harmoniously.nonprod.seeding.soon import have_visit_soon

SEED = "seed_demo"


class Command(BaseCommand):
    help = "Bring the demo's database up to date; seed it when it has no people yet; have a visit begin soon."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        empty = not connection.introspection.table_names()
        with migrating_quickly() if empty else nullcontext():
            call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        if os.environ.get("DEMO_SEED") == "no" or SEED not in get_commands():
            return
        if not User.objects.exists():
            # All or nothing: a run that is interrupted here seeds again the next time.
            with transaction.atomic():
                call_command(SEED, stdout=self.stdout)
        have_visit_soon(clock.now())
