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
from harmoniously.core.notifications.models import CANCELLABLE, Channel, Notification

# Changes with the words of the page (templates/notifications/texts.html, and wherever else it is asked).
WORDING = "2026-2"
PHONE = "phone"
# What a coordinator reads out on the telephone before somebody says yes (SEC-29).
READ_OUT = "2026-1"


def words_read_out() -> str:
    """The words of READ_OUT: whoever changes them gives them another name there."""
    return _(
        "May we text you reminders at this number? 2 to 8 texts a month with a time and a link, nothing about your "
        "health. Your carrier may charge. Reply STOP at any time, HELP for help. You do not need to agree to be cared "
        "for."
    )


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
            wording=f"read out {READ_OUT}" if source == PHONE else WORDING,
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


def move_to(*, patient: Patient, by: Actor, now: datetime) -> None:
    """The patient's number became another one: consent was given for the one before, so texts stop until asked anew.

    What waits is found by the new number from now on, so that "STOP" from there reaches it.
    """
    number = addresses.e164(patient.phone)
    with transaction.atomic():
        if patient.sms_consent_at is not None:
            patient.sms_consent_at = None
            patient.save(update_fields=["sms_consent_at"])
            record(actor=by, action="texts.number_changed", now=now, patient=patient)
        waiting = Notification.objects.filter(recipient=patient.user, channel=Channel.SMS, state__in=CANCELLABLE)
        # A sitter's number was given by the patient, and stays.
        own = [row.pk for row in waiting.exclude(address_digest="") if not row.address]
        Notification.objects.filter(pk__in=own).update(address_digest=addresses.digest(number) if number else "")
