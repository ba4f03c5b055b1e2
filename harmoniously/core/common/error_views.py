"""Pages for what went wrong before a view could answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old or came from elsewhere: nothing was saved, and the page says so."""
    return render(request, "403_csrf.html", status=403)
