"""Every address of the product with the keys of the one history, and the class of an answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from harmoniously.core.accounts.roles import Role
from intake.models import Submission
from telemedicine.answers import token_of
from tests.security.history import World

# Words of an address that say what its key is of, the most telling first.
_MEANING = (
    ("access-reviews/", "access_review"),
    ("decisions/<uuid:pk>", "verdict"), ("referrals/<uuid:pk>", "referral"), ("elsewhere/<uuid:pk>", "elsewhere"),
    ("messages/files", "message_file"), ("patients/<uuid:patient_id>/messages", "patient"), ("messages/", "thread"),
    ("journal", "journal"), ("notes/", "note"), ("parcels", "shipment"), ("supply-flags", "nothing"),
    ("check-ins/", "check-in"), ("adverse-events/", "event"), ("reports/", "event"),
    ("ended/", "nothing"), ("discharges/", "nothing"), ("letters/", "transfer"), ("transfers/", "transfer"),
    ("papers", "paper"), ("asked", "request"), ("treatment/refill", "refill"),
    ("signed", "document"), ("versions", "decision"), ("documents", "document"), ("arrived", "shipment"),
    ("plan/", "prescription"), ("prescriptions", "prescription"),
    ("sessions", "session"), ("check-in", "check-in"), ("visits", "visit"), ("appointments", "visit"),
    ("charges", "charge"), ("pay/", "charge"), ("alerts", "alert"), ("worklist", "follow_up"), ("holds", "hold"),
    ("queue/", "waiting"), ("break-glass", "nothing"), ("status/", "nothing"), ("schedule/hours", "clinician"),
    ("patients", "patient"),
)  # fmt: skip
_NAMES = (
    "pk", "patient_id", "token", "app_label", "content_type_id", "object_id", "gateway_name", "uidb36", "key",
    "notification_id", "page", "slug", "entry", "kind", "number",
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One URL pattern with the name under which the table knows it."""

    name: str
    route: str
    kwargs: tuple[str, ...]
    viewname: str
    # The roles that get past the door in front of the view, where one refuses by role.
    open_to: frozenset[Role]


def all_addresses() -> list[Address]:
    """Every pattern of the product, those of Django's admin and of allauth included."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            names = tuple(name for name in _NAMES if f":{name}>" in route or f"<{name}>" in route)
            # Some patterns have no name: their route tells them apart.
            name = space + entry.name if entry.name else f"/{route}".replace("<path:object_id>", "<key>")
            open_to = getattr(entry.callback, "open_to", frozenset(Role))
            yield Address(name, route, names, space + (entry.name or ""), open_to)


def path_of(address: Address, world: World) -> str:
    """The address with the keys of the history in it."""
    values = {name: _value(name, address, world) for name in address.kwargs}
    if not address.viewname or address.viewname.endswith(":"):
        key = str(values.get("object_id"))
        return "/" + address.route.replace("<path:object_id>", key).replace("(?P<url>.*)$", "nothing-here/")
    return reverse(address.viewname, kwargs=values)


def _value(name: str, address: Address, world: World) -> Any:
    fixed = {
        "patient_id": world.patient.pk,
        "token": _token(address, world),
        "app_label": "accounts",
        "content_type_id": "1",
        "gateway_name": "embedded",
        "uidb36": "1",
        "notification_id": UUID(int=1),
        "key": "patient" if "nonprod" in address.name else "nothing",
        "page": "safety",
        "slug": "2",
        "kind": _kind(address),
        "number": 1,
        "entry": _entry(world),
    }
    if name == "object_id":
        return _object(address, world)
    return fixed[name] if name in fixed else _pk(address, world)


def _kind(address: Address) -> str:
    if address.route.startswith("admin/queue/"):
        return "session"
    return "check_in" if address.viewname == "telemedicine:waiting" else "treatment"


def _token(address: Address, world: World) -> str:
    if address.viewname == "telemedicine:answer":
        return token_of(world.visit)
    if address.viewname.startswith("telemedicine:guest_"):
        return world.guest
    if address.viewname == "portal:invitation":
        return world.invitation
    if address.viewname in ("portal:recovery", "portal:recovery_stop"):
        return world.recovery if address.viewname == "portal:recovery" else world.recovery_stop
    return world.feed if address.viewname == "telemedicine:feed" else world.token


def _pk(address: Address, world: World) -> Any:
    if "<int:pk>" in address.route:
        return 1
    meaning = next(meaning for words, meaning in _MEANING if words in address.route)
    row = world.rows.get(meaning)
    return row.pk if row is not None else UUID(int=1)


def _object(address: Address, world: World) -> Any:
    if "accounts/user" in address.route:
        return world.patient.user_id
    if "accounts/clinician" in address.route:
        return world.life.clinician.pk
    if "carerelation" in address.route:
        return world.patient.care_relations.first().pk
    return UUID(int=1)


def _entry(world: World) -> UUID:
    answers = Submission.objects.filter(patient=world.patient).first().answers
    return UUID(answers["antidepressants"]["items"][0]["id"])


def answer_of(response: HttpResponse) -> str:
    """ "200", "404" …, "login" for a way to the sign-in page, "302" for any other way on."""
    if response.status_code in {301, 302}:
        return "login" if "/login/" in response["Location"] else "302"
    return str(response.status_code)
