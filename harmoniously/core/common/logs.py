"""Log lines that stay one line each, whatever somebody put into a path or a name (BUG-30)."""

import logging

_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(128, 160)]} | {0x2028: " ", 0x2029: " "}


class OneLineFormatter(logging.Formatter):
    """Time, level, logger and message on one line, with the request's id; control characters are spelt out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        from harmoniously.core.common import context

        line = super().format(record).translate(_ESCAPES)
        request = context.current()
        return f"{line} request={request.request_id}" if request else line
