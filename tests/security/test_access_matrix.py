"""Every address, every person, every method: the table's answer (SEC-01, BUG-01, BUG-02, BUG-16, BUG-26).

Whoever gets as far as a view, and one of those whom a door turns away alike, ask over HTTP; the door itself is asked
for every role and both methods; and what is neither GET nor POST is refused before it is known who asks.
"""

import logging
from collections import defaultdict
from contextlib import nullcontext

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from harmoniously.core.accounts.roles import Role
from tests.security import clinical
from tests.security.access_table import COLUMNS, PUBLIC, TABLE
from tests.security.addresses import all_addresses, answer_of, path_of
from tests.security.crawl import is_crawled
from tests.security.history import PEOPLE, WORDS, undone

pytestmark = pytest.mark.django_db
REFUSED = {"login", "403", "404", "405"}
# Addresses without a record behind them that some staff may see and others not are tried by fewer people.
WITHOUT_PATIENT = (
    *(f"admin:{app}_" for app in ("accounts", "treatment", "telemedicine", "alerts", "notifications", "billing")),
    *("/admin/", "account_", "mfa_"),
)
ROLES = {
    "patient": Role.PATIENT,
    "other": Role.PATIENT,
    "coordinator": Role.COORDINATOR,
    "prescriber_out": Role.PRESCRIBER,
    "prescriber_in": Role.PRESCRIBER,
    "therapist": Role.THERAPIST,
    "administrator": Role.ADMINISTRATOR,
}
FEWER = ("anonymous", "patient", "coordinator", "prescriber_in", "therapist", "administrator")


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of refusals are what is wanted here, not news."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def people_for(address):
    name = address.name
    if name in PUBLIC or name == "mfa_login_webauthn":  # its rate is limited for each address
        return ("anonymous",)
    keyed = {"pk", "patient_id"} & set(address.kwargs)
    return PEOPLE if keyed and not name.startswith(WITHOUT_PATIENT) else FEWER


def refused_at_the_door(address):
    """Whom the door in front of the view turns away for their role; the others are answered by what the view finds."""
    return [who for who in PEOPLE if who in ROLES and ROLES[who] not in address.open_to]


def who_tries(address, method, turn):
    """Everybody, but only one of those whom one door refuses with one answer, or for whom the page has no such method:
    at each address it is another.
    """
    alike = defaultdict(list)
    for who in people_for(address):
        answer = TABLE[address.name][method][PEOPLE.index(who)]
        alike[answer if who in refused_at_the_door(address) or answer == "405" else who].append(who)
    return [people[turn % len(people)] for people in alike.values()]


def spared(address, who, turn):
    """The door is in front of both methods: whom it gives the same answer for both tries one, by turns.

    Whoever is not signed in is turned away there as well.
    """
    row, place = TABLE[address.name], PEOPLE.index(who)
    behind = who in refused_at_the_door(address) or (who == "anonymous" and address.open_to != frozenset(Role))
    return ("get", "post")[turn % 2] if behind and row["get"][place] == row["post"][place] else None


