"""Log lines that stay one line each, whatever somebody put into a path or a name (BUG-30)."""

import logging
import re

_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(128, 160)]} | {0x2028: " ", 0x2029: " "}


# Addresses whose last part is a key: who reads a log must not be able to open them (BUG-27).
_KEYS = re.compile(r"(/s/|/v/|/g/|/i/|/r/|/calendar/|/accounts/confirm-email/|/accounts/password/reset/key/)[^/\s]{8,}")


class OneLineFormatter(logging.Formatter):
    """One line: time, level, logger, message, request id; control characters are spelt out, keys left out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        from harmoniously.core.common import context

        line = _KEYS.sub(r"\1…", super().format(record)).translate(_ESCAPES)
        request = context.current()
        return f"{line} request={request.request_id}" if request else line
