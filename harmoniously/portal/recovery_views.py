"""The two private links of a way back: one chooses a new password, the other one stops it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.models import AccountRecovery
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from harmoniously.portal import opening
from harmoniously.portal.invitation_forms import OpenAccountForm
from harmoniously.portal.people import recovery


def _found(request: HttpRequest, row: AccountRecovery | None) -> AccountRecovery:
    if row is None:
        raise Http404
    opening.speak_to(request, row.patient.user)
    return row


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest, token: str) -> HttpResponse:
    """Birth date and a new password. The page says nobody's name: an address may have been misheard."""
    row, now = _found(request, recovery.found(token)), clock.now()
    state = recovery.state_of(row, now)
    if state != "open" or not row.patient.user.is_active:
        return render(request, "portal/recovery_over.html", {"state": state}, status=HTTPStatus.GONE)

    def page(form: OpenAccountForm, status: HTTPStatus) -> HttpResponse:
        return render(request, "portal/recovery.html", {"form": form}, status=status)

    done = _("Your new password is saved. Sign in with the address to which we sent the link.")
    return opening.answer(request, partial(recovery.accept, recovery=row), page, done=done)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever was reached before says that it was not them. Opening the page stops nothing: programs open links."""
    row = _found(request, recovery.found_to_stop(token))
    if request.method == "POST":
        with suppress(Conflict):  # the page says that it was used
            recovery.stop(recovery=row, now=clock.now())
        return redirect(request.path)
    state = recovery.state_of(row, clock.now())
    context = {"state": state, "going": state in recovery.UNDER_WAY, "when": row.opens_at, "zone": row.patient.zone}
    return render(request, "portal/recovery_stop.html", context)
