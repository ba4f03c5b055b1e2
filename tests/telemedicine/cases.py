"""Cases for the tests of the review: a decision of the rules with its facts, and what happened around it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from billing.models import Charge
from billing.prices import Purpose
from harmoniously.core.accounts.models import Clinician, Patient, User
from intake.models import EligibilityDecision, Submission
from telemedicine.models import Appointment
from telemedicine.reviews import ladder, selectors
from tests.cast import NOON

CANARY = "canary-7f3d"
FACTS: dict[str, Any] = {
    "schema": 1,
    "as_of": "2026-11-02",
    "date_of_birth": "1985-03-04",
    "sex_at_birth": "female",
    "state": "CA",
    "weight_kg": 72.0,
    "height_cm": 168,
    "indications": ["depression"],
    "antidepressant_trials": [
        {
            "medicine": f"Zoloft {CANARY}",
            "max_daily_dose_mg": 150,
            "weeks_at_dose": 10,
            "taken_for": "depression",
            "episode": "current",
            "improvement_percent": 10,
            "stopped_because": "no_benefit",
        }
    ],
    "conditions": [{"code": "hypertension"}, {"code": "myocardial_infarction", "weeks_ago": 208}],
    "substances": [{"substance": "alcohol", "use": "monthly"}, {"substance": "cannabis", "use": "never"}],
    "medicines": [{"name": f"bupropion {CANARY}", "dose": "300 mg", "frequency": "daily"}],
    "blood_pressure": [{"taken_on": "2026-11-01", "systolic": 122, "diastolic": 76}],
    "heart_rate": 72,
    "adult_sitter": True,
}
SUMMARY: dict[str, Any] = {
    "treatment_resistance": {
        "status": "not_met",
        "failed_adequate": 1,
        "distinct_classes": 1,
        "two_different_medicines": False,
        "trials": [{"medicine": "Zoloft", "ingredient": "sertraline", "class": "SSRI", "verdict": "failed_adequate"}],
    },
    "scores": {"phq9": {"total": 16, "band": "moderately severe"}, "gad7": {"total": 11, "band": "moderate"}},
}


def finding(code: str, tier: str, about: str = "hypertension", **facts: Any) -> dict[str, Any]:
    """One finding as the rules write it."""
    return {
        "code": code,
        "tier": tier,
        "about": about,
        "facts": facts,
        "patient_text": f"For the patient: {code}.",
        "clinician_text": f"For the prescriber: {code} {CANARY}.",
        "source": "US label",
    }


def make_decision(
    patient: Patient,
    *,
    outcome: str = "eligible_for_review",
    risk: str = "none",
    at: datetime = NOON,
    findings: list[dict[str, Any]] | None = None,
    facts: dict[str, Any] | None = None,
) -> EligibilityDecision:
    """Answers that were handed in and what the rules said; earlier ones of the patient stop being current."""
    EligibilityDecision.objects.filter(patient=patient, is_current=True).update(is_current=False)
    Submission.objects.filter(patient=patient, status="submitted").update(status="superseded")
    submission = Submission.objects.create(
        patient=patient, status="submitted", form_version="1", answers={}, saved_at=at, submitted_at=at
    )
    rows = (
        findings if findings is not None else [finding("hypertension.treated", "review"), finding("off_label", "note")]
    )
    return EligibilityDecision.objects.create(
        patient=patient,
        submission=submission,
        outcome=outcome,
        suicide_risk=risk,
        policy_version="2026.1",
        facts=facts or FACTS,
        findings=rows,
        summary=SUMMARY,
        decided_at=at,
    )


def case_queue(user: User, now: datetime) -> QuerySet[Any]:
    """The cases that wait for a prescriber in the order of the queue, each with what a line says of it."""
    in_order = ladder.ranked(selectors.queued(user, now), now).order_by("rung", "risk", "waiting_since", "pk")
    return selectors.described(in_order, now)


def make_visit(
    patient: Patient,
    clinician: Clinician,
    *,
    starts_at: datetime = NOON - timedelta(hours=3),
    status: str = "completed",
) -> Appointment:
    """A first visit."""
    return Appointment.objects.create(
        patient=patient,
        clinician=clinician,
        kind=Appointment.Kind.EVALUATION,
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
    )


def make_paid(patient: Patient, at: datetime = NOON) -> Charge:
    """A paid evaluation."""
    return Charge.objects.create(
        patient=patient, purpose=Purpose.EVALUATION, amount_cents=14900, status="paid", gateway="demo", paid_at=at
    )


def decide(client: Client, name: str, patient: Patient, data: dict[str, Any]) -> Any:
    """Write, look, confirm and go on at once, as a prescriber clicks; where writing is refused, that answer."""
    written = client.post(reverse(f"admin:{name}", args=[patient.pk]), data)
    if written.status_code != 302:
        return written
    client.post(f"{written.url}confirm/", {"seen": mark_on(client.get(written.url))})
    return client.post(f"{written.url}now/")


def mark_on(page: Any) -> str:
    """What the button of a preview sends along."""
    return page.content.decode().partition('name="seen" value="')[2].partition('"')[0]
