"""Waiting for an earlier time: asking, leaving, and offering what comes free to the first who waits.

What is offered is held for them as any chosen time is, only longer: the database keeps it from everybody else. The
sweep looks at the calendar itself, so it does not matter why a time came free.
"""

from collections.abc import Collection
from datetime import datetime, time
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine import selectors, waiting_list
from telemedicine.models import OfferedTime, WaitingWish
from telemedicine.models.appointment import Status
from telemedicine.rules import waiting as rules
from telemedicine.rules.slots import VisitKind
from telemedicine.services import taking

Offered, Wished = OfferedTime.Status, WaitingWish.Status


def ask(
    *,
    patient: Patient,
    kind: str,
    clinician: Clinician | None,
    weekdays: Collection[int],
    starts: time,
    ends: time,
    by: Actor,
    now: datetime,
) -> WaitingWish:
    """Wait for a time of this kind; asked again it changes what suits and keeps the place in the line.

    Raises RuleViolation when the patient cannot book this kind anyway, or `ends` is not after `starts`.
    """
    if not waiting_list.may_wait(patient, VisitKind(kind), now):
        raise RuleViolation(_("This kind of visit cannot be booked now, so there is nothing to wait for."), "not_open")
    if ends <= starts:
        raise RuleViolation(_("The end must come after the start."), "order")
    suits = {"clinician": clinician, "weekdays": sorted(set(weekdays)), "starts": starts, "ends": ends}
    with transaction.atomic():
        taking.hold_still(patient)
        wish, made = WaitingWish.objects.update_or_create(
            patient=patient,
            kind=kind,
            status=Wished.WAITING,
            defaults=suits,
            create_defaults={**suits, "asked_at": now},
        )
        record(actor=by, action="waitingwish.asked" if made else "waitingwish.changed", now=now, subject=wish)
        transaction.on_commit(partial(sweep, now=now), robust=True)
    return wish


def end_for(*, patient: Patient, reason_code: str, by: Actor, now: datetime, kind: str = "") -> int:
    """Nobody waits any more: a visit is booked, or the patient leaves, or the treatment ended. Returns how many."""
    wishes = WaitingWish.objects.filter(patient=patient, status=Wished.WAITING).select_related("patient")
    ended = 0
    for wish in wishes.filter(kind=kind) if kind else wishes:
        for offer in wish.offers.filter(status=Offered.OPEN).select_related("held__patient", "patient"):
            _close(offer, Offered.TAKEN if reason_code == "booked" else Offered.DECLINED, by=by, now=now)
        advance(wish, Wished.ENDED, by=by, now=now, reason_code=reason_code)
        notifications.cancel_about(about=wish.about, now=now, reason=reason_code)
        ended += 1
    return ended


def leave(*, patient: Patient, kind: str, by: Actor, now: datetime) -> None:
    """Wait no longer; what was offered goes to the next."""
    with transaction.atomic():
        end_for(patient=patient, reason_code="left", by=by, now=now, kind=kind)
        transaction.on_commit(partial(sweep, now=now), robust=True)


def decline(*, offer: OfferedTime, by: Actor, now: datetime) -> None:
    """Not this one: the patient goes on waiting, and it goes to the next. A second click changes nothing."""
    if offer.status != Offered.OPEN:
        return
    with transaction.atomic():
        _close(offer, Offered.DECLINED, by=by, now=now)
        notifications.cancel_about(about=offer.wish.about, now=now, reason="declined")
        transaction.on_commit(partial(sweep, now=now), robust=True)


def freed(*, now: datetime) -> None:
    """A time may have come free: whoever waits is asked first, as soon as this transaction is written."""
    transaction.on_commit(partial(sweep, now=now), robust=True)


def sweep(*, now: datetime) -> int:
    """Close what was not answered, then offer what is free, first come first served. Returns how many were offered."""
    return each((_settle_all, _offer_all), lambda step: step(now))


