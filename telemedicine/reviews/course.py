"""The treatment of one patient as a case shows it, read in one query whatever its length.

What belongs to a treatment is opened only for whoever cares for the patient; the scores belong to the application, too.
Sealed values stay sealed until somebody asks for them (`opened`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import CharField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common.columns import as_column
from harmoniously.core.common.encryption import UNREADABLE, Sealed, legible
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.scales import SCALES
from intake.requests.selectors import papers_shown
from telemedicine.models import Elsewhere, InPersonVisit, Message, Referral, Verdict, VisitNote
from treatment.models import (
    AdverseEvent,
    Chart,
    CheckIn,
    Discharge,
    DoseSession,
    Pause,
    PhaseChange,
    Prescription,
    RefillRequest,
    Report,
    SupplyFlag,
    TitrationProposal,
    Vital,
)
from treatment.models.phase import PhaseChoice
from treatment.selecting.check_ins import UNREAD
from treatment.selecting.compared import Beginning, beginning_on, beginnings

Rows = list[dict[str, Any]]
Found = TypeVar("Found", bound=Model)
# More than a page shows of each; a treatment of two years has about a hundred sessions.
MOST_SCORES, MOST_SESSIONS, MOST_STEPS = 120, 120, 40
SHOWN_SESSIONS = 12
WHO = "clinician__display_name"


@dataclass(frozen=True, slots=True)
class Course:
    """Plain rows, the newest first; `open` is False for whoever reads an application only."""

    patient: UUID
    open: bool
    beginning: Beginning
    scores: Rows
    orders: Rows
    told: dict[str, Rows] = field(default_factory=dict)

    def of(self, name: str) -> Rows:
        """The rows of one kind; none of a treatment for whoever reads an application only."""
        return self.told.get(name, [])

    @property
    def sessions(self) -> Rows:
        """Sessions that were begun, held or missed, the newest first."""
        return self.of("sessions")

    @property
    def order(self) -> dict[str, Any] | None:
        """The newest order that is no draft."""
        return next((row for row in self.orders if row["status"] != Prescription.Status.DRAFT), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a treatment stands and since when."""

    words: str
    since: datetime
    running: bool


def stage_of(course: Course) -> Stage | None:
    """The phase of the newest treatment, or that it ended; None before an approval."""
    for row in course.of("charts"):
        since = row["closed_at"] or row["phase_since"] or row["opened_at"]
        return Stage(str(PhaseChoice(row["status"]).label), moment(since), row["closed_at"] is None)
    return None


def moment(text: str) -> datetime:
    """A moment as it comes in a column."""
    return datetime.fromisoformat(text)


def opened(model: type[Model], row: dict[str, Any], name: str, instead: Any) -> Any:
    """What is sealed in a column of a row: it opens only as a part of its own row. `instead` where it does not."""
    token = row[name]
    return None if token is None else legible(model(pk=row["id"], **{name: Sealed(token)}), name, instead)


def text_of(model: type[Model], row: dict[str, Any], name: str) -> str:
    """The same of a text: empty where there is none, and said where it cannot be read."""
    return opened(model, row, name, str(UNREADABLE)) or ""


def row_of(model: type[Found], row: dict[str, Any], *sealed: str) -> Found:
    """A row of a model from its columns: moments as moments, what is sealed still sealed; never to be saved."""
    known: dict[str, Any] = {}
    for name, value in row.items():
        if "__" in name:
            continue
        if name in sealed:
            known[name] = None if value is None else Sealed(value)
        else:
            column = model._meta.get_field(name)
            known[column.attname] = column.to_python(value)  # type: ignore[union-attr]
    return model(**known)


def course_of(patient: Patient, *, reads: bool) -> Course:
    """Read it; one query whatever there is, so that the fullest history costs a page no more than a first visit."""
    kinds = _known() | (_told() if reads else {})
    columns = {"read_scores": _scores(), "read_orders": _orders()} | {f"read_{name}": kinds[name] for name in kinds}
    row: Any = beginnings(Patient.objects.only("pk")).annotate(**columns).get(pk=patient.pk)
    return Course(
        patient=patient.pk,
        open=reads,
        beginning=beginning_on(row),
        scores=row.read_scores,
        orders=row.read_orders,
        told={name: getattr(row, f"read_{name}") for name in kinds},
    )


