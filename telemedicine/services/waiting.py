"""Waiting for an earlier time: asking, leaving, and offering what comes free to the first who waits.

What is offered is held for them as any chosen time is, only longer: the database keeps it from everybody else. The
sweep looks at the calendar itself, so it does not matter why a time came free.
"""

from collections.abc import Collection
from datetime import datetime, time
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, hold_chain, record
from harmoniously.core.common import broker
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine import selectors, waiting_list
from telemedicine.models import Appointment, OfferedTime, WaitingWish
from telemedicine.models.appointment import Status
from telemedicine.rules import waiting as rules
from telemedicine.rules.slots import VisitKind
from telemedicine.services import taking
from telemedicine.services.locks import hold_visits

SWEEP_TASK = "telemedicine.offer_free_times"
Offered, Wished = OfferedTime.Status, WaitingWish.Status


def ask(
    *,
    patient: Patient,
    kind: str,
    clinician: Clinician | None,
    weekdays: Collection[int],
    starts: time,
    ends: time,
    state: str = "",
    by: Actor,
    now: datetime,
) -> WaitingWish:
    """Wait for a time of this kind; asked again it changes what suits and keeps the place in the line.

    `state` is where the patient will be (default: where they live).

    Raises RuleViolation when the patient cannot book this kind anyway, when nobody who is asked for may see them in
    that state, or `ends` is not after `starts`.
    """
    if not waiting_list.may_wait(patient, VisitKind(kind), now):
        raise RuleViolation(_("This kind of visit cannot be booked now, so there is nothing to wait for."), "not_open")
    if ends <= starts:
        raise RuleViolation(_("The end must come after the start."), "order")
    suits: dict[str, Any] = {"clinician": clinician, "weekdays": sorted(set(weekdays)), "starts": starts, "ends": ends}
    suits["state"] = state or patient.state
    _require_licence(VisitKind(kind), suits["state"], clinician, now)
    with transaction.atomic():
        hold_visits(patient)
        wish, made = WaitingWish.objects.update_or_create(
            patient=patient,
            kind=kind,
            status=Wished.WAITING,
            defaults=suits,
            create_defaults={**suits, "asked_at": now},
        )
        record(actor=by, action="waitingwish.asked" if made else "waitingwish.changed", now=now, subject=wish)
        freed()
    return wish


def _require_licence(kind: VisitKind, state: str, clinician: Clinician | None, now: datetime) -> None:
    """Whoever waits for what cannot come would wait for ever, and be told that they are the first."""
    if state not in selectors.states_served(kind, now):
        raise RuleViolation(
            _("None of us has a licence in that state yet, so no time would come free there."), "not_served"
        )
    if clinician is not None and not selectors.licensed_in(clinician, state, at=now):
        raise RuleViolation(
            _("%(clinician)s has no licence in that state. Choose another state, or whoever is free first.")
            % {"clinician": clinician},
            "not_licensed",
        )


def after_booking(*, appointment: Appointment, had: datetime | None, by: Actor, now: datetime) -> None:
    """A visit is booked or moved (from `had`), the patient's visits held still: the waiting ends when it is met.

    Else it goes on for a time before this visit; what is offered stays offered, unless this visit is in its place.
    """
    wish = waiting_list.wish_of(appointment.patient, appointment.kind)
    if wish is None:
        return
    offer = wish.offers.filter(status=Offered.OPEN).select_related("held__patient", "patient").first()
    # With somebody else than they asked for, or in another state, is not what they wait for.
    wished = wish.clinician_id in {None, appointment.clinician_id} and wish.place == appointment.place
    offered = offer.held.starts_at if offer is not None and offer.held.place == appointment.place else None
    suits = waiting_list.suiting(wish, had if wished else None)
    if rules.is_met(suits, appointment.starts_at, appointment.ends_at, offered=offered):
        end_for(patient=appointment.patient, reason_code="booked", by=by, now=now, kind=appointment.kind)
    elif offer is not None and offer.held.status != Status.HELD:
        _close(offer, Offered.DECLINED, by=by, now=now)
        notifications.cancel_about(about=wish.about, now=now, reason="declined")


def waits(appointment: Appointment) -> bool:
    """Whoever waits for an earlier time may get it by a booking or a move: their place in the line cannot be given
    back, so neither can be taken back."""
    return waiting_list.wish_of(appointment.patient, appointment.kind) is not None


def end_for(*, patient: Patient, reason_code: str, by: Actor, now: datetime, kind: str = "") -> int:
    """Nobody waits any more: they have what they waited for, or were seen, or leave, or the treatment ended.

    Returns how many wishes ended. The patient's visits are held still.
    """
    wishes = WaitingWish.objects.filter(patient=patient, status=Wished.WAITING).select_related("patient")
    ended = 0
    for wish in (wishes.filter(kind=kind) if kind else wishes).order_by("pk"):
        for offer in wish.offers.filter(status=Offered.OPEN).select_related("held__patient", "patient"):
            _close(offer, Offered.TAKEN if reason_code == "booked" else Offered.DECLINED, by=by, now=now)
        close_follow_up(about=wish.about, by=by, now=now)
        advance(wish, Wished.ENDED, by=by, now=now, reason_code=reason_code)
        notifications.cancel_about(about=wish.about, now=now, reason=reason_code)
        ended += 1
    return ended


