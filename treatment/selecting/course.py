"""The course of one patient's treatment in words, part by part, as letters tell it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.selectors import scored
from treatment import adverse_words
from treatment.models import AdverseEvent, Chart, DoseSession, EventStatus, Prescription, SessionStatus

Rows = list[list[str]]
Section = dict[str, Any]


def _day(patient: Patient, at: Any) -> str:
    return clock.long_date_words(clock.today(patient.zone, at)) if at else ""


def _course(patient: Patient, chart: Chart) -> Rows:
    orders = Prescription.objects.filter(chart=chart, signed_at__isnull=False).order_by("signed_at")
    taken = DoseSession.objects.filter(prescription__chart=chart, status=SessionStatus.COMPLETED).order_by("started_at")
    rows = [[_("Treatment began"), _day(patient, chart.opened_at)]]
    for order in orders:
        words = _("%(drug)s, %(strength)s, %(mg)s mg in each session, %(often)s; ordered %(when)s by %(who)s")
        told = words % {
            "drug": order.content.get("drug", ""),
            "strength": order.content.get("strength", ""),
            "mg": f"{order.mg_per_session.normalize():f}",
            "often": str(order.get_frequency_display()).lower(),
            "when": _day(patient, order.signed_at),
            "who": order.content.get("prescriber_name", ""),
        }
        rows.append([_("Medicine"), told])
    lines = [
        _("%(number)s. %(when)s, %(mg)s mg")
        % {"number": place, "when": _day(patient, row.started_at), "mg": f"{row.mg.normalize():f}"}
        for place, row in enumerate(taken, start=1)
    ]
    rows.append([_("Completed sessions"), "\n".join(lines) or _("None")])
    return rows


def _scores(patient: Patient, _chart: Chart) -> Rows:
    rows: Rows = []
    for instrument in (Assessment.Instrument.PHQ9, Assessment.Instrument.GAD7, Assessment.Instrument.PCL5):
        found = list(scored(patient, instrument.value))
        if not found:
            continue
        best = min(found, key=lambda row: (row.total, -row.taken_at.timestamp()))
        told = ((_("first"), found[0]), (_("last"), found[-1]), (_("best"), best))
        rows.append([str(instrument.label), "\n".join(_score(patient, name, row) for name, row in told)])
    return rows or [[_("Scores"), _("None on record")]]


def _score(patient: Patient, name: str, row: Assessment) -> str:
    return _("%(name)s: %(total)s (%(band)s), %(when)s") % {
        "name": name,
        "total": f"{row.total.normalize():f}" if row.total is not None else "",
        "band": row.band or "–",
        "when": _day(patient, row.taken_at),
    }


def _events(patient: Patient, _chart: Chart) -> Rows:
    judged = AdverseEvent.objects.filter(patient=patient).exclude(
        status__in=(EventStatus.REPORTED, EventStatus.DISMISSED)
    )
    rows = []
    for event in judged.order_by("onset_at"):
        known = event.assessment
        grade = _("grade %(grade)s") % {"grade": known.grade} if known.grade else _("not graded")
        serious = _(", serious") if event.serious else ""
        told = _("%(when)s, %(grade)s%(serious)s: %(state)s") % {
            "when": _day(patient, event.onset_at),
            "grade": grade,
            "serious": serious,
            "state": event.get_status_display(),
        }
        rows.append([str(adverse_words.TERMS[known.term]), told])
    return rows or [[_("Adverse events"), _("None on record")]]


def _medicines(_patient: Patient, chart: Chart) -> Rows:
    lines = []
    for row in chart.facts.get("medicines") or ():
        parts = [row.get("name"), row.get("dose"), str(row.get("frequency") or "").replace("_", " ")]
        lines.append(", ".join(str(part) for part in parts if part))
    return [[_("As confirmed at the approval"), "\n".join(lines) or _("None on record")]]


_MAKERS: dict[str, tuple[Any, Callable[[Patient, Chart], Rows]]] = {
    "course": (lambda: _("Course of treatment"), _course),
    "scores": (lambda: _("Scores"), _scores),
    "events": (lambda: _("Adverse events"), _events),
    "medicines": (lambda: _("Other medicines"), _medicines),
}


def sections(patient: Patient, chart: Chart, parts: Sequence[str]) -> list[Section]:
    """The named parts that come from the record; the written summary is not among them."""
    return [
        {"code": code, "heading": title(), "rows": make(patient, chart)}
        for code, (title, make) in _MAKERS.items()
        if code in parts
    ]
