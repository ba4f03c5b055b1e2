from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import Patient

BATCH = 500


class Command(BaseCommand):
    """Run after PHI_KEYS got a new first key, and whenever the index may be behind. It may be stopped at any point."""

    help = "Write the index anew by which patients are found by name, telephone number and birth date."

    def handle(self, *args: Any, **options: Any) -> None:
        done, after = 0, None
        while batch := self._next(after):
            with transaction.atomic():
                # A row that somebody is changing at this moment is waited for, and read as it then is.
                done += index.keep_all(
                    Patient.objects.select_for_update(no_key=True).filter(pk__in=batch).order_by("pk")
                )
            after = batch[-1]
        self.stdout.write(f"The index is whole: {done} patients, {index.made_with()}.")

    @staticmethod
    def _next(after: Any) -> list[Any]:
        rows = Patient.objects.order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return list(rows.values_list("pk", flat=True)[:BATCH])
