"""`manage.py policy_diff OLD NEW`: which stored decisions would change under another policy version. Writes nothing."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from harmoniously.core.common.encryption import DecryptionError
from intake.case import CaseError
from intake.models import EligibilityDecision
from intake.policy import Policy, PolicyError, find_policy
from intake.policy_diff import Change, Mark, Tally, compare, place_of
from intake.selectors import stored_decisions

_WOULD_CHANGE, _TROUBLE = 1, 2


class Command(BaseCommand):
    help = (
        "Show which stored decisions would change from one policy version to another: ids, outcomes and codes, never "
        "an answer or a name. Exit 0, 2 when a policy cannot be used or stored facts cannot be read."
    )
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="OLD", help="a version, such as 2026.1, or a policy file")
        parser.add_argument("new", metavar="NEW", help="a version or a policy file")
        parser.add_argument("--json", action="store_true", help="one JSON document, one decision per line")
        parser.add_argument("--current", action="store_true", help="only the decisions that count today")
        parser.add_argument("--exit-code", action="store_true", help="exit 1 when a decision would change")

    def handle(self, *args: Any, **options: Any) -> None:
        old, new = self._policy(options["old"]), self._policy(options["new"])
        report = _Json(self.stdout, old, new) if options["json"] else _Text(self.stdout, old, new)
        tally = Tally()
        with _reading():
            for row in stored_decisions(current=options["current"]):
                _look_at(row, old, new, report, tally)
        report.end(tally)
        if tally.unreadable:
            sys.exit(_TROUBLE)
        if tally.changed and options["exit_code"]:
            sys.exit(_WOULD_CHANGE)

    def _policy(self, name: str) -> Policy:
        try:
            return find_policy(name)
        except PolicyError as error:
            self.stderr.write(f"{name}: {error}")
            sys.exit(_TROUBLE)


def _look_at(row: EligibilityDecision, old: Policy, new: Policy, report: "_Report", tally: Tally) -> None:
    tally.decisions += 1
    try:
        change = compare(row.facts, old, new)
    except (CaseError, DecryptionError, ValueError) as error:
        tally.unreadable += 1
        report.unreadable(str(row.pk), place_of(error))
        return
    tally.add(change)
    tally.not_reproduced += row.policy_version == old.version and row.outcome != change.old.value
    if change:
        report.changed(str(row.pk), change)


@contextmanager
def _reading() -> Iterator[None]:
    """One look at the database in which nothing can be written."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


class _Out(Protocol):
    def write(self, msg: str) -> Any: ...


class _Report(Protocol):
    def changed(self, pk: str, change: Change) -> None: ...
    def unreadable(self, pk: str, place: str) -> None: ...
    def end(self, tally: Tally) -> None: ...


class _Text:
    """For a person at a terminal."""

    def __init__(self, out: _Out, old: Policy, new: Policy) -> None:
        self.out = out
        out.write(f"Policy {old.version} -> {new.version}")

    def changed(self, pk: str, change: Change) -> None:
        self.out.write(f"{pk}  {change.old} -> {change.new}")
        for sign, marks in (("+", change.appears), ("-", change.vanishes)):
            for mark in marks:
                self.out.write(f"  {sign} {mark.tier} {mark.code} about {mark.about}")

    def unreadable(self, pk: str, place: str) -> None:
        self.out.write(f"{pk}  cannot be read: {place}")

    def end(self, tally: Tally) -> None:
        self.out.write(
            f"{tally.decisions:,} decisions: {tally.changed:,} would change, {sum(tally.outcomes.values()):,} of them "
            f"in the outcome; {tally.unreadable:,} cannot be read; {tally.not_reproduced:,} differ from what their own "
            "version gives now."
        )
        for sign, counts in (("", tally.outcomes), ("+ ", tally.appears), ("- ", tally.vanishes)):
            for what, count in counts.most_common():
                self.out.write(f"  {count:>7,}  {sign}{what}")


class _Json:
    """For a program: one document, written as the decisions come."""

    def __init__(self, out: _Out, old: Policy, new: Policy) -> None:
        self.out = out
        self.rows = 0
        out.write(f'{{"old": {json.dumps(old.version)}, "new": {json.dumps(new.version)}, "decisions": [')

    def _row(self, row: dict[str, Any]) -> None:
        self.out.write(f"{',' if self.rows else ' '}{json.dumps(row)}")
        self.rows += 1

    def changed(self, pk: str, change: Change) -> None:
        self._row(
            {
                "decision": pk,
                "old": change.old.value,
                "new": change.new.value,
                "appears": [_mark(mark) for mark in change.appears],
                "vanishes": [_mark(mark) for mark in change.vanishes],
            }
        )

    def unreadable(self, pk: str, place: str) -> None:
        self._row({"decision": pk, "cannot_be_read": place})

    def end(self, tally: Tally) -> None:
        self.out.write(f'], "tally": {json.dumps(tally.to_json())}}}')


def _mark(mark: Mark) -> dict[str, str]:
    return {"tier": mark.tier, "code": mark.code, "about": mark.about}
