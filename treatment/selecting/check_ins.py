"""Questions about check-ins: what waits for the patient, what waits to be read, and what the rhythm is decided on."""

import logging
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import DecryptionError
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from harmoniously.core.questions.instruments import PHQ9
from harmoniously.core.questions.selectors import scored
from treatment.models import Chart, CheckIn, DoseSession, SessionStatus
from treatment.rules.checkin import STOP_CODES
from treatment.rules.rhythm import CareFacts, Kind
from treatment.selecting.adverse import stopping_since

logger = logging.getLogger(__name__)
_ORDER = {kind: place for place, kind in enumerate(Kind)}


def check_ins_due(patient: Patient, now: datetime, *, running: bool = False) -> list[CheckIn]:
    """What waits for an answer now, the most pressing first.

    The short one of two hours after a dose gives way to that of the next day, which asks the same and more. While a
    session is `running`, only what is asked of a dose calls: from two hours on, whether the sitter is still there.
    """
    rows = CheckIn.objects.select_related("session", "patient").filter(patient=patient, status="open", due_at__lte=now)
    found = sorted(rows, key=lambda row: (_ORDER[Kind(row.kind)], row.due_at))
    next_day = {row.session_id for row in found if row.kind == Kind.DAY}
    asked = [row for row in found if row.kind != Kind.AFTER or row.session_id not in next_day]
    return [row for row in asked if calls(row, running=running)]


def calls(check_in: CheckIn, *, running: bool) -> bool:
    """Whether a check-in that waits calls the patient now, with or without a session that runs."""
    return not running or check_in.kind in (Kind.AFTER, Kind.DAY)


def check_ins_of(patient: Patient) -> QuerySet[CheckIn]:
    """All check-ins of a patient, newest first."""
    return CheckIn.objects.select_related("session", "patient").filter(patient=patient)


def next_day_of(check_in: CheckIn, now: datetime) -> CheckIn | None:
    """The check-in of the next day that a short one has given way to; None while it has not."""
    if check_in.kind != Kind.AFTER:
        return None
    return CheckIn.objects.filter(session=check_in.session_id, kind=Kind.DAY, due_at__lte=now).first()


# Flagged, and no prescriber has read it since the newest flag came.
UNREAD = Q(flagged=True) & (Q(reviewed_at__isnull=True) | Q(reviewed_at__lt=F("flagged_at")))


def check_ins_to_read(user: User, now: datetime) -> QuerySet[CheckIn]:
    """Flagged check-ins of this person's own patients that no prescriber has read, the oldest flag first."""
    cared_for = Exists(care_relations(user, at=now).filter(patient=OuterRef("patient")))
    rows = CheckIn.objects.filter(UNREAD).filter(cared_for)
    return rows.select_related("patient", "session").defer("answers", "facts", "instruments").order_by("flagged_at")


def holds_to_read(user: User, now: datetime) -> QuerySet[DoseSession]:
    """Sessions of this person's own patients that were held at the gate, and why no prescriber has read."""
    cared_for = Exists(care_relations(user, at=now).filter(patient=OuterRef("patient")))
    unread = Q(hold_read_at__isnull=True) | Q(hold_read_at__lt=F("held_at"))
    rows = DoseSession.objects.filter(unread, cared_for, held_at__isnull=False, status__in=DoseSession.HELD_BACK)
    return rows.select_related("patient").order_by("held_at")


def stops_by(unread: Iterable[CheckIn]) -> bool:
    """Whether one of these, which a prescriber has to read, tells of something that stops the treatment."""
    return any(_stops(row) for row in unread)


def _stops(check_in: CheckIn) -> bool:
    """Flags that do not open may be any: they stop this patient, and nobody else's reminders or parcels."""
    try:
        return any(flag["code"] in STOP_CODES for flag in check_in.flags)
    except DecryptionError:
        logger.error("The flags of check-in %s do not open: it stops the treatment.", check_in.pk)
        return True


def signs_since(patients: Collection[UUID]) -> list[tuple[UUID, datetime]]:
    """Every such sign of these patients: whose it is, and since when it waits."""
    unread = CheckIn.objects.filter(UNREAD, patient__in=patients).only("patient", "flags", "flagged_at")
    found = [(row.patient_id, row.flagged_at) for row in unread if row.flagged_at is not None and stops_by([row])]
    return found + stopping_since(patients)


def care_facts(patient: Patient, now: datetime) -> CareFacts:
    """What the rhythm of check-ins is decided on, read now; six queries whatever the length of the treatment."""
    chart = Chart.objects.filter(patient=patient, closed_at__isnull=True).first()
    sessions = DoseSession.objects.filter(patient=patient)
    begun = sessions.filter(status__in=DoseSession.TAKEN)
    if chart is not None:
        begun = begun.filter(started_at__gte=chart.opened_at)  # the doses of a treatment that has ended set no rhythm
    taken = list(begun.order_by("started_at").values_list("started_at", "zone"))
    planned = (SessionStatus.SCHEDULED, SessionStatus.RELEASED, SessionStatus.HELD)
    ahead = sessions.filter(status__in=planned, starts_at__gte=now).order_by("starts_at").first()
    rows = list(CheckIn.objects.filter(patient=patient).values_list("kind", "status", "answered_at"))
    scored_at = scored(patient, PHQ9.key).order_by("-taken_at").values_list("taken_at", flat=True).first()
    last_scores = max((at for at in (scored_at, _answered(rows, Kind.SCORES)) if at), default=None)
    last_month = _answered(rows, Kind.MONTH)
    days = [_day(at, zone) for at, zone in taken if at is not None]
    return CareFacts(
        today=clock.today(patient.zone, now),
        in_care=chart is not None and not taken_back(patient, Activity.DOSE, now),
        indications=frozenset((chart.facts.get("indications") if chart else None) or ()),
        first_session=days[0] if days else None,
        last_session=days[-1] if days else None,
        next_session=ahead.local_day if ahead else None,
        last_scores=_day(last_scores, patient.zone) if last_scores else None,
        sessions_since_scores=sum(1 for at, _zone in taken if at and (last_scores is None or at > last_scores)),
        last_month=_day(last_month, patient.zone) if last_month else None,
        open_kinds=frozenset(Kind(kind) for kind, status, _at in rows if status == "open"),
    )


def _answered(rows: list[tuple[str, str, datetime | None]], kind: Kind) -> datetime | None:
    return max((at for one, _status, at in rows if one == kind and at), default=None)


def _day(at: datetime, zone: str) -> date:
    return clock.local(at, zone).date()
