from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harmoniously.nonprod.seeding.services import SEED, is_seeded, seed


class Command(BaseCommand):
    """Fills an empty database with the invented practice and its patients."""

    help = "Invent a practice with some forty patients in every state of the journey."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another number gives other people")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_seeded():
            raise CommandError("There are people already. Use make demo-reset to start over.")
        self.stdout.write(f"Invented {seed(number=options['seed'])} patients.")
