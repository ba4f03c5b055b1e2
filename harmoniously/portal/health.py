"""Whether this process lives and whether it may be sent visitors; one word each, because anybody may ask."""

import logging

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)
REDIS_SECONDS = 1
# Migrations only ever go forward under a running process, so one look that finds them applied is enough.
_migrated: set[str] = set()


@login_not_required
@never_cache
@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing else, so that a lost database does not get every process restarted."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 without the database or with migrations outstanding; degraded, but ready, without Redis."""
    if not database_ready():
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok" if redis_answers() else "degraded"})


def database_ready() -> bool:
    """Whether the database answers and has every migration of this code."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return _all_migrated()
    except Error:
        logger.warning("readyz: the database does not answer")
        return False


def _all_migrated() -> bool:
    if connection.alias in _migrated:
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        logger.warning("readyz: migrations are outstanding")
        return False
    _migrated.add(connection.alias)
    return True


def redis_answers() -> bool:
    """Whether Redis answers. Nothing is lost without it; messages and rate limits wait for it."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError:
        logger.warning("readyz: Redis does not answer")
        return False
    finally:
        client.close()
    return True
