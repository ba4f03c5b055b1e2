"""How alerts are worded for different readers: coordinators see that a patient needs help, not why."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus, FollowUp, FollowUpKind

_TONES = {AlertStatus.OPEN: "danger", AlertStatus.ACKNOWLEDGED: "caution", AlertStatus.RESOLVED: "success"}


Resolver = Callable[[User, UUID], str]
# What an alert can be about, by the first word of its `about`. The apps above know their pages and put them here.
_SUBJECTS: dict[str, Resolver] = {}


def name_subject(kind: str, page: Resolver) -> None:
    """Say where the page of a kind of subject is; `page` gives an address or, when the reader has none, ""."""
    _SUBJECTS[kind] = page


def subject_of(alert: Alert | FollowUp, reader: User) -> str:
    """The address of what one is about ("session:<uuid>"), or "" when nobody named a page for it."""
    kind, _colon, key = alert.about.partition(":")
    try:
        return page_of(kind, UUID(key), reader)
    except ValueError:
        return ""


def page_of(kind: str, key: UUID, reader: User) -> str:
    """The address of one subject, or "" when nobody named a page for it or there is nothing to see."""
    return _SUBJECTS[kind](reader, key) if kind in _SUBJECTS else ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next about a follow-up, and the page on which it is done."""

    words: str
    url: str


# Where a kind of follow-up is worked off; the apps above know their pages. They ask the database nothing.
_STEPS: dict[str, Callable[[FollowUp], NextStep]] = {}


def name_step(step: Callable[[FollowUp], NextStep], *kinds: str) -> None:
    """Say what is to be done next about these kinds, and where."""
    _STEPS.update(dict.fromkeys(kinds, step))


def next_step(row: FollowUp) -> NextStep:
    """What to do next: on the page that somebody named for its kind, else a call, noted on its own page."""
    named = _STEPS.get(row.kind)
    with suppress(NoReverseMatch):  # its subject is none that has a page
        if named is not None:
            return named(row)
    words = {
        FollowUpKind.TEXT_RECEIVED: _("Read and answer"),
        FollowUpKind.LETTER: _("Ask the prescriber"),
    }.get(FollowUpKind(row.kind), _("Call and note it"))
    return NextStep(words, f"{reverse('admin:follow_up_close', args=[row.pk])}#contact")


Begins = Callable[[UUID], datetime | None]
# When what a follow-up is about begins, by the first word of its `about`; from the apps above.
_BEGINS: dict[str, Begins] = {}


def name_beginning(begins: Begins, *groups: str) -> None:
    """Say when subjects of these groups begin: a call after that is too late."""
    _BEGINS.update(dict.fromkeys(groups, begins))


def begins_at(row: FollowUp) -> datetime | None:
    """When what a follow-up is about begins, None where nobody knows or nothing does."""
    group, _colon, rest = row.about.partition(":")
    return _BEGINS[group](UUID(rest.partition(":")[0])) if group in _BEGINS else None


Words = Callable[[UUID], list[str]]
# What a patient wrote that has no page of its own, by the first word of an alert's `about`; from the apps above.
_WORDS: dict[str, Words] = {}


def name_words(kind: str, words: Words) -> None:
    """Say what a patient wrote in a kind of subject."""
    _WORDS[kind] = words


def words_of(alert: Alert) -> list[str] | None:
    """What the patient wrote that may mean danger, for whoever cares for them; empty when it was changed since or is
    the patient's own, None where it stands on a page of its own, or the alert is of another kind."""
    kind, _colon, key = alert.about.partition(":")
    if alert.kind != AlertKind.CRISIS_WORDS or kind not in _WORDS:
        return None
    return [text for text in _WORDS[kind](UUID(key)) if suggests_crisis(text)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a patient said they are, when they said it, and for what."""

    address: Mapping[str, str]
    at: datetime | None
    why: str


Placer = Callable[[Patient], Place | None]
# Where patients say where they are; the apps above put their newest answer here.
_PLACES: list[Placer] = []


def name_place(placer: Placer) -> None:
    """Add a source of stated places."""
    _PLACES.append(placer)


def places_of(patient: Patient) -> list[Place]:
    """Every place that a patient stated, the newest first; home, which has no moment, last."""
    stated = [place for place in (placer(patient) for placer in _PLACES) if place is not None and place.address]
    stated.sort(key=lambda place: place.at.timestamp() if place.at else 0.0, reverse=True)
    return [*stated, Place(patient.address or {}, None, _("Home"))]


def title_for(alert: Alert, reader: User) -> str:
    """What the alert is called: its clinical name for clinicians, what to do for everybody else."""
    if can(reader, Permission.VIEW_CLINICAL) or alert.kind == AlertKind.DELIVERY_FAILED:
        return str(alert.get_kind_display())
    return _("Safety alert: reach a clinician now") if alert.rings else _("A clinician must look at this case")


def tone_of(alert: Alert) -> str:
    """The tone of its status tag."""
    if alert.status == AlertStatus.OPEN and not alert.rings:
        return "caution"
    return _TONES[AlertStatus(alert.status)]
