"""What decides about the day of a session: where, what is at home, what else is planned."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.presenting import Place
from harmoniously.core.common import clock
from harmoniously.core.common.states import ZONE_OF_STATE
from treatment import selectors
from treatment.models import Chart, DoseSession, Preparation, Prescription, SessionStatus, SitterInvitation
from treatment.policy import Policy
from treatment.rules import law, phases
from treatment.rules.booking import Bounds, Other, check_room
from treatment.rules.reasons import Reason
from treatment.selecting import phases as standings

# Waiting to be taken; what is planned of them uses up what is at home.
AHEAD = (SessionStatus.SCHEDULED, SessionStatus.RELEASED, SessionStatus.HELD)
# A movable session: not begun, not over.
MOVABLE = AHEAD


def others_in(sessions: Iterable[DoseSession], *, apart_from: DoseSession | None = None) -> tuple[Other, ...]:
    """The sessions to keep 72 hours from: of started ones their start, of planned ones their plan."""
    counted = {*DoseSession.OPEN, SessionStatus.COMPLETED} - {SessionStatus.HELD}
    return tuple(
        Other(row.started_at or row.starts_at, row.local_day)
        for row in sessions
        if row.status in counted and (apart_from is None or row.pk != apart_from.pk)
    )


def bounds_of(
    *,
    chart: Chart,
    prescription: Prescription,
    zone: str,
    policy: Policy,
    sessions: Collection[DoseSession],
    apart_from: DoseSession | None = None,
) -> Bounds:
    """Everything that decides about the day and hour of one session; only in a phase in which something is planned.

    `sessions` are all of the patient's, whatever became of them.
    """
    arrived = selectors.last_delivery(prescription)
    if prescription.issued_on is None:
        raise ValueError("this prescription was not signed")
    return Bounds(
        zone=zone,
        arrived_at=arrived.delivered_at if arrived else None,
        last_fill_day=law.last_fill_day(prescription.issued_on, policy),
        frame=frame_of(chart, prescription, sessions, policy),
        others=others_in(sessions, apart_from=apart_from),
        held_days=frozenset(clock.local(row.held_at, row.zone).date() for row in sessions if row.held_at is not None),
    )


def frame_of(chart: Chart, prescription: Prescription, sessions: Iterable[DoseSession], policy: Policy) -> phases.Frame:
    """What the phase allows now."""
    rhythm = standings.rhythm_of(chart, prescription)
    return phases.frame(standings.standing_in(chart, sessions), rhythm, policy)


def room_for_one(
    *, prescription: Prescription, at_home: int, frame: phases.Frame, sessions: Collection[DoseSession]
) -> tuple[Reason, ...]:
    """Why no further session may be chosen, whatever the day: all that is at home, ordered or allowed is planned."""
    taken = [row for row in sessions if row.prescription_id == prescription.pk and row.status in DoseSession.TAKEN]
    return check_room(
        ahead=sum(row.status in AHEAD for row in sessions),
        at_home=at_home,
        ordered=prescription.session_count - len(taken),
        frame=frame,
    )


def may_choose(
    *, chart: Chart, prescription: Prescription, at_home: int, sessions: Collection[DoseSession], policy: Policy
) -> bool:
    """Whether the page on which one more day is chosen has any to offer."""
    frame = frame_of(chart, prescription, sessions, policy)
    return not room_for_one(prescription=prescription, at_home=at_home, frame=frame, sessions=sessions)


def state_of(session: DoseSession) -> str:
    """The state where the patient will be: what they said, else their home, else where the prescriber met them."""
    return session.state or session.patient.state or session.prescription.visit_state


def stated_place(patient: Patient) -> Place | None:
    """Where the patient said they are for the newest session that they began or got ready for; home when no other."""
    ready = DoseSession.objects.filter(patient=patient, gate_passed_at__isnull=False)
    row = ready.order_by("-gate_passed_at").first()
    if row is None:
        return None
    return Place(row.place or patient.address or {}, row.started_at or row.gate_passed_at, _("Treatment session"))


def check_place(session: DoseSession, *, state: str = "") -> tuple[Reason, ...]:
    """Why the prescriber may not treat there on the day of the session (policy section 10); empty when they may."""
    prescriber = session.prescription.prescriber
    where = state or state_of(session)
    return law.check_licence(selectors.licences_of(prescriber), visit_state=where, today=session.local_day)


def usual_zone(state: str, patient: Patient) -> str:
    """The clock of a state: the patient's own at home, else the one that most of the state keeps."""
    return patient.zone if state == patient.state else ZONE_OF_STATE[state]


def preparation_of(session: DoseSession) -> Preparation | None:
    """What was ticked off for a session."""
    return Preparation.objects.filter(session=session).first()


def sitter_before(patient: Patient) -> SitterInvitation | None:
    """Whom the patient asked last, whatever became of it."""
    return SitterInvitation.objects.filter(patient=patient).order_by("-created_at").first()


def sitter_cannot(patient: Patient) -> tuple[str, frozenset[str]]:
    """The name of the sitter asked last and the days (ISO) on which they said they cannot be there."""
    last = sitter_before(patient)
    return (last.name, frozenset(last.cannot)) if last is not None else ("", frozenset())
