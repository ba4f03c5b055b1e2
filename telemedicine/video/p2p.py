"""The default: picture and sound go from browser to browser; we carry only what connects them (VID-05)."""

import base64
import hashlib
import hmac
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings

from harmoniously.core.common import clock
from telemedicine.models import Room
from telemedicine.video.seats import Person

TURN_SECONDS = 3600


class PeerToPeer:
    """Nothing to prepare and nobody else to tell."""

    policy: ClassVar[dict[str, list[str]]] = {}
    script = ""

    def prepare(self, room: Room) -> None:
        """The room is a row."""

    def join_payload(self, room: Room, person: Person) -> dict[str, Any]:
        """The servers that help two browsers find each other, and whether nothing but the relay may be used."""
        return {
            "kind": "p2p",
            "ice": ice_servers(key=uuid4(), at=int(clock.wall().timestamp())),
            "relay_only": settings.VIDEO_RELAY_ONLY,
            "seconds": TURN_SECONDS,
        }

    def close_turn(self, room: Room) -> None:
        """Nothing is carried for them any more, and the other browsers leave theirs."""

    def end(self, room: Room) -> None:
        """What was told and not yet heard is of no use to anybody."""
        room.signals.all().delete()


def ice_servers(*, key: UUID, at: int) -> list[dict[str, Any]]:
    """STUN and TURN from the settings; the TURN user is made for one hour from `at` (seconds since 1970).

    coturn's use-auth-secret: the name is "<expiry>:<key>", the password base64(HMAC-SHA1(secret, name)).
    """
    servers: list[dict[str, Any]] = []
    if settings.STUN_URLS:
        servers.append({"urls": settings.STUN_URLS})
    if settings.TURN_URLS:
        name = f"{at + TURN_SECONDS}:{key}"
        digest = hmac.new(settings.TURN_SECRET.encode(), name.encode(), hashlib.sha1).digest()
        servers.append({"urls": settings.TURN_URLS, "username": name, "credential": base64.b64encode(digest).decode()})
    return servers
