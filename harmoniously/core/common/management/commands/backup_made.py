from typing import Any

from django.core.management.base import BaseCommand

from harmoniously.core.common import signs


class Command(BaseCommand):
    """For the end of the script that backs the database up, once the copy is whole; System health shows its age."""

    help = "Write that a backup of the database was made just now."

    def handle(self, *args: Any, **options: Any) -> None:
        signs.give(signs.BACKUP)
        self.stdout.write("Written: a backup was made.")
