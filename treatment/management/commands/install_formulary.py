"""Adds the products of the starting formulary that are missing; changes none that is there."""

from typing import Any

from django.core.management.base import BaseCommand

from harmoniously.core.common import clock
from treatment.services.formulary import install_formulary


class Command(BaseCommand):
    help = "Add the products of the starting formulary that are missing (the nasal spray is added switched off)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        rows = install_formulary(now=clock.now())
        self.stdout.write(f"The formulary holds {len(rows)} products of the starting list.")
