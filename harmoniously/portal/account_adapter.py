"""What the roof adds to how allauth behaves: an address that the practice wrote down is confirmed in the one order."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from harmoniously.core.accounts.adapter import AccountAdapter
from harmoniously.core.audit.services import hold_chain
from harmoniously.core.common import clock
from harmoniously.portal.people import contact


class PortalAccountAdapter(AccountAdapter):
    """Confirming an address stands under the same lock as correcting it and taking it back (portal.people.contact)."""

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """An address that the practice wrote down for somebody on the telephone takes the place of the one before.

        Whoever confirms it is signed in: one that was misheard would hand the account, and the record, to a stranger.
        """
        patient = getattr(email_address.user, "patient", None)
        if patient is None:
            return bool(super().confirm_email(request, email_address))
        with transaction.atomic():
            hold_chain(patient)
            if not EmailAddress.objects.filter(pk=email_address.pk).exists():
                messages.info(request, _("This link does not work any more"))
                return False
            asked = contact.asks_for(email_address)
            if asked and request.user.pk != email_address.user_id:
                messages.info(request, _("Sign in as before, with your old e-mail address. Then confirm the new one."))
                raise ImmediateHttpResponse(redirect_to_login(request.path))
            confirmed: bool = super().confirm_email(request, email_address)
            if confirmed and asked:
                contact.settle(request, email_address, now=clock.now())
        return confirmed
