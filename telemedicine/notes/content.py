"""The whole note as it is read: what its author wrote, with the numbers around the visit, each with date and source.

The same mapping is shown before signing, is sealed at signing, and is read, printed and checked afterwards.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.common import clock
from telemedicine.models import Appointment, Review
from telemedicine.notes.gathered import Around
from telemedicine.notes.rules.codes import BY_CODE, EVALUATION_SOURCE, SOURCES, Family, prolonged_units
from telemedicine.notes.rules.templates import MENTAL_STATE, VERSION, Template
from telemedicine.notes.rules.writing import is_late, minutes_between
from telemedicine.notes.wording import (
    CONTEXTS,
    DECISIONS,
    FAMILIES,
    MENTAL,
    RISK_LEVEL,
    SCALE_NAMES,
    TITLES,
    choice_of,
    cleared_words,
    heading_of,
)
from telemedicine.reviews.wording import RISK_WORDS
from treatment.models import PrescriptionStatus, RefillRequest
from treatment.models.prescription import FREQUENCY_CHOICES

Rows = list[list[str]]


def content_of(
    *,
    visit: Appointment,
    template: Template,
    sections: Mapping[str, str],
    billing: Mapping[str, Any],
    found: Around,
    dealt_with: SafetyHold | None,
    now: datetime,
) -> dict[str, Any]:
    """Title, facts and sections in their order, all as text in the clinician's zone.

    `dealt_with` is the hold with whose contact and safety plan the risk in the note was answered already.
    """
    zone = visit.clinician.zone
    body = [_text(name, sections) for name in template.opening]
    body += measured(template, found, zone)
    body += [_mental(sections), _text("mental_words", sections), _risk(sections, dealt_with, zone)]
    body += [_text(name, sections) for name in ("assessment", "plan")]
    if template.prescribing and found.decisions:
        body.append({"heading": _("Decided at this visit"), "rows": _decided(found, zone)})
    body.append({"heading": _("Time and codes"), "rows": _billed(visit, billing, found, zone)})
    return {
        "title": str(TITLES[visit.kind]),
        "template": f"{template.kind} {VERSION}",
        "facts": _facts(visit, found, now),
        "sections": [part for part in body if part.get("rows") or part.get("text")],
    }


def _facts(visit: Appointment, found: Around, now: datetime) -> Rows:
    patient, place = visit.patient, visit.location or {}
    born = patient.date_of_birth
    rows = [
        [_("Patient"), f"{patient.legal_name or patient.display_name}, {patient.mrn}"],
        [_("Born"), clock.long_date_words(born) if born else ""],
        [_("Visit"), dated(visit.started_at or visit.starts_at, visit.clinician.zone)],
        [_("Clinician"), ", ".join(filter(None, (visit.clinician.display_name, visit.clinician.credentials)))],
        [_("The patient was in"), ", ".join(filter(None, (place.get("city"), place.get("state"))))],
    ]
    if found.ended_at and is_late(ended_at=found.until, now=now):
        rows.append([_("Late entry"), _("Signed more than 24 hours after the visit")])
    return [row for row in rows if row[1]]


def _text(name: str, sections: Mapping[str, str]) -> dict[str, Any]:
    return {"heading": heading_of(name), "text": sections.get(name, "").strip()}


def _mental(sections: Mapping[str, str]) -> dict[str, Any]:
    rows = [
        [str(MENTAL[name]), choice_of(f"mental_{name}", sections.get(f"mental_{name}", ""))] for name in MENTAL_STATE
    ]
    return {"heading": _("Mental state"), "rows": rows}


def _risk(sections: Mapping[str, str], dealt_with: SafetyHold | None, zone: str) -> dict[str, Any]:
    level = choice_of("risk_level", sections.get("risk_level", ""))
    rows = [[str(RISK_LEVEL), level]] if level else []
    if dealt_with is not None:
        rows.append([_("Dealt with"), cleared_words(dealt_with, zone)])
    return {"heading": heading_of("risk"), "rows": rows, "text": sections.get("risk", "").strip()}


def measured(template: Template, found: Around, zone: str) -> list[dict[str, Any]]:
    """What is pulled in: scores, and for who prescribes the pressures, the doses and the order."""
    sections = [{"heading": _("Scores"), "rows": _scores(found, zone)}]
    if template.prescribing:
        sections += [
            {"heading": _("Blood pressure"), "rows": [_pressure(row, zone) for row in found.pressures]},
            {"heading": _("Doses"), "rows": [_dose(row, zone) for row in found.doses]},
            {"heading": _("Order"), "rows": _order(found.order, zone)},
        ]
    return [one for one in sections if one["rows"]]


def dated(at: datetime, zone: str) -> str:
    """A moment with its year: a note is read years later."""
    return f"{_day(at, zone)}, {clock.hour_words(at, zone)} {clock.zone_words(at, zone)}"


def _day(at: datetime, zone: str) -> str:
    return clock.long_date_words(clock.local(at, zone).date())


def _number(value: Any) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _scores(found: Around, zone: str) -> Rows:
    """One row for each questionnaire, a line for each time; C-SSRS that said the same again and again in one line."""
    rows = []
    for scale, name in SCALE_NAMES.items():
        own = [row for row in found.scores if row["instrument"] == scale]
        runs = groupby(own, key=lambda row: row["band"] if row["instrument"] == "cssrs" else row["at"])
        if own:
            rows.append([name, "\n".join(_score(list(run), zone) for _same, run in runs)])
    return rows


def _score(run: list[Mapping[str, Any]], zone: str) -> str:
    row, days = run[0], dict.fromkeys(_day(one["at"], zone) for one in (run[0], run[-1]))
    if row["instrument"] == "cssrs":
        told = _("risk %(level)s") % {"level": str(RISK_WORDS.get(row["band"], ("", row["band"]))[1]).lower()}
    elif row["total"] is None:
        told = _("incomplete")
    else:
        told = f"{_number(row['total'])}, {row['band']}" if row["band"] else _number(row["total"])
    if len(run) > 1:
        told = _("%(what)s, %(count)s times") % {"what": told, "count": len(run)}
    sources = ", ".join(dict.fromkeys(str(CONTEXTS.get(one["context"], one["context"])) for one in run))
    return f"{_(' to ').join(days)}: {told} ({sources})"


def _pressure(row: Mapping[str, Any], zone: str) -> list[str]:
    where = _("before a dose") if row["phase"] == "gate" else _("at home")
    return [_day(row["at"], zone), f"{row['systolic']}/{row['diastolic']} mmHg ({where})"]


def _dose(row: Mapping[str, Any], zone: str) -> list[str]:
    mg = _number(Decimal(str(row["strength_mg"])) * row["units"])
    return [_day(row["at"], zone), _("%(mg)s mg (session at home)") % {"mg": mg}]


def _order(row: Mapping[str, Any] | None, zone: str) -> Rows:
    if row is None:
        return []
    mg = _number(Decimal(str(row["strength_mg"])) * row["units_per_session"])
    often = dict(FREQUENCY_CHOICES)[row["frequency"]]
    told = _("%(mg)s mg a session, %(often)s") % {"mg": mg, "often": str(often).lower()}
    signed = _("signed %(day)s; when this was written: %(status)s") % {
        "day": _day(row["at"], zone),
        "status": str(PrescriptionStatus(row["status"]).label).lower(),
    }
    return [[row["product__name"], f"{told} ({signed})"]]


def _decided(found: Around, zone: str) -> Rows:
    return [[clock.describe(row["at"], zone), _decision(row)] for row in found.decisions]


def _decision(row: Mapping[str, Any]) -> str:
    if row["what"] == "order":
        mg = _number(Decimal(str(row["strength_mg"])) * row["units_per_session"])
        return _("Signed an order: %(product)s, %(mg)s mg a session") % {"product": row["product__name"], "mg": mg}
    if row["what"] == "review":
        return _("Decision on the case: %(what)s") % {"what": str(Review.Outcome(row["outcome"]).label).lower()}
    label = str(dict(RefillRequest._meta.get_field("status").flatchoices)[row["status"]])
    return _("Next supply: %(what)s") % {"what": label.lower()}


def _spent(began: datetime, ended: datetime, found: Around, zone: str) -> str:
    begun = clock.hour_words(began, zone)
    if not found.end_is_known:
        told = {"from": begun, "entered": dated(ended, zone)}
        return _("from %(from)s; that it was over was entered only on %(entered)s") % told
    span = {"from": begun, "to": clock.hour_words(ended, zone), "minutes": minutes_between(began, ended)}
    return _("%(from)s to %(to)s, %(minutes)s minutes") % span


def _billed(visit: Appointment, billing: Mapping[str, Any], found: Around, zone: str) -> Rows:
    rows = []
    if visit.started_at and found.ended_at:
        rows.append([_("With the patient"), _spent(visit.started_at, found.ended_at, found, zone)])
    for name, label in (
        ("minutes", _("Minutes on the day, without psychotherapy")),
        ("therapy_minutes", _("Minutes of psychotherapy")),
    ):
        if billing.get(name) is not None:
            rows.append([label, str(billing[name])])
    if billing.get("decision"):
        rows.append([_("Decision making"), str(DECISIONS[billing["decision"]])])
    chosen = billing.get("codes") or ()
    for code in chosen:
        family = BY_CODE[code].family
        told = f"{FAMILIES[family]} ({SOURCES.get(family, EVALUATION_SOURCE)})"
        if family is Family.PROLONGED:
            told += ", " + _("%(count)s times") % {"count": prolonged_units(chosen, billing.get("minutes"))}
        rows.append([_("Code %(code)s") % {"code": code}, told])
    return rows
