"""A course of treatment that the services built once in this process, put back as the rows that they wrote.

A session that is ready to begin takes 230 queries to build and one to put back. The rows are those that the services
wrote, to the byte; the audit trail is written anew by the database's own trigger.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.db.models import AutoField, Model

Row = dict[str, Any]
# Table -> key -> row.
Rows = dict[str, dict[str, Row]]
# Signing in changes nothing about a treatment.
OF_SIGNING_IN = {"django_session", "accounts_user", "account_emailaddress", "mfa_authenticator"}
# Written by the trigger: the head of a chain, and each event's place in its chain.
CHAIN, EVENTS, BY_TRIGGER = "audit_auditchain", "audit_auditevent", {"id", "position", "previous", "hash"}


class Remembered:
    """The states of one course, each as the statements that lead to it."""

    def __init__(self, begin: Callable[[], Any], states: Iterable[str], at: datetime) -> None:
        """Build the beginning and, from there, every state by its method; take everything back."""
        self.statements: dict[str, str] = {}
        with transaction.atomic(), time_machine.travel(at, tick=False):
            before = _rows()
            case = begin()
            begun = _rows()
            self.statements["begun"] = _difference(before, begun)
            for state in states:
                with transaction.atomic():
                    getattr(case, state)()
                    self.statements[state] = _difference(begun, _rows())
                    transaction.set_rollback(True)
            transaction.set_rollback(True)

    def put_back(self, state: str) -> None:
        """Write the rows of that state, in the state in which it began."""
        with connection.cursor() as cursor:
            cursor.execute(self.statements[state])


def written() -> int:
    """How many rows this transaction has written that a treatment could depend on."""
    names = [name for name in _models() if not name.startswith("audit_")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = ANY(%s)",
            [names],
        )
        return int(cursor.fetchone()[0])


def _models() -> dict[str, type[Model]]:
    found = {model._meta.db_table: model for model in apps.get_models()}
    return {table: found[table] for table in sorted(found.keys() - OF_SIGNING_IN - {CHAIN})}


def _rows() -> Rows:
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, model in _models().items():
            key = model._meta.pk.column
            cursor.execute(f"""SELECT coalesce(jsonb_object_agg("{key}", to_jsonb(t)), '{{}}') FROM "{table}" t""")
            found[table] = json.loads(cursor.fetchone()[0])
    return found


def _difference(before: Rows, after: Rows) -> str:
    # The rows of one moment refer to one another: a replica checks no order.
    statements = ["SET LOCAL session_replication_role = replica"]
    for table, model in _models().items():
        assert before[table].keys() <= after[table].keys(), f"{table}: a row that went away cannot be put back"
        rows = [row for key, row in after[table].items() if before[table].get(key) != row]
        if rows and table != EVENTS:
            statements.append(_insert(model, rows))
    statements.append("SET LOCAL session_replication_role = origin")
    events = [row for key, row in after[EVENTS].items() if key not in before[EVENTS]]
    if events:
        statements.append(_insert(_models()[EVENTS], sorted(events, key=lambda row: row["id"]), BY_TRIGGER))
    return "; ".join(statements)


def _insert(model: type[Model], rows: list[Row], leave: Iterable[str] = ()) -> str:
    table, key = model._meta.db_table, model._meta.pk
    counted = isinstance(key, AutoField)
    columns = [name for name in rows[0] if name not in leave and not (counted and name == key.column)]
    names = ", ".join(f'"{name}"' for name in columns)
    text = json.dumps(rows).replace("'", "''")
    statement = f"""INSERT INTO "{table}" ({names}) SELECT {names}
        FROM jsonb_populate_recordset(NULL::"{table}", '{text}')"""
    if counted:
        return statement
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    return f'{statement} ON CONFLICT ("{key.column}") DO UPDATE SET {changes}'
