"""The private calendar address of a clinician, for a calendar program."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from harmoniously.core.common import clock
from telemedicine.calendar_file import CONTENT_TYPE, feed_file
from telemedicine.services import feeds

# /calendar/<token>/visits.ics


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Times that are taken, and nothing about whom."""
    now = clock.now()
    found = feeds.read(secret=token, now=now)
    if found is None:
        raise Http404
    return HttpResponse(feed_file(found[1], now=now), content_type=CONTENT_TYPE)
