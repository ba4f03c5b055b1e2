"""The Celery app: the clock and the muscle. The database is the schedule.

Nothing here says when a reminder goes out; rows do. The beat only ticks at fixed intervals, so a missed, late or
doubled tick changes nothing, and no schedule depends on a time zone.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import task_success

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")

app = Celery("harmoniously")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(seconds: int, task: str, *args: str | bool) -> dict[str, object]:
    """One line of the schedule; a tick that waited in the queue until the next one is dropped there."""
    return {"task": task, "schedule": float(seconds), "args": args, "options": {"expires": max(seconds, 10)}}


# All periodic work, each with its reason.
app.conf.beat_schedule = {
    # Whoever answers for the service sees when the schedule itself stands still.
    "say that the schedule lives": _every(30, "common.schedule_lives"),
    # A message should leave within seconds of becoming due. A tick that a slow provider holds up does not hold up the
    # next one: the rows are claimed.
    "send what is due": _every(10, "notifications.dispatch"),
    # Alerts ring every five minutes; a patient who cannot be reached belongs on the worklist soon.
    "ring alerts, follow up what did not arrive": _every(10, "alerts.sweep"),
    # A time that was chosen and not confirmed is given back; a new choice also takes it by itself.
    "release chosen times": _every(60, "telemedicine.release_holds"),
    # What two browsers told each other names their addresses; it is of no use after two minutes.
    "forget signals of calls": _every(60, "telemedicine.forget_signals"),
    # A missed sitter check must be seen within the minute.
    "watch sessions and check-ins": _every(10, "treatment.tick"),
    # A risk that a clinician chose in a note and never signed reaches somebody.
    "raise risks that stand in drafts": _every(60, "telemedicine.raise_from_drafts"),
    # A decision waits for ten seconds, in which it can be undone, and hardly longer.
    "carry out decisions": _every(10, "telemedicine.carry_out_decisions"),
    # What is done, or was left for a day, is in nobody's hands any more.
    "end claims that are over": _every(60, "telemedicine.end_claims"),
    # Whoever waits for a time hears of one that comes free within the minute, whatever freed it.
    "offer free times": _every(60, "telemedicine.offer_free_times"),
    # Messages that nobody answered by the promised day, and who has waited long for an earlier time: a person looks.
    "put what waits on the worklist": _every(60, "telemedicine.fill_worklist"),
    # A visit that has become due is offered within minutes; once an hour everybody in treatment is looked at.
    "open visits that are due": _every(60, "telemedicine.open_due_visits"),
    "look at everybody's visits": _every(3600, "telemedicine.open_due_visits", True),
    # Somebody who paid and whose new answers end the case gets the fee back without asking.
    "give back after refusals": _every(60, "telemedicine.give_back_after_refusals"),
    # Money that was promised back.
    "carry out refunds": _every(60, "billing.carry_out_refunds"),
    # A clinician without a licence in a state is found before a patient is.
    "warn of licences that end": _every(3600, "portal.warn_of_licences"),
    # The figures of a large practice take longer to count than a page may take.
    "count the figures": _every(600, "portal.count_figures"),
    # A check of the whole trail that somebody asked for goes on, a piece at each tick.
    "check the audit trail": _every(60, "audit.check_chains"),
    # Payments whose event never came.
    "ask about payments": _every(3600, "billing.reconcile"),
}


def _sign(sender: Any = None, **_more: object) -> None:
    """Regular work that succeeded says so: what only ever fails, or is never begun, is seen by its old sign."""
    from harmoniously.core.common import signs

    if any(line["task"] == sender.name for line in app.conf.beat_schedule.values()):
        signs.give(sender.name)


task_success.connect(_sign, weak=False)
