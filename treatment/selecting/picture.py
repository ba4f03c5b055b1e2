"""The whole picture of one patient's treatment at one moment: read once at the edge, and passed down to the rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.columns import as_column
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.questions.models import Assessment
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    Chart,
    DoseSession,
    Pause,
    Prescription,
    PrescriptionStatus,
    Product,
    Report,
    SessionStatus,
    Vital,
    VitalPhase,
)
from treatment.rules.safety import Measured
from treatment.said import CaseSaid, newest_said
from treatment.selecting.compared import Beginning, beginning_on, beginnings
from treatment.selecting.ledger import with_lines
from treatment.selecting.stops import marks, stops_on


@dataclass(frozen=True)
class Measurement:
    """A blood pressure, with the session and the run of its gate where it was taken at one."""

    session: str | None
    phase: str
    attempt: int
    read: Measured


@dataclass(frozen=True)
class Picture:
    """What the record says of a patient at a moment. `orders` are all of them, the newest first, with their counts.

    `stops` as `stops_on` names them; `may_order` says whether the agreements that an order rests on are in force.
    `last` is the newest session of the open chart that was begun; `measured` are the newest readings before a dose and
    all of `last`, `scores` the totals of the PHQ-9 and `reported` the codes of what was reported, each oldest first.
    """

    patient: Patient
    at: datetime
    stops: frozenset[str]
    may_order: bool
    paused_at: datetime | None
    chart: Chart | None
    orders: tuple[Prescription, ...]
    last: DoseSession | None
    last_completed: DoseSession | None
    measured: tuple[Measurement, ...]
    beginning: Beginning
    scores: tuple[tuple[datetime, int], ...]
    reported: tuple[tuple[datetime, str], ...]
    said: CaseSaid | None

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """What may be prescribed now, read once for a page."""
        return tuple(selectors.products())

    @property
    def draft(self) -> Prescription | None:
        """The order that is being written."""
        return self._order(lambda row: row.status == PrescriptionStatus.DRAFT)

    @property
    def standing(self) -> Prescription | None:
        """The order in force, or the one that is paused."""
        return self._order(lambda row: row.status in Prescription.STANDING)

    @property
    def in_force(self) -> Prescription | None:
        """The order that sessions are taken under."""
        return self._order(lambda row: row.status in Prescription.IN_FORCE)

    @property
    def signed(self) -> tuple[Prescription, ...]:
        """Every order that was ever signed."""
        return tuple(row for row in self.orders if row.signed_at is not None)

    def _order(self, wanted: Callable[[Prescription], bool]) -> Prescription | None:
        return next((row for row in self.orders if wanted(row)), None)


def marked(patients: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    """Patients with all of their picture that fits into one row; a door may open with it."""
    own = {"patient": OuterRef("pk")}
    since = now - timedelta(days=policies.load().dosing.pressure_recent_days + 1)
    newest = _taken().filter(patient=OuterRef("patient")).order_by("-started_at")
    at_gate = Q(phase=VitalPhase.GATE, taken_at__gte=since, taken_at__lte=now)
    vitals = Vital.objects.filter(at_gate | Q(session=Subquery(newest.values("pk")[:1])), **own)
    scores = Assessment.objects.filter(instrument=Assessment.Instrument.PHQ9, total__isnull=False, **own)
    reported, pauses = Report.objects.filter(**own), Pause.objects.filter(ended_at__isnull=True, **own)
    return beginnings(patients).annotate(
        **marks(now, "pk"),
        paused_at=Subquery(pauses.values("paused_at")[:1]),
        acts=consents.acts_of("pk"),
        measured=as_column(
            vitals, "taken_at", "session", "phase", "attempt", "systolic", "diastolic", order="taken_at"
        ),
        scores=as_column(scores, "taken_at", "total", order="taken_at"),
        reported=as_column(reported, "at", "code", order="at"),
    )


def _taken() -> QuerySet[DoseSession]:
    return DoseSession.objects.filter(status__in=DoseSession.TAKEN)


def picture_of(
    patient: Patient, now: datetime, *, row: Any = None, sessions: Iterable[DoseSession] | None = None
) -> Picture:
    """The picture of a patient, read now, in four queries whatever the length of the treatment.

    A page whose door has just read the patient with `marked` gives that `row`, and all `sessions` where it read them;
    services never do, and read anew.
    """
    if row is None:
        row = marked(Patient.objects.only("pk"), now).get(pk=patient.pk)
    orders = _orders(patient)
    chart = _chart(patient, orders)
    beginning = beginning_on(row)
    totals = [(_moment(item["taken_at"]), int(item["total"])) for item in row.scores]
    doses = _of_this_course(_newest_doses(patient) if sessions is None else sessions, chart)
    return Picture(
        patient=patient,
        at=now,
        stops=stops_on(row),
        may_order=consents.in_force_by(row.acts, patient, Activity.ORDER, now),
        paused_at=row.paused_at,
        chart=chart,
        orders=orders,
        last=_last(doses),
        last_completed=_last_completed(doses),
        measured=tuple(_measurement(item) for item in row.measured),
        beginning=beginning,
        scores=tuple((at, total) for at, total in totals if beginning.counts(at)),
        reported=tuple((_moment(item["at"]), item["code"]) for item in row.reported),
        said=newest_said(patient),
    )


def _orders(patient: Patient) -> tuple[Prescription, ...]:
    rows = with_lines(Prescription.objects.filter(patient=patient))
    return tuple(rows.select_related("product", "prescriber", "chart").order_by("-created_at"))


def _chart(patient: Patient, orders: tuple[Prescription, ...]) -> Chart | None:
    """The open chart; most often it has an order, and was read with it."""
    return next((row.chart for row in orders if row.chart.closed_at is None), None) or selectors.open_chart_of(patient)


def _newest_doses(patient: Patient) -> list[DoseSession]:
    """The newest session that was begun, and the newest that was completed: one or two rows."""
    own = _taken().filter(patient=patient)
    begun, done = own.order_by("-started_at"), own.filter(status=SessionStatus.COMPLETED).order_by("-completed_at")
    newest = Q(pk=Subquery(begun.values("pk")[:1])) | Q(pk=Subquery(done.values("pk")[:1]))
    return list(DoseSession.objects.filter(newest))


def _of_this_course(sessions: Iterable[DoseSession], chart: Chart | None) -> list[DoseSession]:
    """No dose of a treatment that has ended: whoever begins again begins with the dose of a beginning."""
    since = chart.opened_at if chart is not None else None
    return [row for row in sessions if since is None or row.started_at is None or row.started_at >= since]


def _last(sessions: Iterable[DoseSession]) -> DoseSession | None:
    taken = [(row.started_at, row) for row in sessions if row.started_at and row.status in DoseSession.TAKEN]
    return max(taken, key=itemgetter(0))[1] if taken else None


def _last_completed(sessions: Iterable[DoseSession]) -> DoseSession | None:
    done = [(row.completed_at, row) for row in sessions if row.completed_at and row.status == SessionStatus.COMPLETED]
    return max(done, key=itemgetter(0))[1] if done else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _measurement(item: dict[str, Any]) -> Measurement:
    read = Measured(_moment(item["taken_at"]), item["systolic"], item["diastolic"])
    return Measurement(item["session"], item["phase"], item["attempt"], read)
