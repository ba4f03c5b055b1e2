"""Questions about documents and about what is waited for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions import wording
from intake.pages import INTAKE
from intake.pages.conditions import chosen
from intake.requests.models import DATED, InformationRequest, Paper, PaperKind, PaperStatus, RequestStatus
from intake.requests.rules import Ask

HEART = {"myocardial_infarction", "stroke_or_tia"}


def papers_shown() -> QuerySet[Paper]:
    """What counts or was found not to do; not what was taken back or replaced."""
    return Paper.objects.exclude(status__in=(PaperStatus.REMOVED, PaperStatus.REPLACED))


def papers_of(patient: Patient) -> QuerySet[Paper]:
    """What a patient sent, newest first; contents are not read."""
    return papers_shown().filter(patient=patient)


def papers_task(patient: Patient) -> dict[str, Any]:
    """The documents as a line of the task list; nobody has to send one before handing in."""
    sent = papers_of(patient).count()
    return {
        "title": _("Your documents"),
        "url": reverse("intake:papers"),
        "state": ngettext("%(sent)s sent", "%(sent)s sent", sent) % {"sent": sent} if sent else _("Can follow later"),
        "tone": "success" if sent else "neutral",
        "hint": _("About 3 min. A photo of your ID, and letters if you have them."),
        "seen_by": _("You and the clinicians who care for you; of your ID also a care coordinator."),
    }


def waiting_for(patient: Patient) -> QuerySet[InformationRequest]:
    """What the practice waits for, the nearest day first."""
    return InformationRequest.objects.filter(patient=patient, status=RequestStatus.OPEN)


def title_of(request: InformationRequest) -> str:
    """What is asked, in a few words."""
    kind, _colon, what = request.item.partition(":")
    if kind == Ask.LETTER:
        return str(PaperKind(what).label)
    if kind == Ask.ANSWER:
        page = INTAKE.by_key.get(what)
        if page is None:
            return _("A question that is still open")
        # Above its questions a questionnaire says how to answer them; in a list it goes by its name.
        instrument = wording.instrument_of(page)
        return str(wording.title(instrument) if instrument else page.title)
    return _("A new blood pressure reading") if kind == Ask.READING else _("The result of a pregnancy test")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request as a list shows it."""

    title: str
    url: str
    texts: list[str]
    due_at: datetime
    overdue: bool


def waiting_list(patient: Patient, now: datetime) -> list[Waiting]:
    """Everything that is waited for, ready to be shown."""
    return [
        Waiting(
            title_of(row), reverse("intake:asked_one", args=[row.pk]), row.texts, row.due_at, overdue=row.due_at < now
        )
        for row in waiting_for(patient)
    ]


def staff_title(kind: str) -> str:
    """What a clinician calls it."""
    words = {
        PaperKind.IDENTITY: _("Photo of the ID"),
        PaperKind.CARDIOLOGY_LETTER: _("Cardiology letter"),
        PaperKind.TREATING_CLINICIAN_LETTER: _("Treating clinician’s letter"),
        PaperKind.PAIN_RECORDS: _("Pain records"),
        PaperKind.BLOOD_PRESSURE_CUFF: _("Picture of the blood-pressure cuff"),
    }
    return words[PaperKind(kind)]


def fitting_kinds(used: Any) -> list[tuple[PaperKind, bool]]:
    """Every kind of document, and whether these answers make it useful; the useful ones first."""
    conditions = set(chosen(used))
    reasons = set(used.get("indications", {}).get("codes") or [])
    useful = {PaperKind.IDENTITY}
    if used.get("blood_pressure", {}).get("items"):
        useful.add(PaperKind.BLOOD_PRESSURE_CUFF)
    if conditions & HEART:
        useful.add(PaperKind.CARDIOLOGY_LETTER)
    if "bipolar" in conditions or reasons & {"bipolar_depression", "chronic_pain"}:
        useful.add(PaperKind.TREATING_CLINICIAN_LETTER)
    if "chronic_pain" in reasons:
        useful.add(PaperKind.PAIN_RECORDS)
    return sorted(((kind, kind in useful) for kind in PaperKind), key=lambda row: not row[1])


def number_of(kind: PaperKind) -> str:
    """How an address names a kind: by its place, so that no address says what is sent."""
    return str(list(PaperKind).index(kind) + 1)


def kind_of(number: str) -> PaperKind | None:
    """The kind that an address names, or None."""
    return next((kind for kind in PaperKind if number_of(kind) == number), None)


def takes_pdf(kind: PaperKind) -> bool:
    """Whether a PDF is welcome beside a photo."""
    return kind in DATED
