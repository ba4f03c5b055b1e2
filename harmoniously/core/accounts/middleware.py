"""What stands between a request and every page: session limits, and the second factor of staff."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from harmoniously.core.accounts import languages, sessions
from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.stepup import ask_for_second_factor, has_second_factor, second_factor_age
from harmoniously.core.common import clock

GetResponse = Callable[[HttpRequest], HttpResponse]
# By resolved name, never by the text of a path (requirements 4.2). What staff need to enrol, prove and leave.
OPEN_TO_STAFF_WITHOUT_SECOND_FACTOR = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)


# What is in English for everybody: staff pages, the tools of the demo, and so far the pages of the treatment itself.
ENGLISH_ONLY = frozenset({"admin", "nonprod", "treatment"})
# Letters to other care hold what treatment pages say, and are signed as they are read.
ENGLISH_LETTERS = "telemedicine:referral"


class LanguageMiddleware:
    """Speaks the language that the person chose (languages.of_request). Django's own, before it, knows no account."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        languages.use(request, languages.of_request(request))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: object, _kwargs: object) -> None:
        match = request.resolver_match
        if match is None:
            return
        if ENGLISH_ONLY & set(match.namespaces) or match.view_name.startswith(ENGLISH_LETTERS):
            request.wanted_language = languages.of_request(request)  # type: ignore[attr-defined]  # base_patient.html says so
            languages.use(request, languages.ENGLISH)


class SessionLimitsMiddleware:
    """Ends a session at its idle or absolute limit and says so; what a page polls never extends it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            at = clock.wall()
            if sessions.STARTED not in request.session:
                sessions.begin(request.session, at=at)
            if sessions.is_over(request.session, is_staff=request.user.is_staff, at=at):
                return self._sign_out(request)
        was_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_in and not request.user.is_authenticated:
            # Who leaves takes along what a session page kept in this browser, sealed as it is.
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: object, _kwargs: object) -> None:
        # A page that asks for itself anew says so; saying it only makes a session shorter (BUG-05).
        by_itself = "X-By-Itself" in request.headers or not getattr(view, "extends_session", True)
        if request.user.is_authenticated and not by_itself:
            sessions.touch(request.session, at=clock.wall())

    @staticmethod
    def _sign_out(request: HttpRequest) -> HttpResponse:
        logout(request)
        if request.headers.get("HX-Request") or "application/json" in request.headers.get("Accept", ""):
            return HttpResponse(status=401)
        request.session["signed_out_for_safety"] = True
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


class StaffSecondFactorMiddleware:
    """No staff member sees any page without a second factor in this very session (SEC-08)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: object, _kwargs: object) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not user.is_staff or second_factor_age(request, user) is not None:
            return None
        match = request.resolver_match
        if match is None or match.view_name in OPEN_TO_STAFF_WITHOUT_SECOND_FACTOR or match.view_name in PUBLIC_NAMES:
            return None
        if has_second_factor(user):
            return ask_for_second_factor(request, user)
        messages.info(request, _("Staff accounts need a second step at sign-in. Set it up here, then you can go on."))
        return redirect("mfa_activate_totp")


# The probes of the load balancer, the crisis page and the two switches answer everybody.
PUBLIC_NAMES = frozenset({"livez", "readyz", "portal:crisis", "portal:theme", "portal:language"})
