"""Who an event is attributed to: an account, the system itself, or somebody who has only a private link."""

from dataclasses import dataclass
from typing import Final

from harmoniously.core.accounts.models import User


@dataclass(frozen=True)
class SystemActor:
    """The practice's own scheduled work; ``name`` says which part of it."""

    name: str = "system"


@dataclass(frozen=True)
class Sitter:
    """A sitter, known by the id of the invitation that the link belongs to."""

    invitation_id: str


@dataclass(frozen=True)
class VisitGuest:
    """The third person of a visit, known by the id of the invitation that the link belongs to."""

    invitation_id: str


@dataclass(frozen=True)
class Provider:
    """An outside service whose signed message we act upon, such as the payment provider."""

    name: str


SYSTEM: Final = SystemActor()
Actor = User | SystemActor | Sitter | VisitGuest | Provider


def identify(actor: Actor) -> tuple[str, str]:
    """The actor's id and role as the trail keeps them; TypeError for anybody who cannot be named."""
    match actor:
        case User():
            return str(actor.pk), actor.role
        case SystemActor():
            return actor.name, "system"
        case Sitter():
            return f"sitter:{actor.invitation_id}", "sitter"
        case VisitGuest():
            return f"guest:{actor.invitation_id}", "guest"
        case Provider():
            return actor.name, "provider"
    raise TypeError("Every event has an actor: an account, the system, a sitter, a guest or a provider.")
