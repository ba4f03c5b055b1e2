"""The one door to a charge: its patient, or the practice's people who may see who somebody is."""

from typing import Any
from uuid import UUID

from billing.models import Charge
from harmoniously.core.audit.doors import door


def charge_for(user: Any, pk: str | UUID) -> Charge:
    """The charge when the account may see it, else Http404."""
    return door(user, Charge.objects.select_related("patient__user", "refund"), pk, clinical=False)
