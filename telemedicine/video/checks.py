"""What `manage.py check` says about the configuration of video."""

from typing import Any

from django.conf import settings
from django.core import checks

TWILIO = "telemedicine.video.twilio_video.TwilioVideo"


@checks.register()
def video_is_configured(**_options: Any) -> list[checks.CheckMessage]:
    """Twilio with its keys, TURN with its secret, and production with a relay."""
    found: list[checks.CheckMessage] = []
    if settings.VIDEO_BACKEND == TWILIO:
        keys = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY_SID, settings.TWILIO_API_KEY_SECRET)
        if not all(keys):
            hint = "Set TWILIO_ACCOUNT_SID, TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET."
            found.append(checks.Error("Video visits through Twilio have no keys.", hint=hint, id="telemedicine.E001"))
        return found
    if settings.TURN_URLS and not settings.TURN_SECRET:
        hint = "Set TURN_SECRET to the static-auth-secret of the TURN server."
        found.append(checks.Error("TURN_URLS without TURN_SECRET.", hint=hint, id="telemedicine.E002"))
    if settings.VIDEO_RELAY_ONLY and not settings.TURN_URLS:
        hint = "Set TURN_URLS, or unset VIDEO_RELAY_ONLY."
        found.append(checks.Error("VIDEO_RELAY_ONLY without a relay.", hint=hint, id="telemedicine.E003"))
    if settings.PRODUCTION and not settings.TURN_URLS:
        hint = "Run a TURN server and set TURN_URLS and TURN_SECRET (docs/video.md)."
        text = "Without TURN about one visit in ten cannot connect by video and falls back to the telephone."
        found.append(checks.Warning(text, hint=hint, id="telemedicine.W001"))
    return found
