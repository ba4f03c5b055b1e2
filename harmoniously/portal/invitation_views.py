"""The page behind an invitation: whoever was registered on the telephone opens their account here."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.common import clock
from harmoniously.portal import opening
from harmoniously.portal.invitation_forms import OpenAccountForm
from harmoniously.portal.people import invitations


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Birth date and password. The page says nobody's name: links travel, and an address may have been misheard."""
    found, now = invitations.found(token), clock.now()
    if found is None:
        raise Http404
    opening.speak_to(request, found.user)
    state = invitations.state_of(found, now)
    if state != "good":
        return _over(request, state)

    def page(form: OpenAccountForm, status: HTTPStatus) -> HttpResponse:
        context = {"form": form, "phone": settings.CLINIC_PHONE}
        return render(request, "portal/invitation.html", context, status=status)

    done = _("Your account is open. Sign in with your e-mail address and your new password.")
    return opening.answer(request, partial(invitations.accept, invitation=found), page, done=done)


def _over(request: HttpRequest, state: str) -> HttpResponse:
    """What became of a link that was good once."""
    context = {"state": state, "phone": settings.CLINIC_PHONE}
    return render(request, "portal/invitation_over.html", context, status=HTTPStatus.GONE)
