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

from harmoniously.core.accounts.models import User
from telemedicine.models import Room

log = logging.getLogger(__name__)
TOKEN_SECONDS = 600
PEOPLE = 2
EMPTY_MINUTES = 5
LONGEST_SECONDS = 5400
SECONDS_TO_ANSWER = 10
# https://www.twilio.com/docs/api/errors/53113: a room of that name exists; a second click changes nothing.
ALREADY_THERE = 53113


class TwilioVideo:
    """Group rooms of two people, without recording (VID-02, VID-07)."""

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

    def join_payload(self, room: Room, user: User) -> dict[str, Any]:
        """A token for this room, this person and ten minutes; its names say nothing about either."""
        token = AccessToken(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_API_KEY_SID,
            settings.TWILIO_API_KEY_SECRET,
            identity=str(uuid5(room.pk, str(user.pk))),
            ttl=TOKEN_SECONDS,
        )
        token.add_grant(VideoGrant(room=room_name(room)))
        return {"kind": "twilio", "token": token.to_jwt(), "room": room_name(room), "seconds": TOKEN_SECONDS}

    def end(self, room: Room) -> None:
        """Close the room for whoever is still in it."""
        try:
            _client().video.v1.rooms(room_name(room)).update(status="completed")
        except (TwilioException, OSError):
            log.warning("video room not closed")


def room_name(room: Room) -> str:
    """What Twilio calls the room."""
    return f"v-{room.pk}"


def _client() -> Client:
    return Client(
        settings.TWILIO_API_KEY_SID,
        settings.TWILIO_API_KEY_SECRET,
        settings.TWILIO_ACCOUNT_SID,
        http_client=TwilioHttpClient(timeout=SECONDS_TO_ANSWER),
    )
