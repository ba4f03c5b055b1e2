"""``manage.py messages``: bring the Spanish catalogue up to date with the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from harmoniously.nonprod.catalogue import upkeep


class Command(BaseCommand):
    """Takes in new texts, drops those that are gone, and compiles; says what still lacks its Spanish."""

    help = "Bring locale/es up to date: new texts in, old ones out, compiled. --check changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when something is out of date")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            upkeep.update()
        problems = upkeep.problems()
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} to mend in {upkeep.PO.relative_to(upkeep.ROOT)}, then: make messages")
        self.stdout.write("The Spanish catalogue is complete.")
