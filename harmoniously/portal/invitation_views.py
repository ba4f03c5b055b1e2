"""The page behind an invitation: whoever was registered on the telephone opens their account here."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import Invitation
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from harmoniously.portal.invitation_forms import OpenAccountForm
from harmoniously.portal.people import invitations


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Birth date and password. The page says nobody's name: links travel, and an address may have been misheard."""
    found, now = invitations.found(token), clock.now()
    if found is None:
        raise Http404
    if not languages.chosen_here(request) and not request.user.is_authenticated:
        languages.use(request, languages.of_reader(found.user))
    state = invitations.state_of(found, now)
    if state != "good":
        return _over(request, state)
    form = OpenAccountForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        return _accept(request, found, form)
    return _page(request, form, status=422 if request.method == "POST" else 200)


def _accept(request: HttpRequest, found: Invitation, form: OpenAccountForm) -> HttpResponse:
    given = form.cleaned_data
    now = clock.now()
    try:
        right = invitations.accept(invitation=found, born=given["date_of_birth"], password=given["password"], now=now)
    except Conflict as error:
        if error.code == "over":
            return redirect(request.path)  # which says what became of the link
        form.add_error(None, _("Another account uses this e-mail address. Please telephone us."))
        return _page(request, form, status=409)
    if right:
        messages.success(request, _("Your account is open. Sign in with your e-mail address and your new password."))
        return redirect("account_login")
    form.add_error("date_of_birth", _("That is not the date of birth we wrote down. Check it, or telephone us."))
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: OpenAccountForm, *, status: int = 200) -> HttpResponse:
    return render(request, "portal/invitation.html", {"form": form, "phone": settings.CLINIC_PHONE}, status=status)


def _over(request: HttpRequest, state: str) -> HttpResponse:
    """What became of a link that was good once."""
    context = {"state": state, "phone": settings.CLINIC_PHONE}
    return render(request, "portal/invitation_over.html", context, status=HTTPStatus.GONE)