def ask_coordinators(*, now: datetime) -> int:
    """Whoever has waited for a week is put on the worklist, and again with each further one."""
    about = Concat(Value("waiting:"), Cast(OuterRef("pk"), CharField()))
    asked = FollowUp.objects.filter(about=about, kind=FollowUpKind.WAITING_LIST)
    open_ones = Exists(asked.exclude(state=FollowUpState.CLOSED))
    offered = Exists(OfferedTime.objects.filter(wish=OuterRef("pk"), status=Offered.OPEN))
    rows = WaitingWish.objects.filter(status=Wished.WAITING, asked_at__lte=now - rules.FIND_ONE_AFTER)
    rows = rows.filter(patient__user__is_active=True).exclude(open_ones).exclude(offered)

    @transaction.atomic
    def follow_up(wish: WaitingWish) -> bool:
        hold_chain(wish.patient)
        if not WaitingWish.objects.filter(pk=wish.pk, status=Wished.WAITING).exists():
            return False  # ended in this very moment
        weeks = rules.weeks_waited(wish.asked_at, now)
        key = f"{wish.about}:{weeks}"
        open_follow_up(
            kind=FollowUpKind.WAITING_LIST,
            patient=wish.patient,
            about=wish.about,
            dedupe_key=key,
            due_at=wish.asked_at + weeks * rules.FIND_ONE_AFTER,
            by=SYSTEM,
            now=now,
        )
        return True

    return each(list(rows.select_related("patient").order_by("asked_at", "pk")), follow_up)


def leave(*, patient: Patient, kind: str, by: Actor, now: datetime) -> None:
    """Wait no longer; what was offered goes to the next."""
    with transaction.atomic():
        hold_visits(patient)
        end_for(patient=patient, reason_code="left", by=by, now=now, kind=kind)
        freed()


def decline(*, offer: OfferedTime, by: Actor, now: datetime) -> None:
    """Not this one: the patient goes on waiting, and it goes to the next. A second click changes nothing."""
    with transaction.atomic():
        hold_visits(offer.patient)
        row = _as_it_is(offer.pk)
        if row.status != Offered.OPEN:
            return
        _close(row, Offered.DECLINED, by=by, now=now)
        notifications.cancel_about(about=row.wish.about, now=now, reason="declined")
        freed()


def freed() -> None:
    """A time may have come free: a worker looks who waits once this is written, and the tick does too."""
    transaction.on_commit(partial(broker.ask, SWEEP_TASK), robust=True)


def sweep(*, now: datetime) -> int:
    """Close what was not answered, then offer what is free, first come first served. Returns how many were offered."""
    return each((_settle_all, _offer_all), lambda step: step(now))


def _settle_all(now: datetime) -> int:
    rows = OfferedTime.objects.filter(status=Offered.OPEN).select_related("patient").order_by("offered_at", "pk")
    return each(rows, partial(_settle, now=now))


def _offer_all(now: datetime) -> int:
    # All of them: were only the oldest asked, those whom nothing ever suits would keep the rest from being asked.
    waiting = WaitingWish.objects.filter(status=Wished.WAITING, patient__user__is_active=True)
    asked = OfferedTime.objects.filter(status=Offered.OPEN).values("patient")
    waiting = waiting.exclude(patient__in=asked).select_related("patient__user", "clinician")
    return each(waiting.order_by("asked_at", "pk"), partial(_offer, now=now))


def _settle(offer: OfferedTime, *, now: datetime) -> None:
    """Close an offer that was not answered in time, or whose clinician will not be there; then the patient waits on."""
    with transaction.atomic():
        hold_visits(offer.patient)
        row = _as_it_is(offer.pk)
        if row.status != Offered.OPEN:
            return  # answered in this very moment
        held = row.held
        if held.status == Status.BOOKED:
            to = Offered.TAKEN
        elif row.until <= now:
            to = Offered.LAPSED
        elif held.status != Status.HELD:
            to = Offered.DECLINED  # they chose another time in its place: that is an answer
        elif not waiting_list.stands(row, now):
            to = Offered.WITHDRAWN
        else:
            return
        _close(row, to, by=SYSTEM, now=now)
        if to != Offered.TAKEN:  # what waits for the morning would tell of a time that is gone
            notifications.cancel_about(about=row.wish.about, now=now, reason=to.value)
        unanswered = row.wish.offers.filter(status=Offered.LAPSED).count()
        if to == Offered.LAPSED and unanswered >= rules.UNANSWERED:
            end_for(patient=row.patient, reason_code="unanswered", by=SYSTEM, now=now, kind=row.wish.kind)


def _as_it_is(key: UUID) -> OfferedTime:
    """The offer as it stands now that nobody else changes it."""
    return OfferedTime.objects.select_related(
        "held__patient", "held__clinician__user", "patient__user", "wish__patient"
    ).get(pk=key)


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
        wanted = taking.Wanted(patient, found.clinician, found.starts_at, kind, wish.place)
        taking.let_expired_go(wanted, now=now)
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
