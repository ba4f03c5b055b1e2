"""The two private links of a way back: one chooses a new password, the other one stops it."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import AccountRecovery
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from harmoniously.portal.invitation_forms import OpenAccountForm
from harmoniously.portal.people import recovery


def _found(request: HttpRequest, row: AccountRecovery | None) -> AccountRecovery:
    if row is None:
        raise Http404
    if not languages.chosen_here(request) and not request.user.is_authenticated:
        languages.use(request, languages.of_reader(row.patient.user))
    return row


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest, token: str) -> HttpResponse:
    """Birth date and a new password. The page says nobody's name: an address may have been misheard."""
    row, now = _found(request, recovery.found(token)), clock.now()
    state = recovery.state_of(row, now)
    if state != "open" or not row.patient.user.is_active:
        return render(request, "portal/recovery_over.html", {"state": state}, status=HTTPStatus.GONE)
    form = OpenAccountForm(request.POST or None, user=row.patient.user)
    if request.method == "POST" and form.is_valid():
        return _accept(request, row, form)
    return _page(request, form, status=422 if request.method == "POST" else 200)


def _accept(request: HttpRequest, row: AccountRecovery, form: OpenAccountForm) -> HttpResponse:
    given: dict[str, Any] = {"born": form.cleaned_data["date_of_birth"], "password": form.cleaned_data["password"]}
    try:
        right = recovery.accept(recovery=row, **given, now=clock.now())
    except Conflict as error:
        if error.code == "over":
            return redirect(request.path)  # which says what became of the link
        form.add_error(None, _("Another account uses this e-mail address. Please telephone us."))
        return _page(request, form, status=409)
    if right:
        messages.success(request, _("Your new password is saved. Sign in with the address to which we sent the link."))
        return redirect("account_login")
    form.add_error("date_of_birth", _("That is not the date of birth we wrote down. Check it, or telephone us."))
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: OpenAccountForm, *, status: int = 200) -> HttpResponse:
    return render(request, "portal/recovery.html", {"form": form}, status=status)


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
