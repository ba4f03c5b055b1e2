"""Which language a person reads: chosen on this device, else in their account, else what the browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

if TYPE_CHECKING:
    from harmoniously.core.accounts.models import User

ENGLISH, SPANISH = "en", "es"
OFFERED = frozenset(code for code, _name in settings.LANGUAGES)


def chosen_here(request: HttpRequest) -> str:
    """The language chosen on this device, or an empty string."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in OFFERED else ""


def of_request(request: HttpRequest) -> str:
    """The language of the page to come. Staff pages are in English, whatever was chosen."""
    user = getattr(request, "user", None)
    if user is not None and user.is_staff:
        return ENGLISH
    # Somebody who has not signed in has no language of their own.
    return chosen_here(request) or getattr(user, "language", "") or current()


def of_reader(user: User) -> str:
    """The language of a message to somebody who is not here."""
    return ENGLISH if user.is_staff else user.language or ENGLISH


def current() -> str:
    """The language in use now, as one of those that we offer."""
    code = (translation.get_language() or ENGLISH).partition("-")[0]
    return code if code in OFFERED else ENGLISH


def use(request: HttpRequest, language: str) -> None:
    """Speak a language from here to the end of the request."""
    translation.activate(language)
    request.LANGUAGE_CODE = language
