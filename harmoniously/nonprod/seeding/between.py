"""Between two sessions: the prescriber sets the phase, the patient gets ready or leaves a session out."""

from harmoniously.nonprod.seeding.life import Life
from treatment.models import DoseSession
from treatment.services import booking, phases, preparation


def decide_phase(life: Life, to: str, reason: str, *, rhythm: str = "", words: str = "") -> None:
    """The prescriber puts the treatment into another phase."""
    by = life.clinician.user
    phases.set_phase(patient=life.patient, to=to, reason=reason, rhythm=rhythm, words=words, by=by, now=life.now)


def leave_out(life: Life, session: DoseSession, *, reason: str, words: str) -> None:
    """The patient leaves a session out, and says why."""
    booking.skip_session(session=session, reason=reason, words=words, by=life.patient.user, now=life.now)


def prepare(life: Life, session: DoseSession, *, ticked: tuple[str, ...], intention: str) -> None:
    """Some of the list is done, and what is hoped for stands there."""
    by = life.patient.user
    preparation.prepare_session(session=session, ticked=ticked, intention=intention, by=by, now=life.now)
