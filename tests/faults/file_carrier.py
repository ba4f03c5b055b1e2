"""A text channel for processes that will be killed: it writes down each call at once, then answers when it is let.

Imported by its bare name (its folder is on the PYTHONPATH of those processes), so that no test package is loaded there.
"""

import os
import time
from datetime import datetime
from pathlib import Path

from harmoniously.core.notifications.channels import Outcome, Outgoing, Result


def calls() -> list[str]:
    """The ids of the messages that the provider was asked to send, in order, repeats included."""
    path = Path(os.environ["FILE_CARRIER"])
    return path.read_text(encoding="ascii").split() if path.exists() else []


class FileChannel:
    """Records and accepts everything. A call that was recorded takes FILE_CARRIER_SECONDS, and until FILE_CARRIER_GATE,
    where it is set, is a file: a test that kills somebody in the middle of a call must not have to hurry.
    """

    def send(self, message: Outgoing) -> Outcome:
        handle = os.open(os.environ["FILE_CARRIER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(handle, f"{message.id}\n".encode("ascii"))
        finally:
            os.close(handle)
        time.sleep(float(os.environ.get("FILE_CARRIER_SECONDS", "0")))
        gate = os.environ.get("FILE_CARRIER_GATE")
        while gate and not Path(gate).exists():
            time.sleep(0.02)
        return Outcome(Result.ACCEPTED, provider_sid=f"SM{message.id.hex}")

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        if os.environ.get("FILE_CARRIER_REMEMBERS") == "yes" and str(message.id) in calls():
            return Outcome(Result.ACCEPTED, provider_sid=f"SM{message.id.hex}")
        return Outcome(Result.REFUSED, code="not_found")
