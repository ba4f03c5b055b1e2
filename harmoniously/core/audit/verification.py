"""Checking that the trail is whole: every hash, every column against its payload, every position, every head.

Events are added while it is checked. So a head is held against its newest event in one query, or what came meanwhile is
read on up to a head that was read first: what is new is never taken for what is missing.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from harmoniously.core.audit.models import AuditChain, AuditEvent
from harmoniously.core.audit.services import canonical

COLUMNS = ("at", "actor", "role", "action", "subject", "patient", "request_id", "ip", "facts")
AT_ONCE = 2000
_CUT_OFF = "Chain %s: its newest events are missing, or its head was changed."


@dataclass(frozen=True)
class Place:
    """How far a chain was checked: the event, and the hash that the next one must build on."""

    chain: str = ""
    position: int = 0
    hash: str = ""


@dataclass
class Walk:
    """A check that goes on from a place, chunk by chunk; what it found is kept until it is taken."""

    at: Place = field(default_factory=Place)
    events: int = 0
    done: bool = False

    def step(self) -> list[str]:
        """Check the next events of all chains; `done` when there are no more. One sentence for each thing wrong."""
        further = Q(chain__gt=self.at.chain) | Q(chain=self.at.chain, position__gt=self.at.position)
        rows = list(AuditEvent.objects.filter(further).order_by("chain", "position")[:AT_ONCE])
        found = _without_head({event.chain for event in rows} - {self.at.chain})
        for event in rows:
            if event.chain != self.at.chain:
                self.at = Place(event.chain)
            found += list(_wrong(event, self.at))
            self.at, self.events = _place(event), self.events + 1
        if len(rows) < AT_ONCE:
            found += _cut_off()
            self.done = True
        return found


def _place(event: AuditEvent) -> Place:
    return Place(event.chain, event.position, event.hash)


def _wrong(event: AuditEvent, after: Place) -> Iterator[str]:
    """What is wrong with one event, which has to follow on that place."""
    where, missing = f"Event {event.pk} of chain {event.chain}", event.position - after.position - 1
    if missing:
        yield f"{where}: {missing} events are missing before it."
    if event.previous != after.hash:
        yield f"{where}: it does not follow the event before it."
    if event.hash != hashlib.sha256(f"{event.previous}{event.payload}".encode()).hexdigest():
        yield f"{where}: its text was changed after it was written."
    if canonical({name: getattr(event, name) for name in COLUMNS}) != event.payload:
        yield f"{where}: its columns do not say what its text says."


def _without_head(chains: set[str]) -> list[str]:
    known = set(AuditChain.objects.filter(key__in=chains).values_list("key", flat=True))
    return [_CUT_OFF % chain for chain in sorted(chains - known)]


def _cut_off() -> list[str]:
    """Chains whose newest event is not the one that their head names; in one query, so that nothing comes between."""
    last = AuditEvent.objects.filter(chain=OuterRef("key"), position=OuterRef("length"), hash=OuterRef("head"))
    heads = AuditChain.objects.filter(~Exists(last), length__gt=0).order_by("key")
    return [_CUT_OFF % key for key in heads.values_list("key", flat=True)]


def problems() -> Iterator[str]:
    """One sentence for each thing that is not as it was written; nothing when the trail is whole."""
    walk = Walk()
    while not walk.done:
        yield from walk.step()


def of_chain(chain: str) -> tuple[list[str], int]:
    """The same of one chain, with how many events it has."""
    head = AuditChain.objects.filter(key=chain).first()
    length, last = (head.length, head.head) if head else (0, "")
    rows = (
        AuditEvent.objects.filter(chain=chain, position__lte=length) if head else AuditEvent.objects.filter(chain=chain)
    )
    found: list[str] = []
    number, at = 0, Place(chain)
    for event in rows.order_by("position").iterator(chunk_size=AT_ONCE):
        found += list(_wrong(event, at))
        at, number = _place(event), number + 1
    if (length, last) != (at.position, at.hash):
        found.append(_CUT_OFF % chain)
    return found, number


def newest(number: int) -> tuple[list[str], int]:
    """The same of the newest events, over all chains, with how many they were; three queries.

    Each has to follow on the one before it, back to the last one that is older; whether what lies further back is
    whole, only the whole check says.
    """
    ids = list(AuditEvent.objects.order_by("-id").values_list("id", "chain")[:number])
    if not ids:
        return [], 0
    oldest, chains = ids[-1][0], {chain for _id, chain in ids}
    older = AuditEvent.objects.filter(chain=OuterRef("key"), id__lt=oldest).order_by("-position")
    before = Subquery(older.values(place=JSONObject(position="position", hash="hash"))[:1])
    heads = {row.key: row for row in AuditChain.objects.filter(key__in=chains).annotate(before=before)}
    found: list[str] = []
    checked, at = 0, dict[str, Place]()
    for event in AuditEvent.objects.filter(id__gte=oldest, chain__in=chains).order_by("chain", "position"):
        head: Any = heads.get(event.chain)
        if head is None or event.position > head.length:
            continue  # it was added after the heads were read
        place = at.get(event.chain) or Place(event.chain, **(head.before or {}))
        found += list(_wrong(event, place))
        at[event.chain], checked = _place(event), checked + 1
    return [*found, *_without_head(chains), *_cut_off()], checked
