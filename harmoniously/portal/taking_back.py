"""A patient takes an agreement back: what it ends in every app, in one transaction, and what is told about it."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

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
from harmoniously.portal.standing import Standing
from harmoniously.portal.withdrawal import REACH, Effect, effect_of, facts_of
from intake.requests import settling
from telemedicine.services import booking, waiting
from telemedicine.services.locks import lock_care
from treatment.services import withdrawing

REASON = settling.TAKEN_BACK


def effect(*, patient: Patient, kind: str, now: datetime) -> Effect:
    """What taking it back would do as things stand. KeyError for an unknown kind."""
    return effect_of(kind, facts_of(Standing(patient, now)))


def take_back(*, patient: Patient, kind: str, by: User, now: datetime) -> ConsentEvent | None:
    """Take an agreement back and end what rests on it; None when nothing stood. KeyError for an unknown kind."""
    reach = REACH[kind]
    with transaction.atomic():
        lock_care(patient)
        lines = effect(patient=patient, kind=kind, now=now).lines
        event = consents.withdraw(patient=patient, kind=kind, effects=lines, by=by, now=now)
        if event is None:
            return None
        settling.close_all(patient=patient, reason_code=REASON, by=by, now=now)
        billing.close_unpaid(patient=patient, reason_code=REASON, by=by, now=now)
        ordered = reach.care and withdrawing.end_sessions(patient=patient, by=by, now=now)
        if reach.visits:
            _end_visits(patient, by=by, now=now)
        if reach.texts and patient.sms_consent_at is not None:
            texts.withdraw(patient=patient, source="agreements", by=by, now=now)
        _tell(event, clinician=reach.care, ordered=ordered, by=by, now=now)
    return event


def _end_visits(patient: Patient, *, by: User, now: datetime) -> None:
    """Visits that nobody has begun end, and waiting; the fee goes back unless the first visit began or took place."""
    if not booking.was_seen(patient):
        billing.refund_in_full(patient=patient, purpose=Purpose.EVALUATION, reason_code=REASON, by=by, now=now)
    waiting.end_for(patient=patient, reason_code=REASON, by=by, now=now)
    booking.cancel_all(patient=patient, reason_code=REASON, by=by, now=now)


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
