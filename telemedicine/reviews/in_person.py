"""A visit in person that a prescriber wants before anything is approved: required, recorded, ended.

Policy section 10: a first controlled prescription may need one by law, and a prescriber may want one for what cannot be
judged by video. It stands against an approval until somebody recorded that it took place, whatever answers come.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.alerts import services as alerting
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.models import InPersonVisit, Review

LONGEST_AGO_DAYS = 365


def require(
    *, review: Review, clinician: Clinician, place: str, we_call: bool, by: User, now: datetime
) -> InPersonVisit:
    """Wait for a visit in person: the patient is told, and a coordinator calls where `we_call`.

    One that was waited for before is replaced, so that what the patient reads is what the prescriber looked at. The
    caller holds the locked review and has asked whether this prescriber may act on it.
    """
    patient = review.patient
    end(patient=patient, by=by, now=now)
    row = InPersonVisit.objects.create(
        patient=patient,
        review=review,
        clinician=clinician,
        place=place.strip(),
        we_call=we_call,
        required_at=now,
        created_at=now,
    )
    audit.record(actor=by, action="inpersonvisit.required", now=now, subject=row, we_call=we_call)
    audit.advance(review, Review.Status.IN_PERSON, by=by, now=now)
    if we_call:
        alerting.open_follow_up(
            kind=FollowUpKind.IN_PERSON,
            patient=patient,
            about=_about(row),
            dedupe_key=f"{_about(row)}:call",
            due_at=now,
            by=by,
            now=now,
        )
    notifications.schedule(
        template="action_needed",
        recipient=patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"{_about(row)}:told:{review.pk}",
        about=_about(row),
        variables={"link": reverse("telemedicine:decision")},
        now=now,
    )
    return row


@transaction.atomic
def met(*, review: Review, on: date, where: str, by: User, now: datetime) -> InPersonVisit:
    """Record that the patient was seen: the case can be approved again. A second click finds it recorded.

    The caller holds the locked review. Raises RuleViolation for a day that cannot be, or nowhere named; Conflict where
    no visit is waited for.
    """
    today = clock.today(review.patient.zone, now)
    if on > today or (today - on).days > LONGEST_AGO_DAYS:
        raise RuleViolation(_("Enter the day of the visit: not in the future, and at most a year ago."), "day")
    if not where.strip():
        raise RuleViolation(_("Write who saw the patient, and where."), "where")
    rows = InPersonVisit.objects.select_for_update(of=("self",)).filter(patient=review.patient)
    row = rows.filter(recorded_at__isnull=True, ended_at__isnull=True).first()
    if row is None:
        done = rows.filter(recorded_at__isnull=False, met_on=on).first()
        if done is not None:
            return done
        raise Conflict(_("No visit in person is waited for any more."), "none")
    row.met_on, row.met_where, row.recorded_at, row.recorded_by = on, where.strip(), now, by
    row.save(update_fields=["met_on", "met_where", "recorded_at", "recorded_by"])
    audit.record(actor=by, action="inpersonvisit.recorded", now=now, subject=row)
    if review.status == Review.Status.IN_PERSON:
        audit.advance(review, Review.Status.CLAIMED, by=by, now=now, reason_code="met_in_person")
    _settle(row, by=by, now=now)
    return row


def end(*, patient: Patient, by: User, now: datetime) -> None:
    """The case has its final word, or another visit is required: nobody waits for this one any more."""
    rows = InPersonVisit.objects.select_for_update(of=("self",)).filter(patient=patient)
    for row in rows.filter(recorded_at__isnull=True, ended_at__isnull=True):
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        audit.record(actor=by, action="inpersonvisit.ended", now=now, subject=row)
        _settle(row, by=by, now=now)


def _settle(row: InPersonVisit, *, by: User, now: datetime) -> None:
    notifications.cancel_about(about=_about(row), now=now, reason="settled")
    alerting.close_follow_up(about=_about(row), by=by, now=now)


def _about(row: InPersonVisit) -> str:
    return f"inperson:{row.pk}"
