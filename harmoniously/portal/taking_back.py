"""A patient takes an agreement back: what it ends in every app, in one transaction, and what is told about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing import services as billing
from billing.prices import Purpose
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import cared_for
from harmoniously.core.alerts.follow_ups import open_follow_up
from harmoniously.core.alerts.models import AlertKind, FollowUpKind
from harmoniously.core.alerts.services import raise_alert
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.models import ConsentEvent
from harmoniously.core.notifications import consents as texts
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.services import booking, taking
from treatment.services import withdrawing

REASON = "consent_withdrawn"
_STAYS = (
    _("Your record and what you signed stay, and you can read them. The law makes us keep them."),
    _("Messages, check-ins and help at any hour stay open to you."),
)


@dataclass(frozen=True)
class Effect:
    """What taking one agreement back does, in the words of the page, and which parts of it are done."""

    ends: tuple[Any, ...]
    stays: tuple[Any, ...]
    sessions: bool = False
    visits: bool = False
    texts: bool = False


_NO_DOSE = _("No session, shipment or prescription follows. The sessions that you planned are cancelled.")
_NO_MEDICINE = _("Do not take any medicine that you have left. Keep it locked away until your clinic tells you more.")
_RUNNING = _("A session that is going on now goes on under your sitter’s watch until you are well.")
_VISITS = _("Your booked visits are cancelled, and no new one can be booked.")
_REFUND = _("If your first visit has not taken place, you get its fee back in full.")
_UNPAID = _("Payments that are still open are closed, and no new one begins.")
_TOLD = _("Your clinician is told, and may call you to make sure that you are well.")

EFFECTS: Mapping[str, Effect] = {
    "treatment": Effect(
        (_NO_DOSE, _NO_MEDICINE, _UNPAID, _TOLD),
        (_RUNNING, _("Booked visits stay. Use them to talk, or cancel them."), *_STAYS),
        sessions=True,
    ),
    "telehealth": Effect(
        (_VISITS, _NO_DOSE, _NO_MEDICINE, _UNPAID, _REFUND, _TOLD),
        (_RUNNING, *_STAYS, _("We help you to find care near you.")),
        sessions=True,
        visits=True,
    ),
    "privacy": Effect(
        (_VISITS, _NO_DOSE, _NO_MEDICINE, _UNPAID, _REFUND, _("We send you no more texts."), _TOLD),
        (_RUNNING, _("What was done before stays lawful."), *_STAYS),
        sessions=True,
        visits=True,
        texts=True,
    ),
    "payment": Effect(
        (_UNPAID, _("A colleague of ours is told.")),
        (
            _("What you paid for already stays yours: your visit takes place, and the refunds of the text hold."),
            *_STAYS,
        ),
    ),
}


def take_back(*, patient: Patient, kind: str, by: User, now: datetime) -> ConsentEvent | None:
    """Take an agreement back and end what rests on it; None when nothing stood. KeyError for an unknown kind.

    Rows are locked before the trail is written, in the order in which the apps lock them themselves.
    """
    effect = EFFECTS[kind]
    with transaction.atomic():
        withdrawing.hold_still(patient)
        taking.hold_still(patient)
        billing.lock_charges(patient)
        consents.lock_patient(patient)
        event = consents.withdraw(
            patient=patient, kind=kind, effects=[str(line) for line in (*effect.ends, *effect.stays)], by=by, now=now
        )
        if event is None:
            return None
        billing.close_unpaid(patient=patient, reason_code=REASON, by=by, now=now)
        ordered = effect.sessions and withdrawing.end_sessions(patient=patient, by=by, now=now)
        if effect.visits:
            _end_visits(patient, by=by, now=now)
        if effect.texts and patient.sms_consent_at is not None:
            texts.withdraw(patient=patient, source="agreements", by=by, now=now)
        _tell(event, clinician=effect.sessions, ordered=ordered, by=by, now=now)
    return event


def _end_visits(patient: Patient, *, by: User, now: datetime) -> None:
    """Coming visits are cancelled; the fee goes back unless the first visit took place."""
    if not booking.was_seen(patient):
        billing.refund_in_full(patient=patient, purpose=Purpose.EVALUATION, reason_code=REASON, by=by, now=now)
    booking.cancel_coming(patient=patient, reason_code=REASON, by=by, now=now)


def _tell(event: ConsentEvent, *, clinician: bool, ordered: bool, by: User, now: datetime) -> None:
    """The clinicians in care by an alert, the coordinators by the worklist (who also call off what was ordered)."""
    patient, about = event.patient, f"consent:{event.pk}"
    if clinician and (ordered or cared_for(patient, at=now)):
        raise_alert(kind=AlertKind.CONSENT_WITHDRAWN, patient=patient, about=about, dedupe_key=about, by=by, now=now)
    open_follow_up(
        kind=FollowUpKind.CONSENT_WITHDRAWN,
        patient=patient,
        about=about,
        dedupe_key=about,
        due_at=now,
        by=by,
        now=now,
    )
    notifications.schedule(
        template="account_notice",
        recipient=patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=about,
        about=about,
        variables={"link": reverse("intake:agreements")},
        now=now,
    )
