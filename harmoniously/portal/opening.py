"""What both private links into an account have in common: a birth date that proves the person, and a password."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from harmoniously.portal.invitation_forms import OpenAccountForm

# Takes `born`, `password` and `now`; False for a wrong birth date.
Accept = Callable[..., bool]
Page = Callable[[OpenAccountForm, HTTPStatus], HttpResponse]


def speak_to(request: HttpRequest, user: User) -> None:
    """In the language of the account, unless another one was chosen in this browser."""
    if not languages.chosen_here(request) and not request.user.is_authenticated:
        languages.use(request, languages.of_reader(user))


def answer(request: HttpRequest, accept: Accept, page: Page, *, done: str) -> HttpResponse:
    """The form, and what becomes of it. What a password lacks is said only to whoever gave the right birth date: it
    may be too much like the account's address, which nobody else is to learn."""
    form = OpenAccountForm(request.POST or None)
    if request.method != "POST":
        return page(form, HTTPStatus.OK)
    if not form.is_valid():
        return page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.cleaned_data
    try:
        right = accept(born=given["date_of_birth"], password=given["password"], now=clock.now())
    except ValidationError as error:
        form.add_error("password", error)
        return page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as error:
        if error.code == "over":
            return redirect(request.path)  # which says what became of the link
        form.add_error(None, _("Another account uses this e-mail address. Please telephone us."))
        return page(form, HTTPStatus.CONFLICT)
    if right:
        messages.success(request, done)
        return redirect("account_login")
    form.add_error("date_of_birth", _("That is not the date of birth we wrote down. Check it, or telephone us."))
    return page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
