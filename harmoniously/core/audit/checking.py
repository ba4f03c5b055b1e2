"""Checking the trail from the staff site: some of it at once, all of it in the background, piece by piece."""

import time
from datetime import datetime

from django.db import IntegrityError, transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.models import ChainCheck
from harmoniously.core.audit.services import PRACTICE_CHAIN, record
from harmoniously.core.audit.verification import Place, Walk, newest, of_chain
from harmoniously.core.common import broker

# What one round of the background check may take, well below the limit of a task.
SECONDS = 40.0
KEPT = 100
NEWEST = 5_000
TASK = "audit.check_chains"


def check_newest(*, by: User, now: datetime) -> tuple[list[str], int]:
    """Check the newest events at once; what is wrong in words, and how many events that were."""
    found, number = newest(NEWEST)
    record(actor=by, action="audit_trail.checked", now=now, scope="newest", events=number, wrong=len(found))
    return found, number


def check_record(*, patient: Patient, by: User, now: datetime) -> tuple[list[str], int]:
    """Check the chain of one patient's record at once."""
    found, number = of_chain(str(patient.pk))
    record(actor=by, action="audit_trail.checked", now=now, scope="record", events=number, wrong=len(found))
    return found, number


def check_practice(*, by: User, now: datetime) -> tuple[list[str], int]:
    """Check the chain of what is about no patient at once."""
    found, number = of_chain(PRACTICE_CHAIN)
    record(actor=by, action="audit_trail.checked", now=now, scope="practice", events=number, wrong=len(found))
    return found, number


def ask_for_all(*, by: User, now: datetime) -> ChainCheck:
    """Have everything checked in the background; one check at a time, and a second click finds the first one's."""
    try:
        with transaction.atomic():
            asked = ChainCheck.objects.create(asked_by=by, asked_at=now, created_at=now)
            record(actor=by, action="audit_trail.check_asked", now=now, subject=asked)
            transaction.on_commit(lambda: broker.ask(TASK))
            return asked
    except IntegrityError:
        return ChainCheck.objects.latest("asked_at")  # it may be done by now


def go_on(*, now: datetime, seconds: float = SECONDS) -> int:
    """Carry the check that is going on as far as the time allows; how many events were checked.

    Two workers at once do not do it twice: the second one finds the row held and leaves it.
    """
    with transaction.atomic():
        row = ChainCheck.objects.select_for_update(skip_locked=True).filter(status=ChainCheck.Status.RUNNING).first()
        if row is None:
            return 0
        walk = Walk(Place(row.chain, row.position, row.hash))
        until = time.monotonic() + seconds
        while not walk.done:
            wrong = walk.step()
            row.wrong += len(wrong)
            row.found = [*row.found, *wrong][:KEPT]
            if time.monotonic() >= until:
                break
        row.chain, row.position, row.hash = walk.at.chain, walk.at.position, walk.at.hash
        row.events += walk.events
        if walk.done:
            _finish(row, now)
        row.save()
        return walk.events


def _finish(row: ChainCheck, now: datetime) -> None:
    row.status = ChainCheck.Status.BROKEN if row.wrong else ChainCheck.Status.WHOLE
    row.finished_at = now
    record(
        actor=row.asked_by,
        action="audit_trail.checked",
        now=now,
        subject=row,
        scope="all",
        events=row.events,
        wrong=row.wrong,
    )
