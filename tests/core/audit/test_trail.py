"""The trail is only ever added to, and one flipped byte is found (SEC-06, SEC-07)."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import record
from harmoniously.core.audit.verification import problems
from tests.cast import NOON


@pytest.fixture
def trail(patient: Patient, other_patient: Patient) -> list[AuditEvent]:
    events = [
        record(actor=patient.user, action="thing.viewed", now=NOON, subject=person, number=number)
        for number in range(3)
        for person in (patient, other_patient)
    ]
    return [*events, record(actor=SYSTEM, action="practice.tick", now=NOON)]


def tamper(sql: str, params: list[Any]) -> None:
    """What somebody with the database's own password could do: switch the trigger off first."""
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditevent disable trigger audit_auditevent_append_only")
        cursor.execute(sql, params)
        cursor.execute("alter table audit_auditevent enable trigger audit_auditevent_append_only")


def test_a_whole_trail_has_no_problems(trail: list[AuditEvent]) -> None:
    assert list(problems()) == []
    call_command("verify_audit")


@pytest.mark.parametrize(
    "sql",
    [
        "update audit_auditevent set action = 'x'",
        "delete from audit_auditevent",
        "update audit_statuschange set after = 'x'",
        "delete from audit_auditchain",
    ],
)
def test_the_database_refuses_changes(trail: list[AuditEvent], sql: str) -> None:
    from harmoniously.core.audit.models import StatusChange

    StatusChange.objects.create(subject="x", before="a", after="b", at=NOON, actor="system")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("column", ["payload", "action", "actor", "facts", "hash", "previous", "patient"])
def test_one_changed_value_is_found(trail: list[AuditEvent], column: str) -> None:
    changed = {
        "payload": "replace(payload, 'viewed', 'viewer')",
        "facts": "'{}'::jsonb",
        "patient": "gen_random_uuid()",
    }.get(column, f"'x' || substr({column}, 2)")
    tamper(f"update audit_auditevent set {column} = {changed} where id = %s", [trail[2].pk])
    assert list(problems())
    with pytest.raises(CommandError):
        call_command("verify_audit")


@pytest.mark.parametrize("which", [0, 2, 4, 6])
def test_a_missing_event_is_found_also_the_newest(trail: list[AuditEvent], which: int) -> None:
    tamper("delete from audit_auditevent where id = %s", [trail[which].pk])
    assert list(problems())


def test_an_event_without_a_named_actor_is_refused(db: None) -> None:
    with pytest.raises(TypeError):
        record(actor=None, action="x", now=NOON)  # type: ignore[arg-type]
