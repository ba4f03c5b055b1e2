"""Twilio Video, when configured. The only module of the visits that imports it; tokens are made without the network."""

import logging
from typing import Any, ClassVar
from uuid import uuid5

from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VideoGrant
from twilio.rest import Client

from telemedicine.models import Room
from telemedicine.rules.calls import Seat
from telemedicine.video.seats import Person, seat_of

log = logging.getLogger(__name__)
TOKEN_SECONDS = 600
PEOPLE = 3
EMPTY_MINUTES = 5
LONGEST_SECONDS = 5400
SECONDS_TO_ANSWER = 10
# https://www.twilio.com/docs/api/errors/53113: a room of that name exists; a second click changes nothing.
ALREADY_THERE = 53113


class TwilioVideo:
    """Group rooms of at most three people, without recording (VID-02, VID-07)."""

    # VID-08; on the page of the call only.
    policy: ClassVar[dict[str, list[str]]] = {
        "connect-src": ["wss://global.vss.twilio.com", "wss://sdkgw.us1.twilio.com"],
        "media-src": ["mediastream:"],
    }
    script = "vendor/twilio-video/twilio-video.min.js"

    def prepare(self, room: Room) -> None:
        """Open the room with its limits. Without it nobody could join: Twilio would make one without limits."""
        try:
            _client().video.v1.rooms.create(
                unique_name=room_name(room),
                type="group",
                max_participants=PEOPLE,
                record_participants_on_connect=False,
                empty_room_timeout=EMPTY_MINUTES,
                max_participant_duration=LONGEST_SECONDS,
            )
        except TwilioRestException as error:
            if error.code != ALREADY_THERE:
                log.warning("video room not prepared: %s", error.code)
        except (TwilioException, OSError):
            log.warning("video room not prepared: no answer")

    def join_payload(self, room: Room, person: Person) -> dict[str, Any]:
        """A token for this room, this person and ten minutes; its names say nothing about either."""
        names = {identity(room, seat): seat.value for seat in Seat}
        token = AccessToken(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_API_KEY_SID,
            settings.TWILIO_API_KEY_SECRET,
            identity=identity(room, seat_of(room, person)),
            ttl=TOKEN_SECONDS,
        )
        token.add_grant(VideoGrant(room=room_name(room)))
        made = {"kind": "twilio", "token": token.to_jwt(), "room": room_name(room), "seconds": TOKEN_SECONDS}
        return {**made, "people": names}

    def close_turn(self, room: Room) -> None:
        """A token cannot be taken back, so its room is closed; the others go on in the next one."""
        self.end(room)

    def end(self, room: Room) -> None:
        """Close the room for whoever is still in it."""
        try:
            _client().video.v1.rooms(room_name(room)).update(status="completed")
        except (TwilioException, OSError):
            log.warning("video room not closed")


def room_name(room: Room) -> str:
    """What Twilio calls the room; another one after a third person went."""
    return f"v-{room.pk}-{room.turn}" if room.turn else f"v-{room.pk}"


def identity(room: Room, seat: Seat) -> str:
    """What Twilio calls somebody in it."""
    return str(uuid5(room.pk, f"{seat}-{room.turn}"))


def _client() -> Client:
    return Client(
        settings.TWILIO_API_KEY_SID,
        settings.TWILIO_API_KEY_SECRET,
        settings.TWILIO_ACCOUNT_SID,
        http_client=TwilioHttpClient(timeout=SECONDS_TO_ANSWER),
    )