def _own(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(patient=OuterRef("pk"))


def _scores() -> Any:
    """The scored answers; an incomplete score is no score."""
    rows = _own(Assessment.objects.filter(total__isnull=False, instrument__in=SCALES))
    return as_column(rows, "instrument", "total", "band", "taken_at", order="-taken_at", most=MOST_SCORES)


def _orders() -> Any:
    names = (
        "id", "status", "created_at", "signed_at", "replaces", "frequency", "strength_mg", "units_per_session",
        "written_reason", "second_signed_at", "second_prescriber__display_name", "prescriber__display_name",
        "prescriber__user", "product__name", "product__form",
    )  # fmt: skip
    return as_column(_own(Prescription.objects.all()), *names, order="-created_at", most=MOST_STEPS)


def _known() -> dict[str, Any]:
    """What belongs to the application: it is open to whoever may decide on it."""
    hold = _own(SafetyHold.objects.filter(cleared_at__isnull=True))
    return {
        "hold": as_column(hold, "id", "level", "opened_at", most=1),
        "elsewhere": as_column(
            _own(Elsewhere.objects.filter(struck_at__isnull=True)), "id", "told", "recorded_at", order="recorded_at"
        ),
        "papers": as_column(
            _own(papers_shown()), "id", "kind_sealed", "dated_sealed", "status", "created_at", order="-created_at"
        ),
        "verdicts": as_column(
            _own(Verdict.objects.all()),
            "id", "review", "by", "kind", "status", "reason", "failure", "written_at", "confirmed_at", "done_at",
            f"by__{WHO}", order="-written_at", most=MOST_STEPS,
        ),
        "in_person": as_column(
            _own(InPersonVisit.objects.filter(recorded_at__isnull=False)),
            "id", "met_on", "met_where", "recorded_at", f"recorded_by__{WHO}", order="-recorded_at", most=5,
        ),
    }  # fmt: skip


def _told() -> dict[str, Any]:
    """Everything that belongs to a treatment, by the name that `Course.of` knows it by."""
    return {**_happened(), **_waiting(), **_decided(), **_written()}


def _happened() -> dict[str, Any]:
    sessions = _own(DoseSession.objects.filter(status__in=(*DoseSession.TAKEN, "held", "missed")))
    shown = sessions.order_by("-starts_at")
    vitals = _own(Vital.objects.filter(session__in=Subquery(_newest(DoseSession.TAKEN, MOST_SESSIONS))))
    answered = _own(CheckIn.objects.filter(session__isnull=False, status=CheckIn.Status.ANSWERED))
    return {
        "sessions": as_column(
            shown, "id", "number", "status", "zone", "starts_at", "started_at", "held_at", "units", "strength_mg",
            "gate_attempt", "sitter_released_at", "reviewed_at", "prescription__product__form",
            order="-starts_at", most=MOST_SESSIONS,
        ),
        "ahead": as_column(
            _own(DoseSession.objects.filter(status__in=("scheduled", "released"))),
            "id", "zone", "starts_at", "started_at", "units", "strength_mg", "prescription__product__form",
            order="starts_at", most=1,
        ),
        "vitals": as_column(
            vitals, "session", "phase", "attempt", "systolic", "diastolic", "taken_at", order="taken_at"
        ),
        "check_ins": as_column(
            answered.filter(session__in=Subquery(_newest(DoseSession.TAKEN, SHOWN_SESSIONS))),
            "id", "session", "kind", "answers", "scores", "flags", "answered_at", "flagged_at", "reviewed_at",
            order="-answered_at",
        ),
        "charts": as_column(
            _own(Chart.objects.all()),
            "id", "status", "facts", "confirmed_at", "approved_at", "opened_at", "phase_since", "closed_at",
            order="-opened_at", most=4,
        ),
    }  # fmt: skip


def _newest(status: tuple[str, ...], most: int) -> QuerySet[Any]:
    """The keys of the newest sessions of the patient of the row around."""
    rows = DoseSession.objects.filter(patient=OuterRef("patient"), status__in=status)
    return rows.order_by("-starts_at").values("pk")[:most]


def _waiting() -> dict[str, Any]:
    """What a prescriber has to read or answer for this patient."""
    return {
        "flagged": as_column(
            _own(CheckIn.objects.filter(UNREAD)),
            "id", "kind", "flags", "flagged_at", order="flagged_at", most=MOST_STEPS,
        ),
        "supply": as_column(
            _own(SupplyFlag.objects.filter(read_at__isnull=True)),
            "id", "code", "facts", "raised_at", order="-raised_at",
        ),
        "events": as_column(
            _own(AdverseEvent.objects.exclude(status="dismissed")),
            "id", "status", "serious", "onset_at", "known_at", "judgement", order="-onset_at", most=MOST_STEPS,
        ),
        "reports": as_column(_own(Report.objects.all()), "code", "at", order="-at", most=6),
    }  # fmt: skip


def _decided() -> dict[str, Any]:
    """Every decision that is not an order itself."""
    held = _own(SafetyHold.objects.all())
    return {
        "moves": as_column(_moves(), "subject", "after", "at", "reason_code", "who", order="-at", most=MOST_STEPS),
        "pauses": as_column(
            _own(Pause.objects.all()),
            "id", "paused_at", "reason_code", "note", "ended_at", "resume_reason",
            f"paused_by__{WHO}", f"ended_by__{WHO}", order="-paused_at", most=MOST_STEPS,
        ),
        "proposals": as_column(
            _own(TitrationProposal.objects.all()),
            "id", "answer", "answered_at", "reason", "proposal", WHO, order="-answered_at", most=MOST_STEPS,
        ),
        "refills": as_column(
            _own(RefillRequest.objects.all()),
            "id", "status", "requested_at", "decided_at", "reason", "decided_by__display_name",
            order="-requested_at", most=MOST_STEPS,
        ),
        "phases": as_column(
            _own(PhaseChange.objects.all()),
            "id", "before", "after", "reason", "words", "at", f"by__{WHO}", order="-at", most=MOST_STEPS,
        ),
        "discharges": as_column(
            _own(Discharge.objects.all()), "id", "discharged_at", "reason", "summary", WHO, order="-discharged_at"
        ),
        "holds": as_column(
            held, "id", "level", "opened_at", "cleared_at", "contact_note", f"cleared_by__{WHO}",
            order="-opened_at", most=MOST_STEPS,
        ),
        "referrals": as_column(
            _own(Referral.objects.all()), "id", "status", "facility_sealed", "asked_at", WHO, order="-asked_at", most=10
        ),
    }  # fmt: skip


def _moves() -> QuerySet[StatusChange]:
    """Orders that were stopped or cancelled: only a prescriber does that, and there are few of those."""
    named = Cast("pk", CharField())
    label = Concat(Value(f"{Prescription._meta.label_lower}:"), named, output_field=CharField())
    own = Prescription.objects.filter(patient=OuterRef(OuterRef("pk"))).annotate(label=label)
    doctor = Clinician.objects.annotate(key=Cast("user_id", CharField())).filter(key=OuterRef("actor"))
    rows = StatusChange.objects.filter(subject__in=own.values("label"), after__in=("stopped", "cancelled"))
    return rows.annotate(who=Subquery(doctor.values("display_name")[:1]))


def _written() -> dict[str, Any]:
    signed = VisitNote.objects.filter(status=VisitNote.Status.SIGNED)
    return {
        "notes": as_column(
            _own(signed), "id", "kind", "signed_at", "visit_began_at", "sections", "author__display_name",
            order="-signed_at", most=2,
        ),
        "messages": as_column(
            _own(Message.objects.all()),
            "id", "thread", "thread__topic", "from_patient", "body", "sent_at", "read_at", f"author__{WHO}",
            order="-sent_at", most=4,
        ),
    }  # fmt: skip
