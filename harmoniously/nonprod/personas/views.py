"""The personas page: be somebody with one click."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from harmoniously.nonprod.personas.people import BY_KEY, PERSONAS
from harmoniously.nonprod.personas.services import accounts_of, current_code, sign_in


@require_GET
@login_not_required
def personas(request: HttpRequest) -> HttpResponse:
    """Everybody a visitor may be, with the codes their authenticators show now."""
    accounts = accounts_of(PERSONAS)
    people = [
        {
            "persona": persona,
            "code": current_code(accounts[persona.email]) if persona.email in accounts else "",
            "is_current": request.user.is_authenticated and request.user.email == persona.email,
        }
        for persona in PERSONAS
    ]
    return render(request, "nonprod/personas.html", {"people": people})


@require_POST
@login_not_required
def be(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as the persona and go where that person starts."""
    persona = BY_KEY.get(key)
    if persona is None:
        raise Http404
    user = sign_in(request, persona)
    return redirect("admin:index" if user.is_staff else "portal:home")
