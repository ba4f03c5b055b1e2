"""What happens around every request: its id, its headers, and what a patient sees while the database is away."""

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

from harmoniously.core.common import context
from harmoniously.core.common.secret_links import PATTERN

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
GetResponse = Callable[[HttpRequest], HttpResponse]
# The call of anybody in it and the check of the devices; no other page may ask for camera or microphone (VID-07).
CAMERA_PAGES = re.compile(rf"/(?:visits/devices|(?:admin/)?visits/[0-9a-f-]{{36}}/call|g/{PATTERN})/")


class RequestContextMiddleware:
    """Gives each request an id and remembers the caller's address for the audit trail."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        writes = request.method not in SAFE_METHODS
        context.enter(context.RequestContext(uuid.uuid4().hex, client_address(request), writes))
        try:
            return self.get_response(request)
        finally:
            context.enter(None)


def client_address(request: HttpRequest) -> str:
    """The caller's address: forwarded headers count only as far as our own proxies (ASVS 4.1.3)."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if count:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= count:
            return hops[-count][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class SafetyHeadersMiddleware:
    """Headers that no page may lack: nothing of a signed-in page is kept, no device is opened unasked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        devices = "self" if CAMERA_PAGES.fullmatch(request.path) else ""
        response.headers.setdefault(
            "Permissions-Policy",
            f"camera=({devices}), microphone=({devices}), geolocation=(), payment=(), usb=(), interest-cohort=()",
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class MethodsMiddleware:
    """Refuses PUT, PATCH, DELETE, OPTIONS and invented methods, for which no page has a use, before anything is read.

    Views that only ask whether a request is a POST, Django's own among them, would take each of these for a GET.
    """

    ALLOWED = ("GET", "HEAD", "POST")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if request.method in self.ALLOWED else HttpResponseNotAllowed(self.ALLOWED)


class DatabaseOutageMiddleware:
    """Turns a lost database into a page that says so and asks to try again, instead of a crash (requirements 3.3)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError):
            return outage_response()

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django turns a view's exception into a 500 before ours would see it; this comes first."""
        return outage_response() if isinstance(error, OperationalError | InterfaceError) else None


def outage_response() -> HttpResponse:
    """The page shown while the database is away: static, with the crisis numbers."""
    response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = "30"
    return response
