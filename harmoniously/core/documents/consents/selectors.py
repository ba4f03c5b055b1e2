"""Where a patient stands with the agreements, and what that stops."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.common.columns import as_column
from harmoniously.core.documents.consents import rules, texts
from harmoniously.core.documents.consents.rules import Act, Activity, State
from harmoniously.core.documents.consents.texts import ASKED_ABOUT, ConsentText, Question
from harmoniously.core.documents.models import ComprehensionAnswer, ConsentAct, ConsentEvent, ConsentKind


@dataclass(frozen=True)
class Standing:
    """One kind for one patient: the words to sign now, what stands, and the acts that it comes from, oldest first."""

    text: ConsentText
    state: State
    read: bool
    events: tuple[ConsentEvent, ...]

    @property
    def kind(self) -> str:
        """Its code."""
        return self.text.kind

    @property
    def title(self) -> str:
        """Its name."""
        return str(ConsentKind(self.kind).label)

    @property
    def due(self) -> bool:
        """Whether the present words are not signed."""
        return self.state is not State.CURRENT

    @property
    def signed(self) -> ConsentEvent | None:
        """The newest signature, also one that was taken back since."""
        return next((event for event in reversed(self.events) if event.act == ConsentAct.SIGNED), None)

    @property
    def withdrawn(self) -> ConsentEvent | None:
        """How it was taken back, while it is."""
        if self.state is not State.WITHDRAWN:
            return None
        return next((event for event in reversed(self.events) if event.act == ConsentAct.WITHDRAWN), None)

    @property
    def stands(self) -> bool:
        """Whether something is signed that could be taken back."""
        return self.state in (State.CURRENT, State.OUTDATED)


def standings(patient: Patient, now: datetime) -> dict[str, Standing]:
    """Every kind in the order in which they are read; one query."""
    return standings_from(ConsentEvent.objects.filter(patient=patient), patient, now)


def standings_from(acts: Iterable[ConsentEvent], patient: Patient, now: datetime) -> dict[str, Standing]:
    """The same from acts that are read already; without those of reading, `read` is always False."""
    events: dict[str, list[ConsentEvent]] = {kind: [] for kind in texts.KINDS}
    for event in sorted(acts, key=lambda act: act.sequence):
        events[event.kind].append(event)
    return {
        kind: _standing(text, events[kind]) for kind, text in texts.all_current(clock.today(patient.zone, now)).items()
    }


def _standing(text: ConsentText, events: list[ConsentEvent]) -> Standing:
    plain = [rules.Event(event.kind, Act(event.act), event.text_sha256, event.at) for event in events]
    found = rules.reading(plain, text.sha256)
    return Standing(text, found.state, found.read, tuple(events))


def acts_of(patient: str) -> ArraySubquery:
    """The acts of a row's patient as one column of it, for `in_force_by`; `patient` is the row's column of the key."""
    acts = ConsentEvent.objects.filter(patient=OuterRef(patient))
    return as_column(acts, "kind", "act", "sequence", "text_sha256", "at")


def in_force_by(acts: Iterable[Mapping[str, Any]], patient: Patient, activity: Activity, now: datetime) -> bool:
    """`in_force` from the column of `acts_of`: no query more."""
    read = [ConsentEvent(**{**act, "at": datetime.fromisoformat(act["at"])}) for act in acts]
    return not rules.missing(states(standings_from(read, patient, now)), activity)


def states(found: Mapping[str, Standing]) -> dict[str, State]:
    """Only what stands, as the rules read it."""
    return {kind: standing.state for kind, standing in found.items()}


def missing(patient: Patient, activity: Activity, now: datetime) -> tuple[str, ...]:
    """The kinds that a step needs and that the patient has not signed in their present words."""
    return rules.missing(states(standings(patient, now)), activity)


def in_force(patient: Patient, activity: Activity, now: datetime) -> bool:
    """Whether a step may be taken: every agreement that it rests on is signed in its present words."""
    return not missing(patient, activity, now)


def taken_back(patient: Patient, activity: Activity, now: datetime) -> tuple[str, ...]:
    """The kinds that a step needs and that the patient took back."""
    return rules.taken_back(states(standings(patient, now)), activity)


def withdrawals_of(activity: Activity) -> QuerySet[ConsentEvent]:
    """Every withdrawal that stands, of anybody, of a kind that a step needs: `rules.taken_back` for a queue, in SQL."""
    later = ConsentEvent.objects.filter(
        patient=OuterRef("patient"), kind=OuterRef("kind"), act=ConsentAct.SIGNED, sequence__gt=OuterRef("sequence")
    )
    back = ConsentEvent.objects.filter(act=ConsentAct.WITHDRAWN, kind__in=rules.NEEDS[activity])
    return back.exclude(Exists(later))


@dataclass(frozen=True)
class Asked:
    """One question with what the patient answered so far since the last time the treatment text was decided on."""

    version: str
    number: int
    question: Question
    attempts: int
    passed: bool


def asked(patient: Patient, standing: Standing) -> list[Asked]:
    """The questions about the treatment text, in order. Answers from before a withdrawal do not count any more."""
    version = standing.text.version
    since = max((event.at for event in standing.events if event.act == ConsentAct.WITHDRAWN), default=None)
    rows = ComprehensionAnswer.objects.filter(patient=patient, version=version)
    counts: dict[str, int] = {}
    passed: set[str] = set()
    for row in rows:
        counts[row.question] = max(counts.get(row.question, 0), row.attempt)
        if row.correct and (since is None or row.at > since):
            passed.add(row.question)
    return [
        Asked(version, number, question, counts.get(question.key, 0), question.key in passed)
        for number, question in enumerate(texts.questions(version), start=1)
    ]


def to_read(found: Mapping[str, Standing]) -> Standing | None:
    """The next text to read before anything can be signed."""
    return next((standing for standing in found.values() if standing.due and not standing.read), None)


def to_answer(patient: Patient, found: Mapping[str, Standing]) -> Asked | None:
    """The next question, when the treatment text is to be signed."""
    standing = found[ASKED_ABOUT]
    if not standing.due:
        return None
    return next((row for row in asked(patient, standing) if not row.passed), None)


def history_of(patient: Patient) -> QuerySet[ConsentEvent]:
    """Everything that was signed or taken back, newest first, with its document."""
    acts = ConsentEvent.objects.filter(patient=patient, document__isnull=False)
    return acts.select_related("document").order_by("-at", "kind")


def patient_of(event: UUID) -> UUID | None:
    """Whose act it was, or None when there is no such act."""
    return ConsentEvent.objects.filter(pk=event).values_list("patient_id", flat=True).first()
