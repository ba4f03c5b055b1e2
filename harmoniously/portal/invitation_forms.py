"""What somebody types to open the account that was made for them, and who forgot a password they never had."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import DatePartsField
from harmoniously.portal.people import invitations


class OpenAccountForm(forms.Form):
    """The birth date that proves the person, and a password."""

    date_of_birth = DatePartsField(
        label=gettext_lazy("Your date of birth"),
        birthday=True,
        help_text=gettext_lazy("So that we know that it is you. For example, 3 27 1985."),
        error_messages={"required": gettext_lazy("Enter your date of birth.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. Three or four words you remember make a good one."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )


class ForgottenPasswordForm(ResetPasswordForm):
    """ "Forgot your password": an account that nobody opened yet gets its invitation anew, not a way around it.

    Nor does an address lead to another password that was written down for somebody and not confirmed: it may be a
    stranger's.
    """

    users: list[User]

    def clean_email(self) -> str:
        email = str(super().clean_email())
        proved = EmailAddress.objects.filter(email__iexact=email, verified=True).values_list("user", flat=True)
        self.users = [user for user in self.users if user.email.lower() == email.lower() or user.pk in set(proved)]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        waiting = [user for user in self.users if invitations.waits(user)]
        if not waiting:
            return str(super().save(request, **kwargs))
        email = str(self.cleaned_data["email"])
        for user in waiting:
            # The mail says what became of it, and takes the time that every other answer of this page takes: a mail
            # server is slow enough to tell by the clock who was registered here on the telephone (ASVS 6.3.8).
            told = {"sent": _sent_anew(user), "clinic_phone": settings.CLINIC_PHONE}
            get_adapter(request).send_mail("account/email/waiting_account", email, told)
        return email


def _sent_anew(user: User) -> bool:
    """Whether there is a new link; False when enough were sent, or somebody guessed."""
    try:
        invitations.send(user=user, by=None, now=clock.now())
    except RuleViolation:
        return False
    return True
