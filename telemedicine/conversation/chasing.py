"""Messages that nobody answered by the promised day stand on the coordinators' worklist: that they wait, not a word."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import FollowUp, FollowUpKind
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import hold_chain
from harmoniously.core.common import clock
from harmoniously.core.common.rounds import each
from telemedicine.conversation import rules
from telemedicine.models import Thread

# Coordinators answer the first themselves; of the second they ask whoever has it.
OURS, CLINICIANS = "unanswered:", "unanswered_health:"


def about(thread: Thread) -> str:
    """The group of the follow-ups about an answer that is missing."""
    return f"{OURS if thread.administrative else CLINICIANS}{thread.pk}"


def ours(group: str) -> str:
    """The key of the conversation, where coordinators may read it; else nothing."""
    return group.removeprefix(OURS) if group.startswith(OURS) else ""


def settle(thread: Thread, *, by: Actor, now: datetime) -> None:
    """It was answered, closed, or is about something else now."""
    close_follow_up(about=about(thread), by=by, now=now)


def chase(*, now: datetime) -> int:
    """Put conversations on the worklist whose promised day is over; once for each time that one waits."""
    pk = Cast(OuterRef("pk"), CharField())
    groups = Q(about=Concat(Value(OURS), pk)) | Q(about=Concat(Value(CLINICIANS), pk))
    known = FollowUp.objects.filter(groups, opened_at__gte=OuterRef("waiting_since"))
    # No promise is shorter than a day.
    waiting = Thread.objects.filter(waiting_since__lte=now - timedelta(days=1)).exclude(Exists(known))

    @transaction.atomic
    def follow_up(thread: Thread) -> bool:
        since = thread.waiting_since
        zone = thread.patient.zone
        if since is None or clock.today(zone, now) <= rules.answer_by(clock.today(zone, since)):
            return False
        hold_chain(thread.patient)
        if not Thread.objects.filter(pk=thread.pk, waiting_since=since, topic=thread.topic).exists():
            return False  # answered, or about something else, in this very moment
        group = about(thread)
        open_follow_up(
            kind=FollowUpKind.MESSAGE_UNANSWERED,
            patient=thread.patient,
            about=group,
            dedupe_key=f"{group}:{since.isoformat()}",
            due_at=now,
            by=SYSTEM,
            now=now,
        )
        return True

    return each(list(waiting.select_related("patient").order_by("waiting_since")), follow_up)
