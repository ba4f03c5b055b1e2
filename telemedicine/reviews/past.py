"""Every decision about one patient in one list: the rules, the reviews, the orders and how the treatment went on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.alerts.models import HoldLevel, SafetyHold
from harmoniously.core.common.encryption import UNREADABLE, legible
from intake.models import EligibilityDecision
from telemedicine.models import InPersonVisit, Referral, Review, Verdict
from telemedicine.reviews.course import WHO, Course, moment, opened, text_of
from telemedicine.reviews.taken import dose_words
from telemedicine.reviews.versions import history_of
from telemedicine.reviews.wording import spoken
from treatment.models import (
    Chart,
    Discharge,
    Pause,
    PhaseChange,
    Prescription,
    RefillRequest,
    TitrationProposal,
)
from treatment.models.discharge import DischargeReason
from treatment.models.phase import PhaseChoice, PhaseReason
from treatment.models.prescription import FREQUENCY_CHOICES
from treatment.order_forms import END_WORDS
from treatment.rules.titration import Move
from treatment.services import EndReason
from treatment.staff_titration import MOVES


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: when, what, who and why."""

    at: datetime
    what: str
    who: str
    why: str = ""
    url: str = ""


def steps(decision: EligibilityDecision, course: Course) -> list[Step]:
    """The newest first."""
    found = [*_rules_and_reviews(decision, course), *_asked(course)]
    if course.open:
        for read in (_orders, _ended, _pauses, _proposals, _refills, _phases, _holds, _referrals):
            found += read(course)
    return sorted(found, key=lambda step: step.at, reverse=True)


def _rules_and_reviews(decision: EligibilityDecision, course: Course) -> Iterator[Step]:
    asked = {row["review"] for row in course.of("verdicts") if row["kind"] == Verdict.Kind.ASK}
    for row in history_of(decision):
        address = reverse("admin:case_version", args=[row.patient_id, row.pk])
        said = _("Rules: %(outcome)s") % {"outcome": row.get_outcome_display()}
        yield Step(row.decided_at, said, _("policy %(version)s") % {"version": row.policy_version}, url=address)
        review: Review | None = getattr(row, "review", None)
        if review is None:
            continue
        who = str(review.clinician or "")
        if review.asked_at and str(review.pk) not in asked:  # before questions had a row of their own
            yield Step(review.asked_at, _("Asked the patient"), who)
        if review.decided_at:
            why = legible(review, "reason", str(UNREADABLE))
            yield Step(review.decided_at, str(review.get_outcome_display()), who, why)


def _asked(course: Course) -> Iterator[Step]:
    """Questions, and visits in person: the other decisions are reviews once they took effect."""
    words = {Verdict.Kind.ASK: _("Asked the patient"), Verdict.Kind.IN_PERSON: _("A visit in person is required")}
    for row in course.of("verdicts"):
        if row["status"] == Verdict.Status.IN_EFFECT and row["kind"] in words:
            why = text_of(Verdict, row, "reason")
            yield Step(moment(row["done_at"]), words[row["kind"]], row[f"by__{WHO}"] or "", why)
    for row in course.of("in_person"):
        why = f"{row['met_on']}, {text_of(InPersonVisit, row, 'met_where')}"
        yield Step(moment(row["recorded_at"]), _("Seen in person"), row[f"recorded_by__{WHO}"] or "", why)


def _orders(course: Course) -> Iterator[Step]:
    for row in course.orders:
        address = reverse("admin:prescription_detail", args=[UUID(row["id"])])
        if row["signed_at"]:
            words = _("Order changed: %(order)s") if row["replaces"] else _("Prescribed: %(order)s")
            why = text_of(Prescription, row, "written_reason")
            who = row["prescriber__display_name"]
            yield Step(moment(row["signed_at"]), words % {"order": _order_words(row)}, who, why, address)
        if row["second_signed_at"]:
            who = row["second_prescriber__display_name"]
            yield Step(moment(row["second_signed_at"]), _("Agreed as second prescriber"), who, url=address)


def _order_words(row: dict[str, Any]) -> str:
    return _("%(product)s, %(dose)s a session, %(often)s") % {
        "product": row["product__name"],
        "dose": dose_words(row["units_per_session"], row["strength_mg"]),
        "often": str(dict(FREQUENCY_CHOICES).get(row["frequency"], row["frequency"])).lower(),
    }


