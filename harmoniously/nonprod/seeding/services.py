"""Telling every story, and settling what the past would have sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from uuid import uuid5

from django.db import connection, transaction
from django.db.models import F

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import duty
from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.plans import write_plan
from harmoniously.core.alerts.services import acknowledge, record_contact, resolve
from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification, State
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.nonprod.personas.services import ensure_account
from harmoniously.nonprod.seeding.life import begin_life
from harmoniously.nonprod.seeding.practice import Practice, open_practice
from harmoniously.nonprod.seeding.stories import ROBIN, STORIES, VISITOR
from intake.models import Submission

SEED = 20_26
ROBINS_PLAN = {
    "warning_signs": "I stop answering my phone. I lie awake and think that I am a burden.",
    "coping": "Walk the dog around the block. A long shower. The playlist from summer.",
    "distraction": "The climbing hall on Thursdays. The cafe at the corner, with a book.",
    "helpers": "My sister Sam. My neighbor Lee, two doors down, who said to ring at any hour.",
    "professionals": "The clinic's number in the app. Dr Rivers. 988. The emergency room at the hospital downtown.",
    "environment": "Sam keeps the medicine box and gives me one day at a time. No weapons at home.",
}
FRESH = timedelta(days=3)
NINE_IN_THE_MORNING = 16  # UTC, in the zone of the first prescriber


def seed(*, number: int = SEED, now: datetime | None = None) -> int:
    """Fill an empty database; how many patients there are now. The same number and day give the same people."""
    with _all_or_nothing():
        return _tell(number, now or clock.now())


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """One transaction without a savepoint in it: nobody goes back to one, and thousands take a sixth of the time.

    A refusal that a service catches on the way would end the seeding at the next query, with everything undone.
    """
    features = connection.features
    with transaction.atomic():
        features.uses_savepoints = False
        try:
            yield
        finally:
            features.uses_savepoints = True


def _tell(number: int, moment: datetime) -> int:
    practice = open_practice(moment - timedelta(days=120))
    enter_rota(practice, moment - timedelta(days=120))
    ensure_account(BY_KEY["newcomer"])
    robin, visitor = BY_KEY["patient"], BY_KEY["visitor"]
    # In New York both prescribers may see the visitor, so one of them has hours that do not cross midnight.
    named = {0: (robin, "CA"), len(STORIES) + 1: (visitor, "NY")}
    for place, (days, story, tell) in enumerate((ROBIN, *STORIES, VISITOR)):
        start = (moment - timedelta(days=days)).replace(hour=NINE_IN_THE_MORNING, minute=0, second=0, microsecond=0)
        known, state = named.get(place, (None, ""))
        life = begin_life(
            practice,
            place,
            story,
            start=min(start, moment - timedelta(hours=3)),
            seed=number,
            name=known.name if known else "",
            email=known.email if known else "",
            state=state,
        )
        tell(life)
    settle(moment)
    answer_old_alerts(practice, moment)
    write_plan(
        patient=Patient.objects.get(user__email=robin.email),
        words=ROBINS_PLAN,
        by=practice.west.user,
        now=moment - timedelta(days=9),
    )
    return Patient.objects.count()


def enter_rota(practice: Practice, now: datetime) -> None:
    """The west is on call from Monday to Friday, the east at the weekend, day and night; the west holds the duty."""
    boss, zone = ensure_account(BY_KEY["administrator"]), practice.west.zone
    for clinician, days in ((practice.west, range(5)), (practice.east, range(5, 7))):
        duty.enter_week(clinician=clinician, weekdays=days, starts=time(0), ends=time(0), zone=zone, by=boss, now=now)
    duty.accept_duty(by=practice.west.user, now=now)


def settle(now: datetime) -> None:
    """What was due before today went out then: the demo must not send months of messages when it starts."""
    past = Notification.objects.filter(due_at__lte=now, state=State.PENDING)
    past.update(state=State.SENT, sent_at=F("due_at"))
    # Nor are its workers woken now, once for each of them.
    connection.run_on_commit.clear()
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def answer_old_alerts(practice: Practice, now: datetime) -> None:
    """An alert of last week was answered last week; only what is fresh still rings."""
    by = practice.west.user
    for alert in Alert.objects.select_related("patient__user").filter(opened_at__lt=now - FRESH):
        taken = acknowledge(alert=alert, by=by, now=alert.opened_at + timedelta(minutes=6), note="Calling the patient.")
        for minutes, reached, words in ((8, False, ""), (21, True, "Called back. Is well, and knows what to do.")):
            key, at = uuid5(alert.pk, str(minutes)), alert.opened_at + timedelta(minutes=minutes)
            record_contact(alert=taken, how="call", reached=reached, words=words, key=key, by=by, now=at)
        resolve(alert=taken, by=by, now=alert.opened_at + timedelta(minutes=40), note="Reached and settled by phone.")


def is_seeded() -> bool:
    """Whether somebody lives here already."""
    return Submission.objects.exists()
