"""The lines of the queue: why each is here, since when, whose hands it is in, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import UNREADABLE, legible
from intake.models import EligibilityDecision
from telemedicine.models import Review, WorkClaim
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.rules.triage import CASES, Kind, Urgency
from telemedicine.reviews.wording import CASE_WORDS, RISK_WORDS, URGENCY_WORDS, Tagged, span
from telemedicine.work.sources import STILL_HERE
from telemedicine.work.words import BRIEFLY, BY_PATIENT, EVENTS, KINDS, PAGES, REFILLS, address
from treatment import words
from treatment.check_in_words import flag_words
from treatment.models import CheckIn, SupplyFlag

Row = Mapping[str, Any]
# Rungs on which a word is owed although there is nothing left to decide on.
CALM = (
    Urgency.LATE,
    Urgency.DECISION_DUE,
    Urgency.ARRIVED,
    Urgency.VISIT_SOON,
    Urgency.WAITING,
    Urgency.WITH_PATIENT,
)


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands something is in: nobody's while `name` is empty."""

    name: str = ""
    mine: bool = False
    since: datetime | None = None
    handed_by: str = ""
    # It is not given back: the patient's answer would come while nobody has it who knows the question.
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do."""

    kind: Kind
    key: UUID
    patient: Patient
    urgency: Tagged
    why: str
    todo: str
    since: str
    url: str
    hands: Hands
    details: list[str] = field(default_factory=list)
    risk: Tagged | None = None

    @property
    def what(self) -> str:
        """What kind of work it is."""
        return str(KINDS[self.kind])


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, when, and where: times stand in the reader's zone."""

    user: User
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for the lines of one page, by key."""

    cases: Mapping[UUID, Any]
    patients: Mapping[UUID, Patient]
    check_ins: Mapping[UUID, CheckIn]
    flags: Mapping[UUID, SupplyFlag]
    hands: Mapping[UUID, Hands]


NOTHING = Known({}, {}, {}, {}, {})


def lines(rows: Iterable[Row], reader: Reader) -> list[Line]:
    """The lines of one page of the queue; five queries at most, whatever its length and its kinds."""
    page = list(rows)
    known = _read(page, reader)
    return [_case(row, known, reader) if _is_case(row) else _other(row, known, reader) for row in page]


def brief(rows: Iterable[Row], reader: Reader) -> list[Line]:
    """The same in one query: why, without what stands sealed in the rows, and without whose hands they are in."""
    page = list(rows)
    patients = Patient.objects.select_related("user").in_bulk({row["whose"] for row in page}) if page else {}
    return [
        Line(
            kind=kind,
            key=row["key"],
            patient=patients[row["whose"]],
            urgency=Tagged(*URGENCY_WORDS[rung]),
            why=str(CASE_WORDS[rung][0] if _is_case(row) else BRIEFLY.get(kind) or _SAID[kind](row, NOTHING)[0]),
            todo="",
            since=span(row["since"], reader.now),
            url=address(kind, row["whose"], row["key"]),
            hands=Hands(),
        )
        for row in page
        for kind, rung in [(Kind(row["what"]), Urgency(row["rung"]))]
    ]


def _is_case(row: Row) -> bool:
    return bool(row["what"] == Kind.APPLICATION)


def _read(page: list[Row], reader: Reader) -> Known:
    keys: dict[str, list[UUID]] = {kind.value: [] for kind in Kind}
    for row in page:
        keys[row["what"]].append(row["key"])
    cases, check_ins, flags = keys[Kind.APPLICATION], keys[Kind.CHECK_IN], keys[Kind.SUPPLY]
    others = {row["whose"] for row in page if not _is_case(row)}
    described = reviews.described(EligibilityDecision.objects.filter(pk__in=cases), reader.now)
    return Known(
        cases={row.pk: row for row in described} if cases else {},
        patients=Patient.objects.in_bulk(others) if others else {},
        check_ins=CheckIn.objects.in_bulk(check_ins) if check_ins else {},
        flags=SupplyFlag.objects.in_bulk(flags) if flags else {},
        hands=hands_of([row["key"] for row in page if row["holder"] and not _is_case(row)], reader.user),
    )


def hands_of(subjects: list[UUID], user: User) -> dict[UUID, Hands]:
    """Who has these in hand; no query for none."""
    if not subjects:
        return {}
    rows = WorkClaim.objects.filter(STILL_HERE, subject__in=subjects, ended_at__isnull=True)
    return {row.subject: _hands(row, user) for row in rows.select_related("clinician", "handed_by")}


def hands_at(page: str, key: UUID, user: User) -> tuple[Kind, UUID, Hands] | None:
    """Who has in hand what a page is about, by the name of the page and the key in its address; no query elsewhere."""
    # A case says it itself; the page of an order has no query to spare, and two signatures are refused by its row.
    kinds = [kind.value for kind, name in PAGES.items() if name == page and kind not in (*CASES, Kind.SECOND)]
    if not kinds:
        return None
    of = {"patient": key} if BY_PATIENT.intersection(kinds) else {"subject": key}
    rows = WorkClaim.objects.filter(STILL_HERE, kind__in=kinds, ended_at__isnull=True, **of)
    row = rows.select_related("clinician", "handed_by").first()
    return (Kind(row.kind), row.subject, _hands(row, user)) if row else None


def hands_on_case(review: Review | None, user: User) -> Hands:
    """Who has a case in hand."""
    if review is None or reviews.holder(review) is None:
        return Hands()
    return replace(_hands(review, user), stays=review.status != Review.Status.CLAIMED)


def _hands(row: Any, user: User) -> Hands:
    handed_by = row.handed_by.display_name if row.handed_by else ""
    return Hands(str(row.clinician), row.clinician.user_id == user.pk, row.claimed_at, handed_by)


# Cases


def _case(row: Row, known: Known, reader: Reader) -> Line:
    decision = known.cases[row["key"]]
    review: Review | None = getattr(decision, "review", None)
    rung = Urgency(row["rung"])
    news = _news(decision, review) if decision.arrived else ("", None)
    why, since = str(CASE_WORDS[rung][0]), row["since"]
    if rung is Urgency.ARRIVED:
        why, since = news[0], news[1] or since
    elif _unanswered(review, decision, rung):
        since, why = review.asked_at or since, _("The patient did not answer by the day that was named")
    elif _unrecorded(review, rung):
        why = _("A visit in person was required, and nobody has recorded that it took place")
        since = decision.in_person_since or since
    elif review is not None and review.status == Review.Status.ASKED and rung is Urgency.WITH_PATIENT:
        since = review.asked_at or since
    elif review is not None and review.status == Review.Status.IN_PERSON and rung is Urgency.WITH_PATIENT:
        why, since = _("A visit in person comes first"), decision.in_person_since or since
    more = [news[0]] if news[0] and rung is not Urgency.ARRIVED else []
    return Line(
        kind=Kind.INFORMATION if decision.arrived else Kind.APPLICATION,
        key=decision.pk,
        patient=decision.patient,
        urgency=Tagged(*URGENCY_WORDS[rung]),
        why=why,
        todo=_todo(decision, rung),
        since=span(since, reader.now),
        url=address(Kind.APPLICATION, decision.patient_id, decision.pk),
        hands=hands_on_case(review, reader.user),
        details=[*more, decision.get_outcome_display(), _visit(decision, reader), _fee(decision)],
        risk=Tagged(*RISK_WORDS[decision.suicide_risk]),
    )


def _unrecorded(review: Review | None, rung: Urgency) -> bool:
    """Whether a case is late because nobody recorded a visit in person."""
    return rung is Urgency.LATE and review is not None and review.status == Review.Status.IN_PERSON


def _unanswered(review: Review | None, decision: Any, rung: Urgency) -> TypeGuard[Review]:
    """Whether a case is late because its question was not answered, and not because of a visit or our own word."""
    if rung is not Urgency.LATE or review is None or review.asked_at is None or decision.answered:
        return False
    if review.status != Review.Status.IN_PERSON:
        return review.status == Review.Status.ASKED
    return decision.in_person_since is not None and review.asked_at >= decision.in_person_since


def _todo(decision: Any, rung: Urgency) -> str:
    """What the case asks of the prescriber next, from what the queue knows without opening the answers."""
    if decision.taken_back and rung in CALM:
        return _("An agreement was taken back: write your word, so that the fee is settled")
    review: Review | None = getattr(decision, "review", None)
    if rung is Urgency.WITH_PATIENT and review is not None and review.status == Review.Status.IN_PERSON:
        return _("Wait until it took place, then record it")
    if _unrecorded(review, rung):
        return _("Ask the patient, record it, or decide")
    if _unanswered(review, decision, rung):
        return _("Ask again or decide")
    lacks = decision.outcome == "needs_information"
    if lacks and rung in (Urgency.LATE, Urgency.DECISION_DUE):
        return _("Settle what is missing and decide")
    if lacks and rung in (Urgency.VISIT_SOON, Urgency.WAITING):
        return _("Ask for what is missing")
    return str(CASE_WORDS[rung][1])


def _news(decision: Any, review: Review | None) -> tuple[str, datetime | None]:
    """What arrived, and when."""
    if review is not None and decision.wrote_at:
        asked = review.asked_at is not None and decision.wrote_at > review.asked_at
        return _("The patient answered your question") if asked else _("The patient wrote to you"), decision.wrote_at
    if decision.sent_at and decision.sent_at > decision.decided_at:
        return _("The patient sent a document"), decision.sent_at
    return _("The patient handed in what was asked for, or newer answers"), decision.decided_at


def _visit(decision: Any, reader: Reader) -> str:
    if decision.visit_completed:
        return _("Visit took place")
    if decision.next_visit_at is None:
        return _("No visit booked")
    return _("Visit %(when)s") % {"when": clock.describe(decision.next_visit_at, reader.zone)}


def _fee(decision: Any) -> str:
    return _("Paid") if decision.paid else _("Not paid")


# Everything else


def _other(row: Row, known: Known, reader: Reader) -> Line:
    kind, rung = Kind(row["what"]), Urgency(row["rung"])
    why, todo, *details = _SAID[kind](row, known)
    return Line(
        kind=kind,
        key=row["key"],
        patient=known.patients[row["whose"]],
        urgency=Tagged(*URGENCY_WORDS[rung]),
        why=str(why).rstrip("."),
        todo=str(todo),
        details=[str(detail) for detail in details],
        since=span(row["since"], reader.now),
        url=address(kind, row["whose"], row["key"]),
        hands=known.hands.get(row["key"], Hands()),
    )


def _check_in(row: Row, known: Known) -> tuple[Any, ...]:
    told = known.check_ins[row["key"]]
    return "; ".join(flag_words(told)), _("Read it"), told.get_kind_display()


def _supply(row: Row, known: Known) -> tuple[Any, ...]:
    flag = known.flags[row["key"]]
    facts = legible(flag, "facts", None)
    why = UNREADABLE if facts is None else words.stored_text(flag.code, facts, for_staff=True)
    return why, _("Read it; sessions wait for it")


def _second(row: Row, known: Known) -> tuple[Any, ...]:
    why = _("%(who)s asks a second prescriber to agree with the dose") % {"who": row["fact"]}
    return why, _("Read the draft, then agree or write to them")


def _refill(row: Row, known: Known) -> tuple[Any, ...]:
    return *REFILLS[Urgency(row["rung"])], _("Prescribed by %(who)s") % {"who": row["fact"]}


def _held(row: Row, known: Known) -> tuple[Any, ...]:
    return _("The readiness check held the session"), _("Read why; where it says so, call today")


def _renewal(row: Row, known: Known) -> tuple[Any, ...]:
    return _("The new evaluation after a long pause took place"), _("Approve anew, or end the treatment")


_SAID: Mapping[Kind, Callable[[Row, Known], tuple[Any, ...]]] = {
    Kind.CHECK_IN: _check_in,
    Kind.SUPPLY: _supply,
    Kind.SESSION: _held,
    Kind.EVENT: lambda row, _known: EVENTS[row["fact"]],
    Kind.SECOND: _second,
    Kind.REFILL: _refill,
    Kind.RENEWAL: _renewal,
}
