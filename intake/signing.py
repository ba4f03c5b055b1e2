"""Signing the agreements, with what of the case goes on by it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.documents.consents import selectors, services
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.models import ConsentEvent
from intake.drafts import lock_case
from intake.requests import settling


def sign(
    *, patient: Patient, shown: Mapping[str, str], typed_name: str, source: str, by: User, now: datetime
) -> list[ConsentEvent]:
    """Sign what is due; whoever signs again what they took back is asked again for what was open then.

    Raises as the service of the agreements does.
    """
    with transaction.atomic():
        lock_case(patient)
        back = [one.withdrawn.at for one in selectors.standings(patient, now).values() if one.withdrawn]
        signed = services.sign(patient=patient, shown=shown, typed_name=typed_name, source=source, by=by, now=now)
        if back and selectors.in_force(patient, Activity.HAND_IN, now):
            settling.ask_again(patient=patient, since=min(back), by=by, now=now)
    return signed
