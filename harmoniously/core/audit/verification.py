"""Checking that the trail is whole: every hash, every column against its payload, every position, every head."""

import hashlib
from collections.abc import Iterator

from harmoniously.core.audit.models import AuditChain, AuditEvent
from harmoniously.core.audit.services import canonical

COLUMNS = ("at", "actor", "role", "action", "subject", "patient", "request_id", "ip", "facts")


def problems() -> Iterator[str]:
    """One sentence for each thing that is not as it was written; nothing when the trail is whole."""
    heads = {chain.key: (chain.length, chain.head) for chain in AuditChain.objects.all()}
    seen: dict[str, tuple[int, str]] = {}
    for event in AuditEvent.objects.order_by("chain", "position").iterator(chunk_size=2000):
        position, previous = seen.get(event.chain, (0, ""))
        if event.position != position + 1:
            yield f"Event {event.pk}: {event.position - position - 1} events are missing before it."
        if event.previous != previous:
            yield f"Event {event.pk}: it does not follow the event before it."
        if event.hash != hashlib.sha256(f"{event.previous}{event.payload}".encode()).hexdigest():
            yield f"Event {event.pk}: its text was changed after it was written."
        if canonical({name: getattr(event, name) for name in COLUMNS}) != event.payload:
            yield f"Event {event.pk}: its columns do not say what its text says."
        seen[event.chain] = (event.position, event.hash)
    for key in sorted(heads.keys() | seen.keys()):
        if heads.get(key, (0, "")) != seen.get(key, (0, "")):
            yield f"Chain {key}: its newest events are missing, or its head was changed."
