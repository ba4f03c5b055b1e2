"""Asking a worker to look at something now. Best effort: the database is the schedule, and the next tick finds it."""

import logging
import time
from dataclasses import dataclass

from celery import current_app
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

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


@dataclass(frozen=True)
class Queues:
    """How many tasks wait in each queue, and how many a worker took and did not finish."""

    waiting: dict[str, int]
    held: int


def queues() -> Queues | None:
    """The queues of the app as they are now; None when the broker did not answer within a second.

    A queue that nothing was ever put into does not exist there, and is empty.
    """
    names = list(current_app.amqp.queues)
    try:
        with current_app.connection_for_read(transport_options=TRANSPORT) as connection:
            channel = connection.default_channel
            waiting = {name: int(channel._size(name)) for name in names}
            return Queues(waiting, int(channel.client.hlen(channel.unacked_key)))
    except (BrokerError, RedisError, OSError) as error:
        logger.warning("The broker is away: %s", type(error).__name__)
        return None
