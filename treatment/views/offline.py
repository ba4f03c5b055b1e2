"""The session pages without anybody's session in them, and the worker that shows them while the server is away.

A browser may keep these and the files that they use: they hold no name, no number and no answer. What belongs to a
session is kept sealed by the page itself (static/js/vault.js).
"""

import hashlib
import re

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from harmoniously.core.common import clock
from treatment.views.showing import live_context
from treatment.views.sitter import watching

PAGES = {"patient": "treatment/live.html", "sitter": "treatment/sitter.html"}
# What the pages' own files ask for in turn: fonts by the styles, modules by the scripts.
_FURTHER = (
    "js/vault.js",
    "js/sound.js",
    "vendor/inter/inter-latin-wght.woff2",
    "vendor/fraunces/fraunces-latin-opsz.woff2",
)
_FILES = re.compile(r'(?:href|src)="([^"]+\.(?:css|js|svg|woff2)[^"]*)"')


def _empty(kind: str) -> str:
    """The page as everybody gets it: made without the request, so that nobody's name or message can be in it."""
    now = clock.now()
    own = live_context(None, now=now) if kind == "patient" else watching(None, name="", place={}, now=now)
    return render_to_string(PAGES[kind], {"shell": True, "running": True, **own})


@login_not_required
@require_safe
def patient(request: HttpRequest) -> HttpResponse:
    """The session page, empty."""
    return HttpResponse(_empty("patient"))


@login_not_required
@require_safe
def sitter(request: HttpRequest) -> HttpResponse:
    """The sitter's page, empty."""
    return HttpResponse(_empty("sitter"))


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; its name of the cache changes with the files in it, so that a new release is taken whole."""
    files = {static(name) for name in _FURTHER}
    for kind in PAGES:
        files |= {name.partition("#")[0] for name in _FILES.findall(_empty(kind))}
    listed = sorted(files)
    context = {"files": listed, "version": hashlib.sha256("".join(listed).encode()).hexdigest()[:16]}
    return render(request, "treatment/session-worker.js", context, content_type="text/javascript")
