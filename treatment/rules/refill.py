"""The one rule about the next supply (house policy, section 10; 21 CFR 1306.22).

A refill is a new review, never automatic. The same answer stands on every page: from when it can be asked for, what is
still missing, where a request stands, and whether a shipment is enough or a new prescription has to be written.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules import law
from treatment.rules.reasons import Reason, Weight, reason

_LEDGER = "house policy 9: an early-refill pattern is read by the prescriber"


class RefillStatus(StrEnum):
    """Where the next supply stands. One of these, everywhere."""

    NOTHING = "nothing"  # nothing is prescribed
    ENDED = "ended"  # the treatment was stopped
    NOT_YET = "not_yet"  # there is enough at home
    MISSING = "missing"  # it is time, and something has to be done first
    OPEN = "open"  # it can be asked for now
    REQUESTED = "requested"  # a prescriber looks at it
    ASKED = "asked"  # the prescriber has a question
    ON_THE_WAY = "on_the_way"  # the next supply is ordered


@dataclass(frozen=True)
class RefillFacts:
    """What is known now. Days are the local days of the patient and of the prescriber; the later one counts.

    `fills` are the shipments of the newest prescription that were not called off, the first one included. `days_left`
    says how long the sessions at home last at the ordered pace. `request` is the status of a request that waits
    ("requested", "asked") or an empty string.
    """

    in_treatment: bool
    prescribed: bool
    ended: bool
    in_force: bool
    issued_on: date | None
    today: date
    prescriber_today: date
    units_per_session: int
    sessions_at_home: int
    days_left: int
    left_to_ship: int
    fills: int
    on_the_way: bool
    request: str = ""
    expected_on: date | None = None
    check_ins_open: int = 0
    scores_due: bool = False
    ledger_clean: bool = True
    paused: bool = False
    safety_hold: bool = False
    case_hold: bool = False
    sign_unread: bool = False
    unreleased: bool = False
    visit_overdue: bool = False
    evaluation_due: bool = False
    consents_in_force: bool = True


@dataclass(frozen=True)
class Refill:
    """The answer. `day`: from when it can be asked for, where that is known; `last_day`: the last day of filling.

    `missing` says what keeps it from being asked for or granted. `needs_new` says why no shipment is left under the
    prescription, so that the prescriber writes a new one; empty when a shipment is enough.
    """

    status: RefillStatus
    missing: tuple[Reason, ...] = ()
    needs_new: tuple[Reason, ...] = ()
    day: date | None = None
    last_day: date | None = None

    @property
    def can_ask(self) -> bool:
        """Whether the one button is there."""
        return self.status is RefillStatus.OPEN

    @property
    def grantable(self) -> bool:
        """Whether a prescriber may say yes to a request now."""
        waits = self.status in (RefillStatus.OPEN, RefillStatus.REQUESTED, RefillStatus.ASKED)
        return waits and not self.missing


def missing_for(facts: RefillFacts, policy: Policy) -> tuple[Reason, ...]:
    """What has to be done or decided first: ASK is in the patient's hands, REFUSE waits for a clinician."""
    weeks = policy.dosing.new_evaluation_after_weeks
    visit, new = policy.source("visits.overdue_days"), policy.source("dosing.new_evaluation_after_weeks")
    scores = policy.source("check_in.questionnaire_every_sessions")
    checks = (
        (facts.safety_hold, reason("refill_safety_hold", Weight.REFUSE, "house policy 4")),
        (facts.case_hold, reason("refill_case_hold", Weight.REFUSE, "house policy 9: stop and refer")),
        (facts.sign_unread, reason("refill_sign_unread", Weight.REFUSE, "house policy 9: stop and refer")),
        (facts.unreleased, reason("refill_unreleased", Weight.REFUSE, "house policy 9: a missed sitter release")),
        (facts.paused, reason("refill_paused", Weight.REFUSE, "the prescriber paused the treatment")),
        (not facts.ledger_clean, reason("refill_ledger", Weight.REFUSE, _LEDGER)),
        (not facts.consents_in_force, reason("refill_consent", Weight.ASK, "requirements ASVS 2.3.1")),
        (facts.evaluation_due, reason("refill_evaluation", Weight.ASK, new, weeks=weeks)),
        (facts.visit_overdue and not facts.evaluation_due, reason("refill_visit", Weight.ASK, visit)),
        (facts.check_ins_open > 0, reason("refill_check_in", Weight.ASK, policy.source("check_in.due_hours"))),
        (facts.scores_due, reason("refill_scores", Weight.ASK, scores)),
    )
    return tuple(item for applies, item in checks if applies)


