"""A text channel under the tests' control: it keeps what it is given and answers what it is told to."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from harmoniously.core.notifications.channels import Outcome, Outgoing, Result

PATH = "tests.core.notifications.carriers.ScriptedChannel"


class ScriptedChannel:
    """Answers ACCEPTED unless a test put other outcomes in line; `while_sending` runs inside the call."""

    sent: list[Outgoing] = []
    script: deque[Outcome] = deque()
    known: dict[str, str] = {}
    while_sending: Callable[[Outgoing], None] | None = None

    @classmethod
    def reset(cls) -> None:
        cls.sent, cls.script, cls.known, cls.while_sending = [], deque(), {}, None

    def send(self, message: Outgoing) -> Outcome:
        type(self).sent.append(message)
        if type(self).while_sending is not None:
            type(self).while_sending(message)
        if self.script:
            return self.script.popleft()
        return Outcome(Result.ACCEPTED, provider_sid=f"SM{message.id.hex}")

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        sid = self.known.get(str(message.id))
        return Outcome(Result.ACCEPTED, provider_sid=sid) if sid else Outcome(Result.REFUSED, code="not_found")
