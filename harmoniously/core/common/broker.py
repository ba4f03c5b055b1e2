"""Asking a worker to look at something now. Best effort: the database is the schedule, and the next tick finds it."""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError as BrokerError

logger = logging.getLogger(__name__)

EXPIRES = 60
# A connection of its own: the worker's patience with a broker that is away is not a web page's.
TRANSPORT = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1, "retry_on_timeout": False}
REST_SECONDS = 30.0
_rests_until = 0.0


def ask(task: str, *args: str) -> None:
    """Put a task by name into the queue, where it is dropped after a minute; never raises for a broker that is away.

    After a failure it stays quiet for a while, so that a frozen broker slows one request and not all of them. To be
    called once the transaction is written.
    """
    global _rests_until
    if time.monotonic() < _rests_until:
        return
    try:
        with current_app.connection_for_write(transport_options=TRANSPORT) as connection:
            current_app.send_task(
                task, args=list(args), connection=connection, retry=False, ignore_result=True, expires=EXPIRES
            )
    except (BrokerError, OSError) as error:
        _rests_until = time.monotonic() + REST_SECONDS
        logger.warning("The broker is away, the next tick will do it: %s", type(error).__name__)