def kept_in(queries):
    def run(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    return run


def test_every_address_has_a_row_and_every_row_an_address():
    names = [address.name for address in all_addresses()]
    assert sorted(names) == sorted(TABLE), "a new address needs a row in tests/security/access_table.py"


def test_the_columns_are_the_people():
    assert COLUMNS == PEOPLE
    assert all(len(row[method]) == len(PEOPLE) for row in TABLE.values() for method in row)


def test_visitors_get_answers_only_from_the_list_of_public_addresses():
    """SEC-01: the list is frozen here; whoever opens an address to everybody changes it on purpose."""
    open_to_all = {name for name, row in TABLE.items() if {row["get"][0], row["post"][0]} & {"200", "302", "422"}}
    assert open_to_all == PUBLIC - {name for name in PUBLIC if name.startswith(("billing:webhook", "notifications:"))}


def test_nothing_in_the_table_lets_a_stranger_at_a_record():
    """The table itself is held against the rules, so that a wrong row cannot be waved through."""
    by = {who: place for place, who in enumerate(PEOPLE)}
    for address in all_addresses():
        keyed = {"pk", "patient_id"} & set(address.kwargs) and "<uuid:" in address.route
        if not keyed or address.name in PUBLIC:
            continue
        row = TABLE[address.name]
        answers = {who: {row["get"][place], row["post"][place]} for who, place in by.items()}
        assert answers["anonymous"] == {"login"}, address.name
        assert answers["other"] <= {"404", "405"}, address.name
        # Whoever may take an alert may open it: the person on call need not know the patient yet (alerts/access.py).
        if "alert" not in address.name:
            assert answers["prescriber_out"] <= REFUSED, address.name
            assert answers["therapist"] <= REFUSED, address.name
        if not address.name.startswith("admin:"):
            assert answers["coordinator"] | answers["administrator"] <= {"404", "405"}, address.name


def test_a_door_refuses_whoever_is_not_of_its_roles():
    """What lets `who_tries` send one for all: the door is in front of the view, and the row says what it answers."""
    doors = [address for address in all_addresses() if address.open_to != frozenset(Role)]
    assert len(doors) > 120, "the doors are not noted on the views any more"
    for address in doors:
        for who in refused_at_the_door(address):
            row = TABLE[address.name]
            answers = {row[method][PEOPLE.index(who)] for method in ("get", "post")}
            assert answers <= {"403", "404", "405"}, f"{address.name} as {who}"


def asked_at_the_door(view, request, user, kwargs):
    """What somebody hears from the view itself, without the session and the middleware in front of it."""
    request.user, request._dont_enforce_csrf_checks = user, True
    try:
        return str(view(request, **kwargs).status_code)
    except Http404:
        return "404"
    except PermissionDenied:
        return "403"


def test_a_door_answers_every_role_and_both_methods_and_reads_nothing(world):
    """BUG-02"""
    make, queries, wrong, tried = RequestFactory(), [], [], 0
    with connection.execute_wrapper(kept_in(queries)):
        for address in all_addresses():
            refused = refused_at_the_door(address)
            if not refused:
                continue
            path = path_of(address, world)
            found = resolve(path)
            queries.clear()  # of the key in the path
            for who in refused:
                for method, row in TABLE[address.name].items():
                    request = getattr(make, method)(path)
                    answer = asked_at_the_door(found.func, request, world.users[who], found.kwargs)
                    wanted, tried = row[PEOPLE.index(who)], tried + 1
                    if answer != wanted:
                        wrong.append(f"{method} {address.name} as {who}: {answer}, not {wanted}")
            assert queries == [], address.name
    assert wrong == []
    assert tried > 1500


def test_no_other_method_gets_as_far_as_asking_who_it_is(world):
    """BUG-02: nothing is read, not even the session, so the answer is the same to everybody."""
    clients = [world.client(who) for who in PEOPLE]
    queries, wrong = [], []
    with connection.execute_wrapper(kept_in(queries)):
        for turn, address in enumerate(all_addresses()):
            path = path_of(address, world)
            queries.clear()
            for number, method in enumerate(("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")):
                response = clients[(turn + number) % len(clients)].generic(method, path)
                if (response.status_code, response.content, queries) != (405, b"", []):
                    wrong.append(f"{method} {address.name}: {response.status_code}")
    assert wrong == []


@pytest.mark.long
def test_every_address_answers_everybody_as_the_table_says(world):
    clients = {who: world.client(who) for who in PEOPLE}
    wrong, told, asked = [], [], []
    values = clinical.values()
    for turn, address in enumerate(all_addresses()):
        path = path_of(address, world)
        refused = refused_at_the_door(address)
        for method in ("get", "post"):
            for who in who_tries(address, method, turn + (method == "post")):
                if method == spared(address, who, turn) or (method == "get" and is_crawled(address, who)):
                    continue
                client = clients[who]
                client.cookies.clear()
                if who != "anonymous":
                    client.cookies["sessionid"] = world.sessions[who]
                queries = []
                wanted = TABLE[address.name][method][PEOPLE.index(who)]
                at_the_door = who in refused or wanted == "405"
                # Where nothing may be read, nothing is written that would have to be undone.
                with nullcontext() if at_the_door else undone(), connection.execute_wrapper(kept_in(queries)):
                    response = getattr(client, method)(path)
                answer = answer_of(response)
                if at_the_door and len(queries) > 2:
                    asked.append(f"{method} {address.name} as {who}: more was read than the session and the account")
                if answer != wanted:
                    wrong.append(f"{method} {address.name} as {who}: {answer}, not {wanted}")
                if who in clinical.ARRANGING and not address.name.startswith(clinical.CATALOGUES):
                    # What a form answers as well; what opens is searched in test_nothing_clinical.py.
                    body = response.getvalue().decode(errors="replace")
                    told += [f"{address.name} as {who}: {text}" for text in values if text in body]
                if answer in {"login", "302", "403", "404", "405"}:
                    body = response.getvalue().decode(errors="replace") + response.headers.get("Location", "")
                    told += [f"{address.name} as {who}: {word}" for word in WORDS if word in body]
    assert wrong == []
    assert asked == []
    assert told == []
