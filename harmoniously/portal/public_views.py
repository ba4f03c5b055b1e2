"""Pages for everyone: what the treatment is, what it costs, how safe it is, where to get help at once.

None of them touches the database or the session, so they stay up when those are away.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from billing.prices import PRICES, Purpose
from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock, switching
from harmoniously.core.common.templatetags.ui import THEME_COOKIE, THEMES
from harmoniously.portal import styleguide as guide
from harmoniously.portal.preferences import choose
from intake.pages import MINUTES

YEAR = 365 * 24 * 60 * 60
EVALUATION_FEE_CENTS = PRICES[Purpose.EVALUATION].amount_cents


@login_not_required
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """The first page."""
    return render(request, "portal/public/welcome.html", {"fee_cents": EVALUATION_FEE_CENTS, "minutes": MINUTES})


@login_not_required
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """The treatment, the ways ketamine is given, and every step from sign-up to follow-up."""
    return render(request, "portal/public/how.html", {"fee_cents": EVALUATION_FEE_CENTS})


@login_not_required
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Every price, before anything is asked."""
    return render(request, "portal/public/prices.html", {"fee_cents": EVALUATION_FEE_CENTS})


@login_not_required
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """Risks, who it is not for, what is checked before each dose."""
    return render(request, "portal/public/safety.html")


@login_not_required
@require_safe
def crisis(request: HttpRequest) -> HttpResponse:
    """Help at once."""
    return render(request, "portal/public/crisis.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, who can read it, what never leaves."""
    return render(request, "portal/public/privacy.html")


def _onward(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that a switch was on, with what stood in its form; the first page when that is not one of ours."""
    onward = request.POST.get(switching.CARRY) or request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts=None) or not onward.startswith("/"):
        return HttpResponseRedirect("/")
    return HttpResponseRedirect(onward, preserve_request=switching.CARRY in request.POST)


@login_not_required
@sensitive_post_parameters()
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the device's own appearance in a cookie that says nothing else, and go back."""
    chosen = request.POST.get(switching.THEME, "auto")
    response = _onward(request)
    if chosen not in THEMES or chosen == "auto":
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    else:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


@login_not_required
@sensitive_post_parameters()
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember a language in a cookie that says nothing else, and in the account of whoever is signed in; go back."""
    chosen = request.POST.get(switching.LANGUAGE, "")
    response = _onward(request)
    if chosen not in languages.OFFERED:
        return response
    if isinstance(request.user, User):
        choose(user=request.user, language=chosen, now=clock.now())
    secure = settings.SESSION_COOKIE_SECURE
    name = settings.LANGUAGE_COOKIE_NAME
    response.set_cookie(name, chosen, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with invented content; absent in production."""
    if settings.PRODUCTION:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = guide.ExampleForm(data)
    wrong = form.is_bound and not form.is_valid()
    context = {"form": form, **guide.examples()}
    return render(request, "portal/styleguide.html", context, status=422 if wrong else 200)
