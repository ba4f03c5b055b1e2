"""Forty stories, one function for each way a patient's treatment can stand today."""

from collections.abc import Callable
from datetime import datetime, timedelta

from harmoniously.core.common import clock
from harmoniously.nonprod.seeding import after, between, interrupted, referring
from harmoniously.nonprod.seeding.answers import Circumstances
from harmoniously.nonprod.seeding.life import Life
from intake.models import EligibilityDecision
from telemedicine.rules.slots import VisitKind
from treatment.models import Prescription
from treatment.services.sessions import review_session

DAY = timedelta(days=1)
# PHQ-9 and GAD-7 after each session: a plausible course, better on the whole and with a setback.
COURSE = ((15, 10), (13, 9), (12, 9), (13, 10), (10, 7), (9, 7), (8, 6), (7, 5), (8, 6), (6, 4), (5, 4), (5, 3))
MONTHS = (*COURSE, (6, 5), (5, 4), (4, 3), (4, 3))


def signed_up(life: Life) -> None:
    """An account and nothing else."""


def halfway(life: Life) -> None:
    life.begin_intake(pages=9)


def nearly(life: Life) -> None:
    life.begin_intake()


def handed_in(life: Life) -> None:
    life.hand_in()


def paid(life: Life) -> None:
    life.hand_in()
    life.pay()


def booked(life: Life) -> None:
    paid(life)
    life.later(DAY)
    life.book(after=2 * DAY)


def seen(life: Life) -> EligibilityDecision:
    decision = life.hand_in()
    life.pay()
    life.visit(life.book())
    return decision


def to_be_decided(life: Life) -> None:
    seen(life)


def note_begun(life: Life) -> None:
    """Seen, and the note of the visit is not signed yet."""
    life.hand_in()
    life.pay()
    life.visit(life.book(), signs=False)


def asked(life: Life) -> None:
    from telemedicine.reviews import services as reviews

    decision = seen(life)
    by = life.clinician.user
    life.later(2 * timedelta(hours=1))
    reviews.claim(decision=decision, by=by, now=life.now)
    question = "Which dose of the blood pressure medicine do you take now, and since when?"
    reviews.ask(decision=decision, question=question, form_token=life.uuid(), by=by, now=life.now)


def declined(life: Life) -> None:
    life.decline(seen(life))


def prescribed(life: Life) -> Prescription:
    life.approve(seen(life))
    return life.prescribe()


def to_hand_over(life: Life) -> None:
    prescribed(life)


def shipping(life: Life) -> None:
    order = prescribed(life)
    if life.now + DAY < clock.now():
        life.hand_over(order)
        life.later(DAY - timedelta(hours=2))
        life.ship()


def planned(life: Life) -> None:
    order = prescribed(life)
    life.receive(order)
    life.plan(order)
    life.write("The parcel came today. May I take my sessions in the evening?")
    life.later(timedelta(hours=3))
    life.write("Yes, any hour at which your sitter can stay until the end.", by_clinic=True)


def sessions(
    life: Life,
    until: datetime,
    *,
    leave_last_open: bool = False,
    rough_third: bool = False,
    course: tuple[tuple[int, int], ...] = COURSE[:7],
) -> None:
    """Sessions, check-ins and scores up to a moment; the last check-in may stay open, or the third be a bad one."""
    life.approve(seen(life))
    order = life.prescribe(sessions_ordered=len(course) + 1)
    life.receive(order)
    life.plan(order)
    for number, (phq9, gad7) in enumerate(course):
        session = life.next_session()
        if session is None or session.starts_at + 3 * DAY > until:
            leave_out_what_is_over(life)
            return
        done = life.go_through(session)
        if rough_third and number == 2:
            life.check_in(done, effects=3)
            life.score(phq9 + 8, gad7 + 5)
            return
        unanswered = leave_last_open and done.starts_at + 9 * DAY > until
        life.check_in(done, effects=2 if number == 0 else 1, answered=not unanswered)
        if unanswered:
            return
        life.score(phq9, gad7)
        life.later(timedelta(hours=4))
        review_session(session=done, by=life.clinician.user, now=life.now)
        life.look_at_visits()
        if number == 1:
            life.visit(life.book(kind=VisitKind.CHECK_IN, after=timedelta(hours=20)))
            referring.thank(life)
            life.refill(units=len(course) - 1)
        if life.next_session() is None:
            go_on(life, order)


def leave_out_what_is_over(life: Life) -> None:
    """A session of the last days that the story does not tell was left out, with a reason."""
    session = life.next_session()
    if session is not None and session.starts_at <= clock.now():
        life.now = max(life.now, session.starts_at - DAY)
        between.leave_out(life, session, reason="no_time", words="My sister came to visit.")


def go_on(life: Life, order: Prescription) -> None:
    """The induction is over: the prescriber looks at it, and a day later the treatment goes on once a week."""
    between.decide_phase(life, "review", "induction_complete")
    life.later(DAY)
    words = "PHQ-9 fell from session to session, no side effect above mild. Weekly, then look again."
    between.decide_phase(life, "maintenance", "response", rhythm="weekly", words=words)
    life.later(timedelta(hours=2))
    if life.now < clock.now():
        life.plan(order)


def in_review(life: Life) -> None:
    """Everything up to the prescriber's look at the first weeks."""
    in_treatment(life)
    life.now = max(life.now, clock.now() - 2 * DAY)
    between.decide_phase(life, "review", "partial_response", words="Some benefit, sleep still poor. Talk it over.")


def get_ready(life: Life) -> None:
    """The list for the next session is begun."""
    session = life.next_session()
    if session is not None:
        life.now = max(life.now, clock.now() - DAY)
        between.prepare(life, session, ticked=("children", "space", "music"), intention="To be kinder to myself.")