def needs_new(facts: RefillFacts, policy: Policy) -> tuple[Reason, ...]:
    """Why nothing more can be sent under this prescription."""
    if facts.paused:
        return ()
    if not facts.in_force or facts.issued_on is None:
        return (reason("refill_not_in_force", Weight.NOTE, "21 CFR 1306.22"),)
    found = []
    last = law.last_fill_day(facts.issued_on, policy)
    if max(facts.today, facts.prescriber_today) > last:
        found.append(reason("refill_expired", Weight.NOTE, policy.source("law.refill_months"), last=last))
    if facts.left_to_ship < max(1, facts.units_per_session):
        found.append(reason("refill_used_up", Weight.NOTE, "design I2: never more than was prescribed"))
    if facts.fills - 1 >= policy.law.refill_count:
        most = policy.law.refill_count
        found.append(reason("refill_count_reached", Weight.NOTE, policy.source("law.refill_count"), most=most))
    return tuple(found)


def refill(facts: RefillFacts, policy: Policy) -> Refill:
    """Where the next supply of this patient stands."""
    if not facts.in_treatment or not facts.prescribed:
        return Refill(RefillStatus.NOTHING)
    if facts.ended:
        return Refill(RefillStatus.ENDED)
    new, missing = needs_new(facts, policy), missing_for(facts, policy)
    last = law.last_fill_day(facts.issued_on, policy) if facts.issued_on is not None else None
    if facts.request:
        status = RefillStatus.ASKED if facts.request == "asked" else RefillStatus.REQUESTED
        return Refill(status, missing, new, last_day=last)
    if facts.on_the_way:
        return Refill(RefillStatus.ON_THE_WAY, (), new, last_day=last)
    # What is at home under an expired prescription is not taken any more, so it does not count.
    if _good_today(facts, policy) and not is_time(facts.sessions_at_home, facts.days_left, policy):
        return Refill(RefillStatus.NOT_YET, missing, new, facts.expected_on, last)
    status = RefillStatus.MISSING if missing else RefillStatus.OPEN
    return Refill(status, missing, new, last_day=last)


def is_time(sessions: int, days: int, policy: Policy) -> bool:
    """Whether so little is at home that more may be asked for: one session, and no more than a week of it."""
    return sessions <= policy.refill.ask_from_sessions and days <= policy.supply.early_refill_days


def _good_today(facts: RefillFacts, policy: Policy) -> bool:
    if not facts.in_force or facts.issued_on is None:
        return False
    return max(facts.today, facts.prescriber_today) <= law.last_fill_day(facts.issued_on, policy)


def check_grant(facts: RefillFacts, units: int, policy: Policy) -> tuple[Reason, ...]:
    """Why these units may not be sent now; empty when a prescriber may order them. Whole sessions only."""
    found = refill(facts, policy)
    if found.missing:
        return found.missing
    if found.needs_new:
        return tuple(reason(item.code, Weight.REFUSE, item.source, **dict(item.facts)) for item in found.needs_new)
    if not found.grantable:
        return (reason("refill_not_due", Weight.REFUSE, policy.source("refill.ask_from_sessions")),)
    if units < 1 or facts.units_per_session < 1 or units % facts.units_per_session:
        return (reason("quantity_not_whole_sessions", Weight.REFUSE, units=facts.units_per_session),)
    if units > facts.left_to_ship:
        left = facts.left_to_ship
        return (reason("shipment_over_prescribed", Weight.REFUSE, "design I2", units=units, left=left),)
    return ()
