"""How people see each other: one interface, the backends behind it, and which one is configured (VID-01)."""

from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from telemedicine.models import Room
from telemedicine.video.seats import Person


class Backend(Protocol):
    """What a provider of video does. Names that leave the practice are opaque: nothing says who meets whom."""

    # What the page of a call may reach beyond our own host, and the vendored script it needs, if any.
    policy: dict[str, list[str]]
    script: str

    def prepare(self, room: Room) -> None:
        """The clinician has admitted, or somebody is about to join: make ready what is not ready yet.

        May call the network; never in a transaction.
        """

    def join_payload(self, room: Room, person: Person) -> dict[str, Any]:
        """What one browser needs to join, made for one click of one person; "kind" names its script."""

    def close_turn(self, room: Room) -> None:
        """Somebody went, or must go: what they were given opens nothing any more; the others join the next turn.

        `room` still has the turn that ends. May call the network; never in a transaction.
        """

    def end(self, room: Room) -> None:
        """The visit is over: nobody may join any more. May call the network; never in a transaction."""


def backend() -> Backend:
    """The configured provider."""
    return cast(Backend, import_string(settings.VIDEO_BACKEND)())
