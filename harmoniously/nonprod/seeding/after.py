"""What some invented patients have beside the sessions: a therapist and a journal, or something that went wrong."""

from datetime import timedelta

from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.audit.services import record
from harmoniously.core.common.opened import OpenedPage
from harmoniously.nonprod.seeding.life import Life
from telemedicine.rules.slots import VisitKind
from telemedicine.services import discharging
from treatment.models import DischargeReason, DoseSession, Leftover
from treatment.rules.adverse import Action, Assessment, Causality, Criterion, Outcome
from treatment.services import adverse, journal, transfer
from treatment.services.discharging import Ending

ENTRIES = (
    ("before_wish", "I would like some room for the quiet after the move. Not to solve it, only to look at it."),
    ("after_first", "Blue light through curtains. The sound of the street far below, and that I did not mind it."),
    ("days_different", "I answered two letters that had been lying there for weeks. It took ten minutes."),
)
SHARED = "after_first"


def _first(life: Life) -> DoseSession | None:
    return DoseSession.objects.filter(patient=life.patient, status="completed").order_by("starts_at").first()


def report_headache(life: Life) -> None:
    """Told by the patient the morning after, judged by the prescriber, over two days later."""
    session = _first(life)
    if session is None or session.started_at is None:
        return
    onset = session.started_at + timedelta(hours=3)
    told = adverse.Told(Assessment("headache", onset), "A strong headache in the evening. Water and sleep.", session)
    event = adverse.report_event(
        patient=life.patient, token=life.uuid(), told=told, by=life.patient.user, now=onset + timedelta(hours=14)
    )
    judged = Assessment("headache", onset, frozenset(), 2, Causality.PROBABLE, Action.UNCHANGED)
    for hours, words, outcome in (
        (20, "Called. Better since the morning, no warning signs.", None),
        (66, "Gone since Monday. Drinks more before the next session.", Outcome.RESOLVED),
    ):
        step = adverse.Step(judged, words, outcome)
        at = onset + timedelta(hours=hours)
        event = adverse.follow_up(event=event, version=event.version, step=step, by=life.clinician.user, now=at)


def record_fall(life: Life) -> None:
    """Something serious that is still followed, and whose report nobody has sent yet."""
    session = _first(life)
    if session is None or session.started_at is None:
        return
    onset = session.started_at + timedelta(hours=26)
    grave = Assessment("fainting", onset, frozenset({Criterion.HOSPITALIZATION}), 3, Causality.POSSIBLE, Action.PAUSED)
    words = "Fainted on the stairs on the day after, without injury. One night in hospital for observation."
    told = adverse.Told(grave, words, session)
    by, at = life.clinician.user, life.now + timedelta(hours=1)
    event = adverse.record_event(patient=life.patient, token=life.uuid(), told=told, by=by, now=at)
    step = adverse.Step(grave, "Discharged in the morning, ECG without finding. Letter of the hospital is asked for.")
    adverse.follow_up(event=event, version=event.version, step=step, by=by, now=at + timedelta(hours=20))


def end_treatment(life: Life) -> None:
    """Discharged at the end of a course that helped."""
    ending = Ending(
        DischargeReason.GOAL_REACHED,
        "The course is complete. Mood and sleep are much better than at the start, without need for more sessions now.",
        Leftover.RETURN,
        "Your family doctor, in four weeks. Talk therapy goes on as before.",
    )
    at = life.now + timedelta(hours=2)
    discharging.discharge(patient=life.patient, ending=ending, by=life.clinician.user, now=at)


def allow_letter(life: Life) -> None:
    """A permission to tell the family doctor, for which no letter is made yet."""
    to = transfer.Recipient("Dr Ash Elm", "Elm Street Family Practice", "3 Elm Street, Testville, CA 90001")
    day = (life.now + timedelta(days=90)).date()
    wish = transfer.Wish(to, ("course", "scores", "medicines"), "My care with my family doctor", day)
    transfer.authorize(
        patient=life.patient,
        token=life.uuid(),
        wish=wish,
        typed_name=life.patient.legal_name,
        by=life.patient.user,
        now=life.now,
    )


def write_journal(life: Life) -> None:
    """An entry before, after and some days after the first session; the therapist may read one."""
    first = _first(life)
    if first is None or first.started_at is None:
        return
    user, therapist = life.patient.user, life.practice.therapist
    relation = care_relation_open(patient=life.patient, clinician=therapist, now=first.started_at)
    record(actor=user, action="care_relation.opened", now=first.started_at, subject=relation, why="visit")
    moments = (
        first.started_at - timedelta(hours=6),
        first.started_at + timedelta(hours=5),
        first.started_at + timedelta(days=3),
    )
    for (prompt, text), at in zip(ENTRIES, moments, strict=True):
        entry = journal.save_entry(
            patient=life.patient,
            token=life.uuid(),
            words=journal.Words(text, prompt, first),
            page=OpenedPage(life.uuid()),
            by=user,
            now=at,
        )
        if prompt == SHARED:
            journal.share_entry(entry=entry, clinician=therapist, by=user, now=at + timedelta(minutes=10))


def meet_therapist(life: Life) -> None:
    """Two visits with the therapist: the note of the first is signed, that of the last is still a draft."""
    first, before = _first(life), life.now
    if first is None or first.started_at is None:
        return
    for at, signs in ((first.started_at + timedelta(days=1), True), (before - timedelta(days=5), False)):
        life.now = at
        life.visit(life.book(kind=VisitKind.INTEGRATION, clinician=life.practice.therapist), signs=signs)
    life.now = max(before, life.now)
