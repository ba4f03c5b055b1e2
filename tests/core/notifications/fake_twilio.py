"""Twilio inside the process: keeps messages, fails on demand, signs its callbacks. Never leaves the machine."""

import json
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator


class FakeTwilio(HttpClient):
    """The HTTP client that the gateway is given. `failures` holds exceptions or (status, code) in order."""

    def __init__(self) -> None:
        super().__init__(None, False, None)
        self.messages: list[dict[str, Any]] = []
        self.failures: deque[Exception | tuple[int, int]] = deque()

    def request(self, method: str, url: str, params=None, data=None, **_kwargs: Any) -> Response:
        if self.failures:
            failure = self.failures.popleft()
            if isinstance(failure, Exception):
                raise failure
            status, code = failure
            return Response(status, json.dumps({"code": code, "message": "no", "status": status}), {})
        assert urlsplit(url).path.endswith("/Messages.json")
        if method.upper() == "GET":
            found = [message for message in self.messages if message["to"] == params.get("To")]
            return Response(200, json.dumps({"messages": found, "next_page_uri": None, "page": 0, "page_size": 50}), {})
        message = {
            "sid": f"SM{len(self.messages):032x}",
            "to": data["To"],
            "body": data["Body"],
            "status": "queued",
            "asked": dict(data),
        }
        self.messages.append(message)
        return Response(201, json.dumps({k: v for k, v in message.items() if k != "asked"}), {})


def signature(path: str, parameters: dict[str, str]) -> str:
    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    return validator.compute_signature(settings.PUBLIC_BASE_URL + path, parameters)
