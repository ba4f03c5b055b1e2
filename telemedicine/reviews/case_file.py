"""What the queue and the case page show: records put into the order in which a prescriber reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import selectors as alerts
from harmoniously.core.alerts.models import Alert, AlertStatus, SafetyHold
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import UNREADABLE, legible
from harmoniously.core.documents.consents.selectors import standings_from, states
from intake.models import EligibilityDecision
from telemedicine.models import Appointment, Elsewhere, Review, Verdict
from telemedicine.reviews import papers, possible, selectors, trends, versions
from telemedicine.reviews.changes import Changes, changes
from telemedicine.reviews.course import SHOWN_SESSIONS as SHOWN_IN_ALL
from telemedicine.reviews.course import Course, Stage, course_of, moment, row_of, stage_of
from telemedicine.reviews.evidence import Evidence, evidence
from telemedicine.reviews.past import Step, steps
from telemedicine.reviews.rules.approval import obstacles
from telemedicine.reviews.taken import Ahead, Event, SessionLine, ahead, events, lines
from telemedicine.reviews.wording import (
    Item,
    consent_titles,
    obstacle_words,
    span,
    yes_no,
)
from telemedicine.reviews.written import Told, Written, told, written

SHOWN_STEPS, SHOWN_SESSIONS = 8, 5
SHOWN_VERDICTS = (Verdict.Status.CONFIRMED, Verdict.Status.FAILED)
# What cannot be read has no day: it stands before the newest.
UNDATED = "9999"


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is, in one glance."""

    name: str
    mrn: str
    age: int | None
    lines: list[Item]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything the case page shows."""

    patient: Patient
    decision: EligibilityDecision
    review: Review | None
    person: Person
    waited: str
    hold: SafetyHold | None
    alerts: list[Alert]
    evidence: Evidence
    versions: list[versions.Version]
    changes: Changes | None
    consents: list[papers.ConsentRow]
    taken_back: str
    letters: list[papers.Letter]
    sent: list[papers.Sent]
    trends: trends.Drawn
    sessions: list[SessionLine]
    older_sessions: int
    ahead: Ahead | None
    events: list[Event]
    stage: Stage | None
    visits: list[Appointment]
    paid: bool
    prescription: possible.Order | None
    acts: possible.Acts
    waiting: list[possible.Open]
    steps: list[Step]
    written: Written
    reports: list[Told]
    obstacles: list[str]
    mine: bool
    decided: bool
    in_person: bool
    elsewhere: list[Elsewhere]
    verdict: Verdict | None

    @property
    def taken(self) -> bool:
        """Whether somebody who can still decide it has the case in hand."""
        return selectors.holder(self.review) is not None

    @property
    def waits_for_visit(self) -> bool:
        """Whether the case waits for a visit in person; newer answers that were taken up may ask for it anew."""
        return self.review is not None and self.review.status == Review.Status.IN_PERSON

    @property
    def reason(self) -> str:
        """Why it was decided so."""
        return legible(self.review, "reason", str(UNREADABLE)) if self.review else ""

    @property
    def words_to_patient(self) -> str:
        """What the patient reads beside the decision."""
        return legible(self.review, "words_to_patient", str(UNREADABLE)) if self.review else ""

    @property
    def newest_steps(self) -> list[Step]:
        """The decisions that stand open on the page."""
        return self.steps[:SHOWN_STEPS]

    @property
    def earlier_steps(self) -> list[Step]:
        """Those that are folded away."""
        return self.steps[SHOWN_STEPS:]

    @property
    def newest_sessions(self) -> list[SessionLine]:
        """The sessions that stand open on the page."""
        return self.sessions[:SHOWN_SESSIONS]

    @property
    def earlier_sessions(self) -> list[SessionLine]:
        """Those that are folded away."""
        return self.sessions[SHOWN_SESSIONS:]

    @property
    def held(self) -> list[Appointment]:
        """The visits that began: each has its note, or waits for it."""
        return [visit for visit in self.visits if visit.started_at is not None]


def build(decision: EligibilityDecision, user: User, now: datetime) -> CaseFile:
    """Read one case for the page."""
    patient = decision.patient
    review: Review | None = getattr(decision, "review", None)
    course: Course = course_of(patient, reads=bool(getattr(decision, "reads", False)))
    visits, hold = selectors.visits_of(patient), hold_of(course)
    licensed, met = bool(getattr(decision, "licensed", False)), selectors.met_recently(visits, now)
    acts = papers.agreed(patient)
    agreements = states(standings_from(acts, patient, now))
    in_person = bool(getattr(decision, "in_person", False))
    standing = selectors.standing_with(
        decision, licensed=licensed, hold=hold, met=met, agreements=agreements, in_person=in_person
    )
    older = versions.before(decision)
    order = possible.order_of(course, user)
    return CaseFile(
        patient=patient,
        decision=decision,
        review=review,
        person=person(decision, now),
        waited=span(decision.submission.submitted_at or decision.decided_at, now),
        hold=hold,
        alerts=list(alerts.alerts_of(patient).exclude(status=AlertStatus.RESOLVED)),
        evidence=evidence(decision),
        versions=versions.listed(decision),
        changes=changes(older, decision) if older else None,
        consents=papers.consents(patient, acts),
        taken_back=consent_titles(standing.taken_back),
        letters=papers.letters(decision),
        sent=papers.sent(course, may_open=bool(getattr(decision, "in_care", False))),
        trends=trends.drawn(course),
        sessions=lines(course),
        older_sessions=max(0, len(course.sessions) - SHOWN_IN_ALL),
        ahead=ahead(course),
        events=events(course),
        stage=stage_of(course),
        visits=visits,
        paid=bool(getattr(decision, "paid", False)),
        prescription=order,
        acts=possible.acts(course, order, user, visits) if getattr(decision, "in_care", False) else possible.Acts(),
        waiting=possible.waiting(course, now),
        steps=steps(decision, course),
        written=written(course),
        reports=told(course),
        obstacles=[obstacle_words(obstacle, standing) for obstacle in obstacles(standing)],
        mine=bool(review and review.clinician and review.clinician.user_id == user.pk and review.status != "decided"),
        decided=bool(review and review.status == Review.Status.DECIDED),
        in_person=in_person,
        elsewhere=elsewhere_of(course),
        verdict=verdict_of(course, decision, user),
    )


def hold_of(course: Course) -> SafetyHold | None:
    """The safety hold that is open."""
    return next((row_of(SafetyHold, row) for row in course.of("hold")), None)


def elsewhere_of(course: Course) -> list[Elsewhere]:
    """What was given elsewhere, by its day, newest first; what was crossed out is left out."""
    rows = [row_of(Elsewhere, row, "told") for row in course.of("elsewhere")]
    for row in rows:
        row.told = legible(row, "told", {})
    return sorted(rows, key=lambda row: (row.told.get("given_on", UNDATED), row.recorded_at), reverse=True)


def verdict_of(course: Course, decision: EligibilityDecision, user: User) -> Verdict | None:
    """What this reader decided last, while it can be undone, or where it did not take effect.

    Also on the answers before these, when these are what it failed for: whoever decided learns of it here.
    """
    newest = next(iter(course.of("verdicts")), None)
    if newest is None or newest["by"] != str(user.pk) or newest["status"] not in SHOWN_VERDICTS:
        return None
    review: Review | None = getattr(decision, "review", None)
    here = review is not None and newest["review"] == str(review.pk)
    if not here and (newest["done_at"] is None or moment(newest["done_at"]) < decision.decided_at):
        return None
    row = row_of(Verdict, newest, "reason", "failure")
    row.failure = legible(row, "failure", str(UNREADABLE))
    return row


def open_points(decision: EligibilityDecision) -> list[tuple[str, str]]:
    """The information findings that a prescriber must settle before an approval: code and clinician's words.

    Two about different things may have one code (two opioids without how often): its one point names both.
    """
    points: dict[str, list[str]] = {}
    for row in decision.findings:
        if row["tier"] == "information":
            points.setdefault(row["code"], []).append(row["clinician_text"])
    return [(code, " ".join(dict.fromkeys(texts))) for code, texts in points.items()]


def person(decision: EligibilityDecision, now: datetime) -> Person:
    """Who the case is about."""
    patient, said = decision.patient, decision.facts
    born = patient.date_of_birth
    contact = patient.emergency_contact or {}
    hour = clock.hour_words(now, patient.zone)
    place = patient.get_state_display() if patient.state else _("State not given")
    lines = [
        Item(_("Born"), f"{born:%-d %B %Y}" if born else _("Not given")),
        Item(_("Sex at birth"), patient.sex_at_birth.capitalize() or _("Not given")),
        Item(_("Lives in"), _("%(place)s, now %(hour)s") % {"place": place, "hour": hour}),
        Item(_("Phone"), "" if patient.phone else _("Not given"), patient.phone),
        Item(
            _("In an emergency"),
            str(contact.get("name", "")) or ("" if contact.get("phone") else _("Not given")),
            str(contact.get("phone", "")),
        ),
        Item(_("Adult sitter"), yes_no(said.get("adult_sitter")).capitalize()),
    ]
    return Person(patient.display_name, patient.mrn, _age(born, clock.today(patient.zone, now)), lines)


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
