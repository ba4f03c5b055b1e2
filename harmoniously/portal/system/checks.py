"""How the running service stands, figure by figure: what it is now, its limit, and what to do when it is beyond."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Func, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Refund
from billing.selectors import to_reconcile
from harmoniously.core.common import broker, clock, signs
from harmoniously.core.notifications.selectors import outbox_health, texts_waiting
from harmoniously.portal.access_reviews.rules import EVERY
from harmoniously.portal.access_reviews.selectors import next_due
from harmoniously.portal.figures.words import how_long
from harmoniously.portal.system import rules
from harmoniously.portal.system.rules import Limit, Standing

WORDS = {
    Standing.WELL: gettext_lazy("Well"),
    Standing.UNKNOWN: gettext_lazy("Not known"),
    Standing.LOOK: gettext_lazy("Look at it"),
    Standing.MEND: gettext_lazy("Mend now"),
}
# Each kind of regular work in words; one that has none shows its own name.
WORK = {
    "notifications.dispatch": gettext_lazy("Sends what is due"),
    "alerts.sweep": gettext_lazy("Rings alerts, follows up what did not arrive"),
    "telemedicine.release_holds": gettext_lazy("Gives chosen times back"),
    "telemedicine.forget_signals": gettext_lazy("Forgets the signals of calls"),
    "treatment.tick": gettext_lazy("Watches sessions and check-ins"),
    "telemedicine.raise_from_drafts": gettext_lazy("Raises risks that stand in drafts"),
    "telemedicine.carry_out_decisions": gettext_lazy("Carries out decisions on cases"),
    "telemedicine.offer_free_times": gettext_lazy("Offers free times"),
    "telemedicine.open_due_visits": gettext_lazy("Opens visits that are due"),
    "telemedicine.give_back_after_refusals": gettext_lazy("Gives fees back after refusals"),
    "portal.warn_of_licences": gettext_lazy("Warns of licences that end"),
    "billing.carry_out_refunds": gettext_lazy("Carries out refunds"),
    "billing.reconcile": gettext_lazy("Asks about payments"),
    "audit.check_chains": gettext_lazy("Checks the audit trail when asked to"),
}
# Since when the schedule has run here.
BEGUN = "begun"
REVIEW = "review"
PROCESSES = gettext_lazy("Tell whoever runs the service: look at the worker and the beat, and at their log.")


@dataclass(frozen=True)
class Check:
    """One figure with its limit, how it stands, and what to do; nothing in it is about a person."""

    title: str
    now: str
    limit: str
    standing: Standing
    advice: str = ""

    @property
    def word(self) -> str:
        """How it stands, in words."""
        return str(WORDS[self.standing])

    @property
    def amiss(self) -> bool:
        """Whether somebody has to look."""
        return self.standing in {Standing.LOOK, Standing.MEND}


@dataclass(frozen=True)
class Group:
    """Figures that stand together."""

    title: str
    checks: list[Check]


def everything(now: datetime) -> list[Group]:
    """Every figure; the broker is given a second to answer."""
    given, wall = _given(now), clock.wall()
    return [
        Group(_("Messages"), _messages(now)),
        Group(_("Servers"), _servers(given, wall)),
        Group(_("Money and texts"), _oldest(given, now)),
        Group(_("Access reviews"), [_review(given, now)]),
        Group(_("Regular work"), list(_work(given, wall))),
    ]


def amiss(now: datetime) -> list[Check]:
    """What of the above the database tells asks for a look: for a page that must not wait for a server that is away."""
    given, wall = _given(now), clock.wall()
    found = [*_messages(now), *_lives(given, wall), *_oldest(given, now), _review(given, now), *_work(given, wall)]
    return [check for check in found if check.amiss]


def _age(title: str, age: timedelta | None, limit: Limit[timedelta], advice: str, *, none: str) -> Check:
    standing = Standing.WELL if age is None else rules.by(age, limit)
    return Check(title, none if age is None else how_long(age), how_long(limit.look), standing, advice)


def _count(title: str, number: int, limit: Limit[int], advice: str) -> Check:
    return Check(title, f"{number:,}", f"{limit.look:,}", rules.by(number, limit), advice)


def _messages(now: datetime) -> list[Check]:
    health = outbox_health(now)
    return [
        _age(
            _("Oldest message that is due"),
            health.oldest_waits if health.waiting else None,
            rules.OLDEST_DUE,
            _("Messages do not leave. Look at the worker, then at the provider's own status page."),
            none=_("Nothing is due"),
        ),
        _count(
            _("Messages not known whether sent"),
            health.unknown,
            rules.UNKNOWN_SENDS,
            _("The provider does not say. They are asked after; who needs a call is on the worklist."),
        ),
        _count(
            _("Messages that failed, last 7 days"),
            health.failed,
            rules.FAILED_SENDS,
            _("Whom they did not reach is on the worklist. Many at once: look at the account at the provider."),
        ),
    ]


def _servers(given: Mapping[str, datetime], wall: datetime) -> list[Check]:
    """The database answered, or no page of the staff would open at all: how long it took is told."""
    began = time.perf_counter()
    connection.ensure_connection()
    connection.is_usable()
    took = (time.perf_counter() - began) * 1000
    found = broker.queues()
    database = Check(_("Database"), _("answers in %(ms)s ms") % {"ms": f"{took:.1f}"}, "", Standing.WELL)
    return [database, *_broker(found), *_lives(given, wall), _backup(given, wall)]


def _broker(found: broker.Queues | None) -> list[Check]:
    advice = _("Nothing is lost: what is due stands in the database. Start Redis, and the worker goes on by itself.")
    if found is None:
        return [Check(_("Redis"), _("does not answer"), "", Standing.MEND, advice)]
    busy = _("More comes in than the worker does. Look whether it runs; start another one if it does.")
    lines = [
        _count(_("Tasks waiting in %(queue)s") % {"queue": name}, number, rules.QUEUE, busy)
        for name, number in sorted(found.waiting.items())
    ]
    held = _count(_("Tasks that a worker has taken"), found.held, rules.HELD, busy)
    return [Check(_("Redis"), _("answers"), "", Standing.WELL), *lines, held]


def _lives(given: Mapping[str, datetime], wall: datetime) -> list[Check]:
    schedule = _sign(_("The schedule (beat and worker)"), signs.SCHEDULE, given, wall, rules.SCHEDULE)
    if settings.WATCH_EVERY_SECONDS <= 0:
        return [schedule]
    return [schedule, _sign(_("The watch of the web processes"), signs.WATCH, given, wall, rules.WATCH)]


def _sign(title: str, name: str, given: Mapping[str, datetime], wall: datetime, limit: Limit[timedelta]) -> Check:
    """What never signed yet may still be to come: it is late once the schedule has run for longer than that."""
    begun = given.get(name) or given.get(BEGUN)
    age = None if begun is None else wall - begun
    said = _("%(age)s ago") % {"age": how_long(wall - given[name])} if name in given else _("not yet")
    return Check(title, said, how_long(limit.look), rules.of_sign(age, limit), str(PROCESSES))


def _backup(given: Mapping[str, datetime], wall: datetime) -> Check:
    age = wall - given[signs.BACKUP] if signs.BACKUP in given else None
    said = _("none was reported here") if age is None else _("%(age)s ago") % {"age": how_long(age)}
    advice = _("Whoever runs the service ends each backup with the command backup_made; then its age stands here.")
    return Check(_("Newest backup"), said, how_long(rules.BACKUP.look), rules.of_backup(age), advice)


def _given(now: datetime) -> dict[str, datetime]:
    """The last sign of everything that gave one, and since when the oldest of what is done within minutes waits."""
    begun = signs.of(signs.SCHEDULE).values_list(Value(BEGUN), "since")
    parts = [
        signs.newest(),
        begun,
        _first("text", texts_waiting(), "received_at"),
        _first("refund", Refund.objects.filter(status=Refund.Status.REQUESTED), "created_at"),
        _first("payment", to_reconcile(now), "checked_at"),
        next_due().values_list(Value(REVIEW), "next_due_at")[:1],
    ]
    return {name: at for name, at in parts[0].union(*parts[1:], all=True) if at is not None}


def _oldest(given: Mapping[str, datetime], now: datetime) -> list[Check]:
    ages = {name: max(now - at, timedelta(0)) for name, at in given.items()}
    refund = _("The payment provider does not take it. After eight tries it stands on the worklist as well.")
    payment = _("Payments whose outcome nobody told us. Look at the provider's own page and at the worker.")
    text = _("A text of a patient that nobody was told of. Look at the worker at once.")
    due, none = _("Nothing is due"), _("Nothing is open")
    return [
        _age(_("Oldest refund that is due"), ages.get("refund"), rules.REFUND, refund, none=due),
        _age(_("Oldest payment not asked about"), ages.get("payment"), rules.PAYMENT, payment, none=none),
        _age(_("Oldest text not handed on"), ages.get("text"), rules.TEXTS, text, none=_("Nothing waits")),
    ]


def _review(given: Mapping[str, datetime], now: datetime) -> Check:
    """When the next look at who opened what is due: three months after the last one, or after the service began."""
    due = given.get(REVIEW) or given.get(BEGUN, now) + EVERY
    late = now - due
    said = _("due for %(age)s") % {"age": how_long(late)} if late > timedelta(0) else _("in time")
    advice = _("Begin one under Access reviews, or finish the one that is open.")
    return Check(_("Next access review"), said, "", rules.by(late, rules.ACCESS_REVIEW), advice)


def _first(name: str, rows: QuerySet[Any], column: str) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(Value(name), Func(column, function="MIN", output_field=DateTimeField()))


def _work(given: Mapping[str, datetime], wall: datetime) -> Iterator[Check]:
    """Each kind of regular work: when it last succeeded, against how often it comes."""
    turns: dict[str, timedelta] = {}
    for line in current_app.conf.beat_schedule.values():
        every = timedelta(seconds=line["schedule"])
        turns[line["task"]] = min(every, turns.get(line["task"], every))
    for task, every in turns.items():
        if task in WORK:
            yield _sign(str(WORK[task]), task, given, wall, rules.of_work(every))
