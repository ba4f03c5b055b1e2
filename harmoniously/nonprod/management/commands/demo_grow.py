from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harmoniously.core.common import clock
from harmoniously.nonprod.seeding.copies import grow
from harmoniously.nonprod.seeding.services import is_seeded


class Command(BaseCommand):
    """Makes the invented practice as large as one likes, of copies of its patients."""

    help = "Copy the invented patients until there are as many as said; twenty clinicians care for them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("patients", type=int, nargs="?", default=2000)

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_seeded():
            raise CommandError("There is nobody to copy yet. Run make demo, or manage.py seed_demo, first.")
        self.stdout.write(f"There are {grow(patients=options['patients'], now=clock.now())} patients now.")