def in_treatment(life: Life) -> None:
    sessions(life, clock.now() - 2 * timedelta(hours=1))


def with_journal(life: Life) -> None:
    """In treatment for months, with a therapist, and with a journal of which one entry is shared."""
    sessions(life, clock.now() - 2 * timedelta(hours=1), course=MONTHS)
    after.write_journal(life)
    after.meet_therapist(life)
    after.report_headache(life)
    get_ready(life)
    after.allow_letter(life)
    referring.refer(life)
    referring.ask_about_a_bill(life)


def ended(life: Life) -> None:
    """A course that was completed, and the discharge after it."""
    in_treatment(life)
    after.end_treatment(life)


def with_event(life: Life) -> None:
    """In treatment, with something serious that is still followed."""
    in_treatment(life)
    after.record_fall(life)


def first_sessions(life: Life, count: int) -> None:
    """So many sessions with all that follows them, without a visit."""
    order = prescribed(life)
    life.receive(order)
    life.plan(order)
    for phq9, gad7 in COURSE[:count]:
        session = life.next_session()
        if session is None or session.starts_at + 3 * DAY > clock.now():
            return
        life.check_in(life.go_through(session))
        life.score(phq9, gad7)
        life.later(timedelta(hours=4))
        review_session(session=session, by=life.clinician.user, now=life.now)


def asks_for_more(life: Life) -> None:
    """One session's medicine is left, and the patient has asked for the next supply."""
    first_sessions(life, 1)
    life.ask_for_more()


def visit_due(life: Life) -> None:
    """Two sessions are taken; the visit after them waits to be booked."""
    first_sessions(life, 2)
    life.look_at_visits()


def paused(life: Life) -> None:
    in_treatment(life)
    interrupted.pause(life, "Dizzy for two days after the last session. Blood test first, then we talk.")


def short_of_one(life: Life) -> None:
    in_treatment(life)
    interrupted.count_one_short(life)


def worse(life: Life) -> None:
    """What the last check-ins told of waits for a prescriber."""
    sessions(life, clock.now() - timedelta(hours=2), rough_third=True)


def silent(life: Life) -> None:
    sessions(life, clock.now() - timedelta(hours=2), leave_last_open=True)


def held(life: Life) -> None:
    order = prescribed(life)
    life.receive(order)
    life.plan(order)
    session = life.next_session()
    if session is not None and session.starts_at < clock.now():
        life.now = session.starts_at - timedelta(minutes=30)
        life.invite(session)
        life.answer_gate(session, pressure=(165, 96))


def crisis(life: Life) -> None:
    life.begin_intake()


Tell = Callable[[Life], object]
PLAIN = Circumstances()
MILD = Circumstances(phq9=12, gad7=8, pressure=(136, 86))
WISH = Circumstances(phq9=20, gad7=14, wish_dead=True)
HIGH_PRESSURE = Circumstances(pressure=(148, 92))
ONE_TRIAL = Circumstances(trials=1)
HEART_ATTACK = Circumstances(heart=("myocardial_infarction",), times=(("myocardial_infarction", 3, "weeks"),))
MANIA = Circumstances(mind=("mania_current",))
TREATED_PRESSURE = Circumstances(heart=("hypertension",), medicines=(("lisinopril", "daily"),))
APNEA = Circumstances(body=("sleep_apnea",), medicines=(("lamotrigine", "daily"),))
METHOD = Circumstances(phq9=21, thoughts=True, method=True)
PLAN = Circumstances(phq9=23, thoughts=True, plan=True)
PTSD = Circumstances(phq9=16, gad7=15)

# How many days ago it began, the circumstances, and what happened.
STORIES: tuple[tuple[int, Circumstances, Tell], ...] = (
    (1, PLAIN, signed_up),
    (3, PLAIN, signed_up),
    (1, MILD, halfway),
    (2, PLAIN, halfway),
    (9, WISH, halfway),
    (2, TREATED_PRESSURE, nearly),
    (4, PLAIN, nearly),
    (1, PLAIN, handed_in),
    (2, WISH, handed_in),
    (1, HIGH_PRESSURE, handed_in),
    (5, ONE_TRIAL, handed_in),
    (3, HEART_ATTACK, handed_in),
    (6, MANIA, handed_in),
    (2, APNEA, paid),
    (1, PLAIN, paid),
    (2, PLAIN, booked),
    (2, TREATED_PRESSURE, booked),
    (2, WISH, booked),
    (2, PTSD, booked),
    (4, PLAIN, note_begun),
    (5, TREATED_PRESSURE, to_be_decided),
    (6, WISH, to_be_decided),
    (7, TREATED_PRESSURE, asked),
    (12, PLAIN, declined),
    (5, PLAIN, shipping),
    (6, APNEA, to_hand_over),
    (11, PLAIN, planned),
    (10, MILD, planned),
    (7, PLAIN, held),
    (12, PLAIN, asks_for_more),
    (20, MILD, visit_due),
    (29, PLAIN, worse),
    (45, PLAIN, ended),
    (24, MILD, with_event),
    (31, TREATED_PRESSURE, short_of_one),
    (45, PLAIN, in_review),
    (38, WISH, paused),
    (24, PLAIN, silent),
    (17, PLAIN, silent),
    (1, METHOD, crisis),
    (1, PLAN, crisis),
)
# Their visit is booked when the demo starts (soon.py).
VISITOR: tuple[int, Circumstances, Tell] = (21, PLAIN, visit_due)
ROBIN: tuple[int, Circumstances, Tell] = (107, Circumstances(phq9=18, gad7=12), with_journal)
