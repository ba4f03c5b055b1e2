from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.verification import problems


class Command(BaseCommand):
    """Exit 0 when the audit trail is whole; 1 and a sentence for each problem when it is not."""

    help = "Check every event of the audit trail against its hash chain."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for problem in problems():
            found += 1
            self.stderr.write(problem)
        if found:
            raise CommandError(f"The audit trail is not whole: {found} problem(s).", returncode=1)
        self.stdout.write(f"The audit trail is whole: {AuditEvent.objects.count()} events.")
