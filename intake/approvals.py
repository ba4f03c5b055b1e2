"""What a prescriber approved, and what follows when newer answers speak against it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import services as alerting
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.audit.services import record
from intake.models import Approval, CourseEnd, EligibilityDecision
from intake.rules.worsening import scores_worse, speaks_against


def approve(*, decision: EligibilityDecision, by: User, now: datetime) -> Approval:
    """Keep that a prescriber approved a decision; a hold on newer answers ends with it. Twice keeps the first."""
    with transaction.atomic():
        row, made = Approval.objects.get_or_create(
            decision=decision, defaults={"patient": decision.patient, "approved_at": now, "created_at": now}
        )
        if made:
            record(actor=by, action="eligibility.approved", now=now, subject=row)
            alerting.end_case_hold(patient=decision.patient, by=by, now=now)
    return row


def end(*, patient: Patient, by: User, now: datetime) -> None:
    """Keep that the treatment has ended: no approval counts any more, and no newer answers are measured against one.

    What newer answers stopped is over with it.
    """
    with transaction.atomic():
        # The hold's row before the trail is written.
        alerting.end_case_hold(patient=patient, by=by, now=now)
        row = CourseEnd.objects.create(patient=patient, ended_at=now, created_at=now)
        record(actor=by, action="eligibility.course_ended", now=now, subject=row)


def standing() -> QuerySet[Approval]:
    """The approvals of treatments that have not ended."""
    over = CourseEnd.objects.filter(patient=OuterRef("patient"), ended_at__gte=OuterRef("approved_at"))
    return Approval.objects.exclude(Exists(over))


def measure(*, decision: EligibilityDecision, by: User, now: datetime) -> bool:
    """Hold the treatment of a patient whose newest decision speaks against it, and tell the prescribers in care.

    Until a prescriber approved the newer answers nothing ships and no session starts, also when the answers are
    corrected meanwhile. Returns whether this decision does.
    """
    approved = standing().filter(patient=decision.patient).select_related("decision").first()
    if approved is None:
        return False
    old = approved.decision
    if not (
        speaks_against(old.findings, decision.findings)
        or scores_worse(old.summary.get("scores", {}), decision.summary.get("scores", {}))
    ):
        return False
    patient, key = decision.patient, f"decision:{decision.pk}"
    with transaction.atomic():
        alerting.open_case_hold(patient=patient, about=key, by=by, now=now)
        # An alert leads to the case of the patient; each decision that is worse raises one.
        about = f"case:{patient.pk}"
        alerting.raise_alert(kind=AlertKind.CASE_WORSE, patient=patient, about=about, dedupe_key=key, by=by, now=now)
    return True