def _settle_all(now: datetime) -> int:
    rows = OfferedTime.objects.filter(status=Offered.OPEN).select_related("held__patient", "patient", "wish")
    return each(rows, partial(_settle, now=now))


def _offer_all(now: datetime) -> int:
    # All of them: were only the oldest asked, those whom nothing ever suits would keep the rest from being asked.
    waiting = WaitingWish.objects.filter(status=Wished.WAITING, patient__user__is_active=True)
    asked = OfferedTime.objects.filter(status=Offered.OPEN).values("patient")
    waiting = waiting.exclude(patient__in=asked).select_related("patient__user", "clinician")
    return each(waiting.order_by("asked_at", "pk"), partial(_offer, now=now))


def _settle(offer: OfferedTime, *, now: datetime) -> None:
    held = offer.held
    if held.status == Status.HELD and offer.until > now:
        return
    try:
        with transaction.atomic():
            taken = held.status == Status.BOOKED
            _close(offer, Offered.TAKEN if taken else Offered.LAPSED, by=SYSTEM, now=now)
            if not taken:  # what waits for the morning would tell of a time that is gone
                notifications.cancel_about(about=offer.wish.about, now=now, reason="lapsed")
            unanswered = offer.wish.offers.filter(status=Offered.LAPSED).count()
            if not taken and unanswered >= rules.UNANSWERED:
                end_for(patient=offer.patient, reason_code="unanswered", by=SYSTEM, now=now, kind=offer.wish.kind)
    except Conflict:
        return  # answered in this very moment


def _close(offer: OfferedTime, to: str, *, by: Actor, now: datetime) -> None:
    advance(offer, to, by=by, now=now)
    if offer.held.status == Status.HELD:
        advance(offer.held, Status.CANCELLED, by=by, now=now, reason_code=f"offer_{to}")


def _offer(wish: WaitingWish, *, now: datetime) -> int:
    """Hold the first time that suits and tell the patient; 0 when there is none, or they may not book now."""
    patient, kind = wish.patient, VisitKind(wish.kind)
    if not waiting_list.may_wait(patient, kind, now) or _is_choosing(patient, now):
        return 0
    for found in waiting_list.times_for(wish, now):
        until = rules.kept_until(now, found.starts_at, patient.zone)
        if until is None:
            continue
        wanted = taking.Wanted(patient, found.clinician, found.starts_at, kind, patient.state)
        try:
            with taking.serialised(wanted):
                # Again, now that nobody else writes for this patient: another wish, or another round, was first.
                if _is_choosing(patient, now):
                    return 0
                held = taking.take(wanted, by=SYSTEM, now=now, until=until, beside=True)
                offer = OfferedTime.objects.create(
                    wish=wish, patient=patient, held=held, offered_at=now, until=until, created_at=now
                )
                record(actor=SYSTEM, action="offeredtime.open", now=now, subject=offer)
                _tell(offer, now=now)
        except (taking.SlotTaken, taking.LostRace):
            continue  # somebody was faster
        except RuleViolation:
            return 0
        return 1
    return 0


def _is_choosing(patient: Patient, now: datetime) -> bool:
    """One time at once: a second one would let go of the first, as any new choice does."""
    offered = OfferedTime.objects.filter(patient=patient, status=Offered.OPEN)
    return selectors.held_by(patient, now) is not None or offered.exists()


def _tell(offer: OfferedTime, *, now: datetime) -> None:
    link = reverse("telemedicine:waiting", args=[offer.wish.kind])
    variables: dict[str, str | datetime] = {"when": offer.held.starts_at, "until": offer.until, "link": link}
    for channel in (Channel.EMAIL, Channel.SMS):
        if channel == Channel.SMS and offer.patient.sms_consent_at is None:
            continue
        notifications.schedule(
            template="time_offered",
            recipient=offer.patient.user,
            channel=channel,
            due_at=now,
            not_after=offer.until,
            dedupe_key=f"offered:{offer.pk}:{channel.value}",
            about=offer.wish.about,
            variables=variables,
            now=now,
        )
