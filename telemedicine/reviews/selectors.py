"""Questions about cases: what waits, in which order, and what a decision has to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    Window,
)

from billing.models import Charge
from billing.prices import Purpose
from billing.selectors import standing_charges
from harmoniously.core.accounts.models import Clinician, Licence, Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import active_hold, case_holds, what_stops
from harmoniously.core.common import clock
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity, State, missing, taken_back
from intake import selectors as intake
from intake.models import EligibilityDecision
from intake.requests.selectors import papers_shown
from telemedicine.models import Appointment, InPersonVisit, Review, Verdict
from telemedicine.notes.selectors import with_notes
from telemedicine.reviews.ladder import MEETINGS, coming_visits, open_holds, visits_begun, visits_held
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR, Standing
from telemedicine.reviews.turns import IN_HAND, arrived, in_person_waits, unanswered, wrote_to_us
from telemedicine.selectors import this_course
from treatment.models import Prescription

# Versions of one patient's answers that are shown, the newest.
MOST_VERSIONS = 20
SEALED_ANSWERS = ("submission__answers", "submission__page_versions", "submission__amend_note")
UNDECIDED = (Review.Status.OPEN, *IN_HAND)


def holder(review: Review | None) -> Clinician | None:
    """Who has a case in hand; nobody has it whose holder left or does other work now."""
    if review is None or review.clinician is None or review.status not in IN_HAND:
        return None
    return review.clinician if can(review.clinician.user, Permission.REVIEW_CASES) else None


def clinician_of(user: User) -> Clinician | None:
    """The clinician record of an account; remembered on the account for the request."""
    return getattr(user, "clinician", None)


def _licences(user: User, now: datetime) -> QuerySet[Licence]:
    """The licences that are good today, in the zone the clinician lives by; the last day counts."""
    clinician = clinician_of(user)
    if clinician is None:
        return Licence.objects.none()
    return Licence.objects.filter(clinician=clinician, expires_on__gte=clock.today(clinician.zone, now))


def licensed_states(user: User, now: datetime) -> list[str]:
    """The states whose patients this person may review today; empty without a clinician record."""
    return [licence.state for licence in licences(user, now)]


def licences(user: User, now: datetime) -> list[Licence]:
    """The licences that this rests on, by state."""
    return list(_licences(user, now).order_by("state"))


def described(cases: QuerySet[EligibilityDecision], now: datetime) -> QuerySet[EligibilityDecision]:
    """With what a line says of a case: `visit_completed`, `next_visit_at`, `arrived`, `wrote_at` and `sent_at`.

    And whether it is `paid` and an agreement it needs was `taken_back`, its `review` when somebody has claimed it,
    whether the patient `answered` the question, and since when a visit in person is waited for (`in_person_since`).
    Sealed columns stay closed.
    """
    own = {"patient": OuterRef("patient")}
    coming = coming_visits(now).filter(**own).order_by("starts_at")
    visit = in_person_waits().filter(**own).values("required_at")[:1]
    turn = Case(When(review__status=Review.Status.IN_PERSON, then=Subquery(visit)), default=F("review__asked_at"))
    wrote = wrote_to_us("patient", "turned_at").filter(thread__waiting_since__isnull=False).order_by("sent_at")
    known = cases.annotate(
        taken_back=ExpressionWrapper(_taken_back(), output_field=BooleanField()),
        arrived=ExpressionWrapper(arrived(), output_field=BooleanField()),
        visit_completed=Exists(visits_held(now).filter(**own)),
        next_visit_at=Subquery(coming.values("starts_at")[:1], output_field=DateTimeField()),
        in_person_since=Subquery(visit),
        answered=Exists(wrote_to_us("patient", "review__asked_at")),
        turned_at=turn,
        wrote_at=Subquery(wrote.values("sent_at")[:1], output_field=DateTimeField()),
        sent_at=Subquery(papers_shown().filter(**own).order_by("-handed_in_at").values("handed_in_at")[:1]),
        paid=Exists(_paid().filter(**own)),
    )
    rows = known.select_related("patient", "review__clinician__user", "review__handed_by__clinician")
    return rows.defer("facts", "findings", "summary", *SEALED_ANSWERS)


def queued(user: User, now: datetime) -> QuerySet[EligibilityDecision]:
    """The cases that wait for a prescriber licensed where the patient is, in no order."""
    return _open_cases(now).filter(patient__state__in=_licences(user, now).values("state"))


def _open_cases(now: datetime) -> QuerySet[EligibilityDecision]:
    """Every case without a final word.

    One whose patient took back what treatment rests on waits for nothing and is left out, unless a clinician still owes
    something: contact under a safety hold, or the word after a first visit, on which the fee depends. Answers from
    before a discharge wait for nothing either.
    """
    undecided = intake.decisions_awaiting_review().filter(Q(review__isnull=True) | Q(review__status__in=UNDECIDED))
    undecided = undecided.filter(this_course("decided_at"))
    owed = Q(patient__in=open_holds().values("patient")) | Q(patient__in=visits_begun(now).values("patient"))
    return undecided.filter(~_taken_back() | owed)


def _taken_back() -> Q:
    return Q(patient__in=consents.withdrawals_of(Activity.APPROVAL).values("patient"))


def newest_decision(patient: Patient) -> EligibilityDecision | None:
    """What the rules last said about a patient, with its review and who holds it."""
    rows = EligibilityDecision.objects.filter(patient=patient, is_current=True)
    return rows.select_related("patient__user", "submission", "review__clinician", "refusal").first()


def _paid() -> QuerySet[Charge]:
    return standing_charges().filter(purpose=Purpose.EVALUATION)


def course_ended(decision: EligibilityDecision) -> bool:
    """Whether the patient was discharged since these answers were decided on: nothing waits for a word about them."""
    rows = EligibilityDecision.objects.filter(pk=decision.pk)
    return not rows.filter(this_course("decided_at")).exists()


def visits_of(patient: Patient) -> list[Appointment]:
    """The visits of a patient that were at least booked, newest first; `counts` unless a discharge came after it."""
    counts = ExpressionWrapper(this_course("starts_at"), output_field=BooleanField())
    rows = Appointment.objects.filter(patient=patient).exclude(status=Appointment.Status.HELD).annotate(counts=counts)
    return list(with_notes(rows).select_related("clinician").order_by("-starts_at")[:10])


def met_recently(visits: Iterable[Appointment], now: datetime) -> bool:
    """Whether a visit among these with a prescriber took place recently enough to decide on."""
    return any(
        visit.kind in MEETINGS
        and visit.status == Appointment.Status.COMPLETED
        and visit.starts_at >= now - VISIT_COUNTS_FOR
        and getattr(visit, "counts", True)
        for visit in visits
    )


def outcome_for(patient: Patient) -> Review | None:
    """The newest word a prescriber gave a patient, or None while there is none."""
    rows = Review.objects.filter(patient=patient, status=Review.Status.DECIDED).select_related("clinician")
    return rows.order_by("-decided_at").first()


def awaited(decision: EligibilityDecision | None, now: datetime) -> str:
    """What the word on the newest answers waits for: "visit" or "word"; empty where nothing is to be decided."""
    if decision is None or decision.outcome not in intake.FOR_REVIEW or _status(decision) == Review.Status.DECIDED:
        return ""
    if course_ended(decision):
        return ""
    return "word" if visits_held(now).filter(patient=decision.patient).exists() else "visit"


def question_waits(decision: EligibilityDecision | None) -> bool:
    """Whether a prescriber asked the patient something about the newest answers and waits for the answer."""
    if decision is None or _status(decision) != Review.Status.ASKED:
        return False
    return unanswered().filter(decision=decision).exists()


def _status(decision: EligibilityDecision) -> str:
    review: Review | None = getattr(decision, "review", None)
    return review.status if review else ""


def begins(patient: Patient) -> bool:
    """Whether an approval still is what comes next: nothing was signed since, nothing stops or has ended it."""
    signed = Prescription.objects.filter(patient=patient, signed_at__isnull=False, chart__closed_at__isnull=True)
    return not signed.exists() and not what_stops(patient) and intake.approved(patient)


def told_to(patient: Patient) -> tuple[Review | None, InPersonVisit | None]:
    """What the patient reads: the newest word, and the visit in person that is waited for instead of one.

    For such a visit the review carries the words with which it was asked for.
    """
    waits = in_person_waits().filter(patient=patient).select_related("review", "clinician").first()
    if waits is None:
        return outcome_for(patient), None
    said = waits.review.verdicts.filter(kind=Verdict.Kind.IN_PERSON, status=Verdict.Status.IN_EFFECT)
    newest = said.order_by("-done_at").first()
    return Review(clinician=waits.clinician, words_to_patient=newest.words if newest else ""), waits


def has_case(patient_id: UUID) -> bool:
    """Whether the rules have said anything about a patient yet; an alert can come before the questions are done."""
    return EligibilityDecision.objects.filter(patient=patient_id, is_current=True).exists()


def case_of(patient_id: UUID, user: User, now: datetime) -> EligibilityDecision | None:
    """The decision that counts for a patient, and `history`: it and the earlier versions, the newest first. One query.

    With `licensed`: whether this person may practise where the patient is; `paid`: whether the evaluation is paid;
    `in_care`: whether this person cares for the patient now; `in_person`: whether a visit in person is to take place
    first; `waits`: whether somebody should decide or reach the patient, as the queue has it; `of_all`: how many
    versions there are, also of those that are not shown.
    """
    licence = _licences(user, now).filter(state=OuterRef("patient__state"))
    own = {"patient": OuterRef("patient")}
    rows = EligibilityDecision.objects.filter(patient=patient_id).annotate(
        licensed=Exists(licence),
        paid=Exists(_paid().filter(**own)),
        waits=Exists(_open_cases(now).filter(pk=OuterRef("pk"))),
        stopped=Exists(case_holds().filter(**own)),
        in_care=Exists(care_relations(user, at=now).filter(**own)),
        in_person=Exists(in_person_waits().filter(**own)),
        of_all=Window(Count("pk")),
    )
    rows = rows.select_related("patient__user", "submission", "review__clinician__user")
    history = list(rows.order_by("-is_current", "-decided_at", "-created_at")[:MOST_VERSIONS])
    for row in history:
        row.history = history  # type: ignore[attr-defined]
    return history[0] if history and history[0].is_current else None


def standing(decision: EligibilityDecision, user: User, now: datetime) -> Standing:
    """The facts an approval depends on, read at the moment of the decision."""
    return standing_with(
        decision,
        licensed=decision.patient.state in licensed_states(user, now),
        hold=active_hold(decision.patient),
        met=visits_held(now).filter(patient=decision.patient).exists(),
        agreements=consents.states(consents.standings(decision.patient, now)),
        in_person=in_person_waits().filter(patient=decision.patient).exists(),
    )


def standing_with(
    decision: EligibilityDecision,
    *,
    licensed: bool,
    hold: SafetyHold | None,
    met: bool,
    agreements: Mapping[str, State],
    in_person: bool = False,
) -> Standing:
    """The same from what is known already."""
    back = taken_back(agreements, Activity.APPROVAL)
    return Standing(
        outcome=decision.outcome,
        licensed=licensed,
        visit_completed=met,
        hold=hold.level if hold else None,
        taken_back=back,
        unsigned=tuple(kind for kind in missing(agreements, Activity.APPROVAL) if kind not in back),
        open_information=frozenset(row["code"] for row in decision.findings if row["tier"] == "information"),
        in_person_open=in_person,
    )