def _end_words(code: str) -> str:
    return str(END_WORDS[EndReason(code)]) if code in set(EndReason) else spoken(code) if code else ""


def _ended(course: Course) -> Iterator[Step]:
    for row in course.of("moves"):
        address = reverse("admin:prescription_detail", args=[UUID(row["subject"].partition(":")[2])])
        words = _("Treatment stopped") if row["after"] == "stopped" else _("Order cancelled")
        yield Step(moment(row["at"]), words, row["who"] or "", _end_words(row["reason_code"]), address)
    for row in course.of("discharges"):
        why = f"{DischargeReason(row['reason']).label}. {text_of(Discharge, row, 'summary')}"
        yield Step(moment(row["discharged_at"]), _("Discharged"), row[WHO], why)


def _pauses(course: Course) -> Iterator[Step]:
    for row in course.of("pauses"):
        why = f"{_end_words(row['reason_code'])}. {text_of(Pause, row, 'note')}"
        yield Step(moment(row["paused_at"]), _("Paused"), row[f"paused_by__{WHO}"] or "", why)
        if row["ended_at"]:
            why = text_of(Pause, row, "resume_reason")
            yield Step(moment(row["ended_at"]), _("Pause ended"), row[f"ended_by__{WHO}"] or "", why)


def _proposals(course: Course) -> Iterator[Step]:
    for row in course.of("proposals"):
        proposed = opened(TitrationProposal, row, "proposal", None)
        words = _("Proposed dose followed: %(what)s")
        if row["answer"] == TitrationProposal.Answer.DECLINED:
            words = _("Proposed dose not followed: %(what)s")
        what = str(MOVES[Move(proposed["move"])][1] if proposed else UNREADABLE)
        if proposed and proposed["units"]:
            what = f"{what}, {dose_words(proposed['units'], proposed['strength_mg'])}"
        why = text_of(TitrationProposal, row, "reason")
        yield Step(moment(row["answered_at"]), words % {"what": what}, row[WHO], why)


def _refills(course: Course) -> Iterator[Step]:
    for row in course.of("refills"):
        if row["decided_at"] and row["decided_by__display_name"]:
            status = RefillRequest.Status(row["status"]).label
            words = _("Request for the next supply: %(status)s") % {"status": str(status).lower()}
            why = text_of(RefillRequest, row, "reason")
            yield Step(moment(row["decided_at"]), words, row["decided_by__display_name"], why)


def _phases(course: Course) -> Iterator[Step]:
    for row in course.of("phases"):
        words = _("Phase: %(before)s to %(after)s") % {
            "before": str(PhaseChoice(row["before"]).label).lower(),
            "after": str(PhaseChoice(row["after"]).label).lower(),
        }
        why = f"{PhaseReason(row['reason']).label}. {text_of(PhaseChange, row, 'words')}".strip()
        yield Step(moment(row["at"]), words, row[f"by__{WHO}"] or "", why)
    for row in course.of("charts"):
        if row["approved_at"] not in (row["confirmed_at"], row["opened_at"]):
            facts = opened(Chart, row, "facts", None)
            if facts is None:
                yield Step(moment(row["approved_at"]), _("Approved"), "", str(UNREADABLE))
            elif anew := facts.get("approved_anew"):
                yield Step(moment(anew["at"]), _("Approved anew after the new evaluation"), "", anew["reason"])


def _holds(course: Course) -> Iterator[Step]:
    for row in course.of("holds"):
        level = HoldLevel(row["level"]).label
        yield Step(moment(row["opened_at"]), _("Safety hold: %(level)s") % {"level": str(level).lower()}, _("by rule"))
        if row["cleared_at"]:
            why = text_of(SafetyHold, row, "contact_note")
            who = row[f"cleared_by__{WHO}"] or _("by rule")
            yield Step(moment(row["cleared_at"]), _("Safety hold cleared"), who, why)


def _referrals(course: Course) -> Iterator[Step]:
    for row in course.of("referrals"):
        place = opened(Referral, row, "facility_sealed", {"name": UNREADABLE}).get("name", "")
        address = reverse("admin:referral", args=[UUID(row["id"])])
        yield Step(moment(row["asked_at"]), _("Referred to %(place)s") % {"place": place}, row[WHO], url=address)
