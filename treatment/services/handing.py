"""Giving a signed order to a pharmacy: recorded, never done by us. Electronic signing is a certified application's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment.models import Handover, HandoverMethod, Pharmacy, Prescription, PrescriptionStatus
from treatment.services.locks import lock_chart
from treatment.services.parcels import require_may_go_out
from treatment.services.prescriptions import fresh, prescriber_of


@dataclass(frozen=True)
class Handed:
    """How an order was given to whom, under which reference (electronic) or number (fax)."""

    pharmacy: Pharmacy
    method: HandoverMethod
    reference: str = ""
    to_whom: str = ""


def hand_over(*, prescription: Prescription, handed: Handed, form_token: UUID, by: User, now: datetime) -> Handover:
    """Record that the signed order was given to a pharmacy; from the first time on it counts as sent.

    Not under a hold or a pause, nor without consent, nor too late. It may be given again while nothing of it was
    filled (the fax did not arrive). The same form twice is one record. Raises PermissionDenied, RuleViolation with what
    is missing, Conflict when the order has moved on.
    """
    prescriber_of(by)
    with transaction.atomic():
        lock_chart(prescription.patient)
        row = fresh(prescription)
        twin = Handover.objects.filter(form_token=form_token, patient=row.patient).first()
        if twin is not None:
            return twin
        if row.status in (PrescriptionStatus.FILLED, PrescriptionStatus.SHIPPED, PrescriptionStatus.DELIVERED):
            raise Conflict(_("The pharmacy has this order already. Reload the page."), "raced")
        require_may_go_out(row, now=now)
        _require_complete(handed)
        made = Handover.objects.create(
            patient=row.patient,
            prescription=row,
            pharmacy=handed.pharmacy,
            method=handed.method,
            reference=handed.reference.strip(),
            to_whom=handed.to_whom.strip(),
            at=now,
            by=by,
            form_token=form_token,
            created_at=now,
        )
        record(actor=by, action="prescription.handed_over", now=now, subject=made, method=made.method)
        if row.status == PrescriptionStatus.SIGNED:
            advance(row, PrescriptionStatus.SENT, by=by, now=now)
    return made


def _require_complete(handed: Handed) -> None:
    """Raise RuleViolation when the record would not say enough to find the order again."""
    if not handed.pharmacy.enabled:
        raise RuleViolation(_("This pharmacy takes no orders now. Choose another one."), "pharmacy_off")
    if handed.method == HandoverMethod.PHONE and not handed.to_whom.strip():
        raise RuleViolation(_("Write who took the order on the phone."), "to_whom_missing")
    if handed.method != HandoverMethod.PHONE and not handed.reference.strip():
        raise RuleViolation(
            _("Write the reference of the certified application, or the fax number it went to."), "reference_missing"
        )
    if handed.method == HandoverMethod.FAX and not any(sign.isdigit() for sign in handed.reference):
        raise RuleViolation(_("Write the number that the fax went to."), "reference_missing")
