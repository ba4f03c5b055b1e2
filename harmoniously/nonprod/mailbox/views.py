"""The demo's mailbox page: what every invented person would find in their mail and on their phone."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from harmoniously.core.common import clock
from harmoniously.nonprod.mailbox.selectors import kept_for

PAGE_SIZE = 25


@login_not_required
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every e-mail and text, newest first; `?to=` narrows it to one address or number."""
    wanted = request.GET.get("to", "").strip()[:254]
    page = Paginator(kept_for(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "zone": clock.PRACTICE_ZONE, "now": clock.now()}
    return render(request, "nonprod/mailbox/mailbox.html", context)
