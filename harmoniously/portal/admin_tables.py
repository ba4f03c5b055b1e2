"""The tables in which staff look rows up: what was ordered, taken, booked, charged, sent and followed up.

None shows a text that somebody wrote or a value that is sealed; those stand on the pages that a row opens, each behind
its own door. What is clinical needs VIEW_CLINICAL, which coordinators and administrators do not have.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.common.money import format_cents
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.admin_bases import LookUpAdmin
from telemedicine.models import Appointment, Referral, Review
from treatment.models import AdverseEvent, CheckIn, DoseSession, Prescription


class ClinicalAdmin(LookUpAdmin):
    """Rows of what was ordered and what then happened: for clinicians, of the patients whom they care for."""

    view_permission = Permission.VIEW_CLINICAL
    list_select_related: ClassVar[tuple[str, ...]] = ("patient",)
    search_fields = ("^patient__mrn",)


class PrescriptionAdmin(ClinicalAdmin):
    page = "admin:prescription_detail"
    list_display = ("patient", "status", "product", "quantity_units", "refills", "prescriber", "issued_on")
    list_filter = ("status", "frequency", "prescriber")
    list_select_related = ("patient", "product", "prescriber")
    date_hierarchy = "issued_on"
    ordering = ("-created_at",)


class DoseSessionAdmin(ClinicalAdmin):
    page = "admin:dose_session"
    list_display = ("patient", "number", "status", "local_day", "started_at", "completed_at", "reviewed_at")
    list_filter = ("status", "state")
    date_hierarchy = "local_day"
    ordering = ("-starts_at",)


class CheckInAdmin(ClinicalAdmin):
    page = "admin:check_in"
    list_display = ("patient", "kind", "status", "day", "answered_at", "flagged", "reviewed_at")
    list_filter = ("kind", "status", "flagged")
    date_hierarchy = "day"
    ordering = ("-due_at",)


class AdverseEventAdmin(ClinicalAdmin):
    page = "admin:adverse_event"
    list_display = ("patient", "status", "serious", "onset_at", "known_at", "report_due_at", "closed_at")
    list_filter = ("status", "serious")
    date_hierarchy = "known_at"
    ordering = ("-known_at",)


class ReviewAdmin(ClinicalAdmin):
    page, page_key = "admin:case", "patient_id"
    list_display = ("patient", "status", "outcome", "clinician", "claimed_at", "decided_at")
    list_filter = ("status", "outcome", "clinician")
    list_select_related = ("patient", "clinician")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


class ReferralAdmin(ClinicalAdmin):
    page = "admin:referral"
    list_display = ("patient", "status", "clinician", "asked_at", "allowed_at", "sent_at")
    list_filter = ("status", "clinician")
    list_select_related = ("patient", "clinician")
    date_hierarchy = "asked_at"
    ordering = ("-asked_at",)


class AlertAdmin(ClinicalAdmin):
    page = "admin:alert_detail"
    list_display = ("patient", "kind", "status", "opened_at", "acknowledged_at", "resolved_at")
    list_filter = ("kind", "status")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)


class AppointmentAdmin(LookUpAdmin):
    """Visits: who, with whom, when, and what became of them."""

    view_permission = Permission.VIEW_SCHEDULE
    page, page_key = "admin:patient", "patient_id"
    list_display = ("patient", "kind", "status", "clinician", "starts_at", "state", "confirmed_at")
    list_filter = ("kind", "status", "clinician", "state")
    list_select_related = ("patient", "clinician")
    search_fields = ("^patient__mrn",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)


class FollowUpAdmin(LookUpAdmin):
    """What coordinators did and have to do, with who does it."""

    view_permission = Permission.VIEW_PEOPLE
    page, page_key = "admin:patient", "patient_id"
    list_display = ("patient", "kind", "state", "owner", "due_at", "opened_at", "closed_at")
    list_filter = ("kind", "state")
    list_select_related = ("patient", "owner")
    search_fields = ("^patient__mrn",)
    date_hierarchy = "due_at"
    ordering = ("-due_at",)


class RefundFilter(admin.ChoicesFieldListFilter):
    """By what became of the money that is given back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("refund")


class ChargeAdmin(LookUpAdmin):
    """What was charged, paid and given back."""

    view_permission = Permission.MANAGE_BILLING
    page, page_key = "admin:patient", "patient_id"
    list_display = ("patient", "purpose", "amount", "status", "created_at", "paid_at", "given_back", "refund_status")
    list_filter = ("purpose", "status", ("refund__status", RefundFilter))
    list_select_related = ("patient", "refund")
    search_fields = ("^patient__mrn",)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)

    @admin.display(description=_("amount"), ordering="amount_cents")
    def amount(self, charge: Charge) -> str:
        return charge.amount

    @admin.display(description=_("given back"))
    def given_back(self, charge: Charge) -> str:
        return format_cents(charge.refund.amount_cents, charge.currency) if hasattr(charge, "refund") else ""

    @admin.display(description=_("refund"))
    def refund_status(self, charge: Charge) -> str:
        return str(charge.refund.get_status_display()) if hasattr(charge, "refund") else ""


class NotificationAdmin(LookUpAdmin):
    """Messages that go out, went out or did not: never to which address, and never what a link in one opens."""

    view_permission = Permission.VIEW_PEOPLE
    list_display = ("to", "template", "channel", "state", "reason", "due_at", "sent_at", "attempts")
    list_filter = ("template", "channel", "state", "urgency")
    list_select_related = ("recipient__patient",)
    search_fields = ("^recipient__patient__mrn",)
    date_hierarchy = "due_at"
    ordering = ("-due_at",)

    @admin.display(description=_("to"))
    def to(self, message: Notification) -> str:
        patient = getattr(message.recipient, "patient", None)
        return patient.mrn if patient else str(_("staff"))


admin_classes: dict[type[models.Model], type[admin.ModelAdmin]] = {
    Prescription: PrescriptionAdmin,
    DoseSession: DoseSessionAdmin,
    CheckIn: CheckInAdmin,
    AdverseEvent: AdverseEventAdmin,
    Review: ReviewAdmin,
    Referral: ReferralAdmin,
    Alert: AlertAdmin,
    Appointment: AppointmentAdmin,
    FollowUp: FollowUpAdmin,
    Charge: ChargeAdmin,
    Notification: NotificationAdmin,
}
