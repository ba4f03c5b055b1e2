"""The same thing done to many follow-ups at once: each for itself, and only where it is safe."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpStep
from harmoniously.core.alerts.follow_ups import close_follow_up, did_before
from harmoniously.core.alerts.working import Doer, hand_on, remind
from harmoniously.core.common.errors import RuleViolation


@dataclass
class Outcome:
    """For how many it was done, and which were refused and why."""

    done: int = 0
    refused: list[tuple[FollowUp, str]] = field(default_factory=list)


def remind_all(*, pks: Iterable[UUID], doer: Doer) -> Outcome:
    """Send each patient the reminder of its kind. The same form sent again does nothing twice."""
    return _each(pks, lambda row: remind(follow_up=row, doer=doer), doer)


def assign_all(*, pks: Iterable[UUID], to: User, doer: Doer) -> Outcome:
    """Give what nobody else has to one colleague."""
    return _each(pks, lambda row: hand_on(follow_up=row, to=to, doer=doer), doer)


def close_all(*, pks: Iterable[UUID], note: str, doer: Doer, seen: datetime | None = None) -> Outcome:
    """Close with one note what may be closed unseen (work_rules.CLOSED_TOGETHER) and nobody else has.

    Not where a colleague did something about it since the list was `seen`: what they noted asks for a look.
    """

    def close(row: FollowUp) -> None:
        if did_before(row, doer.batch) is not None:
            return
        if row.kind not in rules.CLOSED_TOGETHER:
            raise RuleViolation(_("Open it and close it there: each needs a look of its own."), "one_by_one")
        newer = seen and _by_others(row, doer.by).filter(at__gt=seen).first()
        if newer:
            words = _("%(name)s did something about it meanwhile. Look at it first.")
            raise RuleViolation(words % {"name": newer.by.display_name}, "newer")
        close_follow_up(follow_up=row, by=doer.by, now=doer.now, note=note, batch=doer.batch)

    return _each(pks, close, doer)


def _by_others(row: FollowUp, by: User) -> QuerySet[FollowUpStep]:
    return FollowUpStep.objects.filter(follow_up=row, undone_at__isnull=True).exclude(by=by).select_related("by")


def _each(pks: Iterable[UUID], act: Callable[[FollowUp], object], doer: Doer) -> Outcome:
    require(doer.by, Permission.WORK_FOLLOW_UPS)
    found = Outcome()
    for row in FollowUp.objects.filter(pk__in=list(pks)).select_related("patient__user", "owner").order_by("pk"):
        try:
            act(row)
        except RuleViolation as refusal:
            found.refused.append((row, refusal.message))
        else:
            found.done += 1
    return found
