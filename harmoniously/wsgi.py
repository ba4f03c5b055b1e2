"""The WSGI application that gunicorn serves, and the watch that every process of it keeps over the alarm."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")

_django = get_wsgi_application()

from harmoniously.portal import watch  # noqa: E402 - it has models, which are there from now on

# Loaded once and forked (--preload): each child keeps its own. Loaded in each process: from its first request, and a
# health check is one.
os.register_at_fork(after_in_child=watch.begin)


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer one request."""
    watch.begin()
    return _django(environ, start_response)
