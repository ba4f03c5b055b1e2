"""The demo clock's buttons on the staff site."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from harmoniously.core.accounts.permissions import StaffRequest, staff_with
from harmoniously.nonprod.time_travel import move


@require_POST
@staff_with()
def move_clock(request: StaffRequest) -> HttpResponse:
    """Move the clock and go back to the page the button stood on."""
    try:
        move(request.POST.get("by", ""))
    except (ValueError, RuntimeError) as error:
        messages.error(request, str(error))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else reverse("admin:index"))
