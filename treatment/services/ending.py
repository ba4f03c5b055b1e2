"""Cancelling, stopping, pausing and resuming an order: what is planned and what would remind of it goes with it."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import policy as policies
from treatment import selectors
from treatment.models import Pause, Prescription, PrescriptionStatus, Shipment, ShipmentStatus
from treatment.rules import law
from treatment.services import parcels, pharmacy_calls, plans, refills
from treatment.services.locks import lock_chart, lock_treatment
from treatment.services.pauses import end_pause
from treatment.services.prescriptions import fresh, prescriber_of, refuse_staff


class EndReason(StrEnum):
    """Why a prescription ends early or is paused."""

    MISTAKE = "mistake"
    PATIENT_WISH = "patient_wish"
    SIDE_EFFECTS = "side_effects"
    NO_BENEFIT = "no_benefit"
    SAFETY = "safety"
    OTHER = "other"


def cancel_prescription(*, prescription: Prescription, reason: EndReason | str, by: User, now: datetime) -> None:
    """Cancel an order before anything of it left the pharmacy. Raises IllegalMove or Conflict when it is too late."""
    prescriber_of(by)
    with transaction.atomic():
        lock_treatment(prescription.patient)
        row = fresh(prescription)
        if row.status == PrescriptionStatus.CANCELLED:
            return
        if row.status != PrescriptionStatus.DRAFT:
            # What waits is locked before the trail is written, here and below.
            refills.overtake(patient=row.patient, reason_code="cancelled", by=by, now=now)
            plans.end_plan(patient=row.patient, reason_code="cancelled", by=by, now=now)
        advance(row, PrescriptionStatus.CANCELLED, by=by, now=now, reason_code=EndReason(reason).value)
        parcels.call_off(prescription=row, by=by, now=now)


def stop_prescription(*, prescription: Prescription, reason: EndReason | str, by: User, now: datetime) -> None:
    """Stop the treatment under this order at once: no session starts, no reminder goes out, nothing ships (I4)."""
    prescriber_of(by)
    with transaction.atomic():
        lock_treatment(prescription.patient)
        row = fresh(prescription)
        if row.status == PrescriptionStatus.STOPPED:
            return
        refills.overtake(patient=row.patient, reason_code="stopped", by=by, now=now)
        plans.end_plan(patient=row.patient, reason_code="stopped", by=by, now=now)
        end_pause(row, note=_("The order was stopped."), by=by, now=now)
        advance(row, PrescriptionStatus.STOPPED, by=by, now=now, reason_code=EndReason(reason).value)
        parcels.call_off(prescription=row, by=by, now=now)
        plans.tell_patient(patient=row.patient, key=f"prescription:{row.pk}:stopped", now=now)


def pause_prescription(
    *, prescription: Prescription, reason: EndReason | str, note: str, by: User, now: datetime
) -> Pause:
    """Pause the treatment: sessions, reminders and sitters' links end at once, nothing ships until it is resumed.

    A second click gives the pause back. Raises PermissionDenied, RuleViolation for an empty note, IllegalMove or
    Conflict for an order that is not in force.
    """
    prescriber_of(by)
    if not note.strip():
        raise RuleViolation(_("Write why, for the record and for whoever resumes it."), "note_missing")
    with transaction.atomic():
        lock_treatment(prescription.patient)
        row = fresh(prescription)
        standing = Pause.objects.filter(prescription=row, ended_at__isnull=True).first()
        if standing is not None:
            return standing
        came_from = row.status
        refills.overtake(patient=row.patient, reason_code="paused", by=by, now=now)
        plans.end_plan(patient=row.patient, reason_code="paused", by=by, now=now)
        advance(row, PrescriptionStatus.PAUSED, by=by, now=now, reason_code=EndReason(reason).value)
        pause = Pause.objects.create(
            patient=row.patient,
            prescription=row,
            came_from=came_from,
            reason_code=EndReason(reason).value,
            note=note.strip(),
            paused_at=now,
            paused_by=by,
            created_at=now,
        )
        record(actor=by, action="prescription.pause_opened", now=now, subject=pause, reason=pause.reason_code)
        for parcel in Shipment.objects.filter(prescription=row, status__in=Shipment.AT_PHARMACY):
            pharmacy_calls.ask_to_stop(parcel, key=f"paused:{pause.pk}", by=by, now=now)
        plans.tell_patient(patient=row.patient, key=f"pause:{pause.pk}", now=now)
    return pause


def resume_prescription(*, prescription: Prescription, reason: str, by: User, now: datetime) -> Prescription:
    """Go on with a paused order: it stands where it stood, and the patient plans the sessions anew.

    A second click does nothing. Raises PermissionDenied, RuleViolation for an empty reason, while a hold is open,
    after its last day, or without a licence where the patient is.
    """
    clinician = prescriber_of(by)
    if not reason.strip():
        raise RuleViolation(_("Write why the treatment goes on."), "reason_missing")
    with transaction.atomic():
        lock_chart(prescription.patient)
        row = fresh(prescription)
        if row.status in Prescription.IN_FORCE:
            return row
        pause = Pause.objects.filter(prescription=row, ended_at__isnull=True).first()
        if row.status != PrescriptionStatus.PAUSED or pause is None:
            raise Conflict(_("This order is not paused any more. Reload the page."), "raced")
        parcels.require_not_held(row.patient, now=now)
        today = clock.today(clinician.zone, now)
        refuse_staff(law.check_licence(selectors.licences_of(clinician), visit_state=row.visit_state, today=today))
        if row.issued_on is not None:
            here = clock.today(row.patient.zone, now)
            refuse_staff(law.check_unexpired(row.issued_on, here, policies.load()))
        arrived = Shipment.objects.filter(prescription=row, status=ShipmentStatus.DELIVERED).exists()
        back = PrescriptionStatus.DELIVERED if arrived else PrescriptionStatus(pause.came_from)
        end_pause(row, note=reason, by=by, now=now)
        advance(row, back, by=by, now=now, reason_code="resumed")
        plans.tell_patient(patient=row.patient, key=f"pause:{pause.pk}:ended", now=now)
    return row
