"""A patient's consent to texts: given and withdrawn, with what the law wants to be shown later (47 CFR 64.1200).

The evidence (who, when, from which address, which wording, which number, in which language) is an event of the audit
trail, which nobody can change; the patient's row only says whether texts may be sent now.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import addresses, opt_outs

# Changes with the words of the page (templates/notifications/texts.html, and wherever else it is asked).
WORDING = "2026-2"


def agree(*, patient: Patient, source: str, by: Actor, now: datetime) -> None:
    """Texts may be sent to the patient's number from now on. `source` says where it was asked ("intake", "portal").

    Raises RuleViolation when there is no number that can get texts. A number that texted STOP to the carrier also has
    to text START: only the carrier can undo that.
    """
    number = addresses.e164(patient.phone)
    if not number:
        raise RuleViolation(_("Add a telephone number first. Then we can send texts to it."), "no_number")
    with transaction.atomic():
        patient.sms_consent_at = now
        patient.save(update_fields=["sms_consent_at"])
        opt_outs.opt_in(number=number, source=source, by=by, now=now)
        record(
            actor=by,
            action="texts.agreed",
            now=now,
            patient=patient,
            source=source,
            wording=WORDING,
            number=addresses.digest(number),
            language=get_language() or "",
        )


def withdraw(*, patient: Patient, source: str, by: Actor, now: datetime) -> None:
    """No more texts to the patient, at once; what is waiting is cancelled. Doing it twice does no harm."""
    number = addresses.e164(patient.phone)
    with transaction.atomic():
        patient.sms_consent_at = None
        patient.save(update_fields=["sms_consent_at"])
        if number:
            opt_outs.opt_out(number=number, source=source, by=by, now=now)
        record(actor=by, action="texts.withdrawn", now=now, patient=patient, source=source)
