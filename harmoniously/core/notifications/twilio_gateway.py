"""Text messages through Twilio. The only module that imports it.

Always by Messaging Service (number pool, opt-out handling), with a status callback that carries our own opaque id, and
with a validity period, so that a text that waited at the carrier does not arrive after it stopped being true.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from harmoniously.core.notifications.channels import Outcome, Outgoing, Result
from harmoniously.core.notifications.models import Notification

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
LONGEST_VALIDITY = 36_000
SHORTEST_VALIDITY = 5
# https://www.twilio.com/docs/errors/21610: the person opted out at the carrier.
OPTED_OUT_CODE = 21610
TOO_MANY_REQUESTS = 429
STATUS_PATH = "/webhooks/twilio/status/{id}/"
INBOUND_PATH = "/webhooks/twilio/inbound/"
# Twilio's client logs addresses and numbers at INFO.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


class _Throttled(TwilioException):
    """HTTP 429, with how long to stay away (seconds, None when not said)."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("429")
        self.retry_after = retry_after


class _BoundedHttpClient(TwilioHttpClient):
    """Twilio's own client with both time limits, and with the Retry-After header that it would drop."""

    def __init__(self) -> None:
        super().__init__()
        self.timeout: Any = (CONNECT_SECONDS, READ_SECONDS)
        if self.session is not None:
            # One kept connection for each thread of the dispatcher; Twilio's own default is a handful.
            width = max(1, settings.NOTIFICATION_CONCURRENCY)
            self.session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=width))

    def request(self, *args: Any, **kwargs: Any) -> Response:
        response = super().request(*args, **kwargs)
        if response.status_code == TOO_MANY_REQUESTS:
            raise _Throttled(_seconds((response.headers or {}).get("Retry-After", "")))
        return response


def _seconds(text: str) -> float | None:
    """The Retry-After header when it counts seconds (Twilio's does)."""
    return float(text) if text.strip().isdigit() else None


class TwilioChannel:
    """The SMS channel. `http_client` is replaced in tests by one that never leaves the process."""

    def __init__(self, http_client: HttpClient | None = None) -> None:
        self._client = Client(
            settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http_client or _BoundedHttpClient()
        )

    def send(self, message: Outgoing) -> Outcome:
        """Hand one text to Twilio."""
        valid = message.valid_seconds if message.valid_seconds is not None else LONGEST_VALIDITY
        try:
            created = self._client.messages.create(
                to=message.to,
                body=message.words.sms,
                messaging_service_sid=settings.TWILIO_MESSAGING_SERVICE_SID,
                status_callback=settings.PUBLIC_BASE_URL + STATUS_PATH.format(id=message.id),
                validity_period=max(SHORTEST_VALIDITY, min(valid, LONGEST_VALIDITY)),
            )
        except _Throttled as error:
            return Outcome(Result.RETRY, code="429", retry_after=error.retry_after)
        except TwilioRestException as error:
            return _refusal(error)
        except requests.exceptions.ConnectTimeout:
            return Outcome(Result.RETRY, code="connect_timeout")
        except requests.exceptions.ConnectionError as error:
            return _broken_connection(error)
        except (requests.exceptions.RequestException, TwilioException, OSError) as error:
            return Outcome(Result.UNCLEAR, code=type(error).__name__)
        return Outcome(Result.ACCEPTED, provider_sid=created.sid or "")

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Look for a text to this number since then that none of our other rows accounts for."""
        try:
            found = self._client.messages.list(to=message.to, date_sent_after=since, limit=50)
        except (requests.exceptions.RequestException, TwilioException, OSError) as error:
            return Outcome(Result.RETRY, code=type(error).__name__)
        candidates = {text.sid for text in found if text.sid and (text.body or message.words.sms) == message.words.sms}
        taken = set(Notification.objects.filter(provider_sid__in=candidates).values_list("provider_sid", flat=True))
        left = sorted(candidates - taken)
        return Outcome(Result.ACCEPTED, provider_sid=left[0]) if left else Outcome(Result.REFUSED, code="not_found")


def _refusal(error: TwilioRestException) -> Outcome:
    code = str(error.code or error.status)
    if error.code == OPTED_OUT_CODE:
        return Outcome(Result.OPTED_OUT, code=code)
    if error.status == TOO_MANY_REQUESTS or error.status >= 500:
        return Outcome(Result.RETRY, code=code)
    return Outcome(Result.REFUSED, code=code)


def _broken_connection(error: requests.exceptions.ConnectionError) -> Outcome:
    """A connection that was never made sent nothing; one that broke may have."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never_made = type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
    return Outcome(Result.RETRY if never_made else Result.UNCLEAR, code="connection")


def signed_by_twilio(path: str, parameters: Mapping[str, str], signature: str) -> bool:
    """Whether a webhook call carries Twilio's signature.

    The address is built from PUBLIC_BASE_URL: behind a proxy the request shows another scheme and host. Without a
    configured token nothing is ever genuine.
    """
    if not settings.TWILIO_AUTH_TOKEN or not signature:
        return False
    genuine: bool = RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(
        settings.PUBLIC_BASE_URL + path, dict(parameters), signature
    )
    return genuine
