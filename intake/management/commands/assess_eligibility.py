"""`manage.py assess_eligibility FILE …`: decide cases from files, without a database and without storing anything."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from intake.case import Case, CaseError
from intake.case_reader import parse_case
from intake.eligibility import assess
from intake.policy import PolicyError, load_policy

_BAD_INPUT = 2


class Command(BaseCommand):
    help = "Assess eligibility cases: one JSON decision per line, in the order of the files."
    # No database, no checks: a medical director runs this on a laptop.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a case as JSON; - reads standard input")
        parser.add_argument("--policy", metavar="FILE", help="another policy file (default: the current policy)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policy = load_policy(Path(options["policy"]) if options["policy"] else None)
        except PolicyError as error:
            self.stderr.write(f"{options['policy'] or 'policy'}: {error}")
            sys.exit(_BAD_INPUT)
        failed = False
        for name in options["files"]:
            try:
                case = _read(name)
            except CaseError as error:
                failed = True
                self.stderr.write(f"{name}: {error}")
                continue
            self.stdout.write(json.dumps(assess(case, policy).to_json()))
        if failed:
            sys.exit(_BAD_INPUT)


def _read(name: str) -> Case:
    try:
        text = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CaseError("$", f"cannot be read ({error.strerror})") from error
    return parse_case(text)
