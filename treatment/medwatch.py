"""The content of Form FDA 3500 (voluntary MedWatch report) for one event: what is on record, and nothing else.

Sections A to G as on the form. What nobody recorded is said to be not recorded; nothing is guessed. The patient is
named by the record number only, as the form asks. The software sends nothing: a person copies it into the form.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from treatment import adverse_words as words
from treatment.models import AdverseEvent, Chart, Prescription, VitalPhase
from treatment.rules.adverse import Action, Criterion
from treatment.selecting import adverse as selectors

Rows = list[list[str]]


def medwatch_data(event: AdverseEvent, *, reporter: User, now: datetime) -> dict[str, Any]:
    """What the document is set from."""
    patient = event.patient
    chart = Chart.objects.filter(patient=patient, opened_at__lte=now).order_by("-opened_at").first()
    facts: dict[str, Any] = chart.facts if chart else {}
    sections = [
        (_("A. Patient information"), _patient(event, facts)),
        (_("B. Adverse event, product problem"), _event(event, facts, now)),
        (_("C. Product availability"), [[_("C1. Product available for evaluation"), ""]]),
        (_("D. Suspect products"), _product(event, facts)),
        (_("E. Suspect medical device"), [[_("E1. Device"), _("None: no device is suspected")]]),
        (_("F. Other (concomitant) medical products"), _concomitant(facts)),
        (_("G. Reporter"), _reporter(reporter)),
    ]
    return {
        "record": patient.mrn,
        "not_recorded": _("Not recorded"),
        "sections": [{"heading": heading, "rows": rows} for heading, rows in sections],
    }


def _patient(event: AdverseEvent, facts: dict[str, Any]) -> Rows:
    patient = event.patient
    age = _age(patient, clock.today(patient.zone, event.onset_at))
    weight = facts.get("weight_kg")
    return [
        [_("A1. Patient identifier (in confidence)"), patient.mrn],
        [_("A2. Age at the time of the event"), _("%(age)s years") % {"age": age} if age is not None else ""],
        [_("A3. Sex"), patient.sex_at_birth.capitalize()],
        [_("A4. Weight"), f"{weight:g} kg" if isinstance(weight, int | float) else ""],
        [_("A5. Ethnicity and race"), ""],
    ]


def _age(patient: Patient, on: date) -> int | None:
    born = patient.date_of_birth
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None


def _event(event: AdverseEvent, facts: dict[str, Any], now: datetime) -> Rows:
    zone, judged = event.patient.zone, event.assessment
    outcomes = [str(words.CRITERIA[code]) for code in Criterion if code in judged.criteria]
    return [
        [_("B1. Type of report"), _("Adverse event")],
        [_("B2. Outcome attributed to adverse event"), "\n".join(outcomes)],
        [_("B3. Date of event"), clock.long_date_words(clock.today(zone, event.onset_at))],
        [_("B4. Date of this report"), clock.long_date_words(clock.today(zone, now))],
        [_("B5. Event, in the terms of the practice"), str(words.TERMS[judged.term])],
        [_("B5. Description"), event.own_words],
        [_("B5. Severity (CTCAE grade)"), _known("grade", judged.grade)],
        [_("B5. Cause: the medicine (WHO-UMC)"), _known("causality", judged.causality)],
        [_("B5. Course and outcome"), "\n".join([str(event.get_status_display()), *_course(event)])],
        [_("B6. Relevant tests"), "\n".join(_readings(event))],
        [_("B7. Other relevant history"), "\n".join(_history(facts))],
    ]


def _known(name: str, value: object) -> str:
    return words.value_text(name, value) if value is not None else ""


def _course(event: AdverseEvent) -> list[str]:
    zone = event.patient.zone
    notes = [note for note in event.notes.all() if note.words and note.words != event.own_words]
    return [f"{_moment(note.at, zone)}: {note.words}" for note in notes]


def _moment(at: datetime, zone: str) -> str:
    """The day with its year, and the hour where the patient was."""
    hour, there = clock.hour_words(at, zone), clock.zone_words(at, zone)
    return f"{clock.long_date_words(clock.today(zone, at))}, {hour} {there}"


def _readings(event: AdverseEvent) -> list[str]:
    if event.session is None:
        return []
    zone, phases = event.session.zone, dict(VitalPhase.choices)
    return [
        _("%(when)s, %(phase)s: blood pressure %(upper)s/%(lower)s mmHg, heart rate %(rate)s")
        % {
            "when": _moment(row.taken_at, zone),
            "phase": str(phases[row.phase]).lower(),
            "upper": row.systolic,
            "lower": row.diastolic,
            "rate": row.heart_rate,
        }
        for row in event.session.vitals.all()
    ]


def _history(facts: dict[str, Any]) -> list[str]:
    if facts.get("conditions") == []:
        return [_("None told")]
    found = []
    for row in facts.get("conditions") or ():
        weeks = row.get("weeks_ago")
        since = _(", %(weeks)s weeks before the intake") % {"weeks": weeks} if weeks is not None else ""
        found.append(str(row["code"]).replace("_", " ").capitalize() + since)
    return found


def _product(event: AdverseEvent, facts: dict[str, Any]) -> Rows:
    order, judged = event.prescription, event.assessment
    if order is None:
        return [[_("D1. Name, strength, manufacturer"), ""]]
    stopped = {Action.WITHDRAWN, Action.PAUSED, Action.REDUCED}
    change = words.ACTIONS[judged.action] if judged.action else ""
    after = _("%(action)s; %(state)s") % {"action": change, "state": event.get_status_display()}
    return [
        [_("D1. Name and strength"), f"{order.content.get('drug', '')}, {order.content.get('strength', '')}"],
        [_("D1. Manufacturer or compounder"), _compounder(order)],
        [_("D1. NDC number, lot number"), ""],
        [_("D2. Concomitant or suspect"), _("Suspect")],
        [_("D3. Dose or amount, frequency"), _dose(event, order)],
        [_("D3. Route and directions"), order.content.get("directions", "")],
        [_("D4. Dates of use"), "\n".join(_dates(event))],
        [_("D5. Diagnosis or reason for use"), ", ".join(_indications(facts))],
        [_("D6. Product type"), _("Prescription; compounded")],
        [_("D8. Event abated after use stopped or dose reduced"), after if judged.action in stopped else ""],
        [_("D9. Event reappeared after reintroduction"), ""],
    ]


def _compounder(order: Prescription) -> str:
    """The pharmacy that the order went to, or that makes the product."""
    handed = order.handovers.select_related("pharmacy").order_by("-at").first()
    pharmacy = handed.pharmacy if handed else order.product.pharmacy
    return f"{pharmacy.name}\n{pharmacy.address}" if pharmacy else ""


def _dose(event: AdverseEvent, order: Prescription) -> str:
    mg = event.session.mg if event.session else order.mg_per_session
    return _("%(mg)s mg in one session, %(often)s") % {
        "mg": f"{mg.normalize():f}",
        "often": str(order.get_frequency_display()).lower(),
    }


def _dates(event: AdverseEvent) -> list[str]:
    """Every dose up to the event and the one that it came after, the newest last; the hour of an event is a guess."""
    named = Q(started_at__lte=event.onset_at) | Q(pk=event.session_id)
    taken = selectors.sessions_to_name(event.patient).filter(named)
    return [
        _("%(when)s, %(mg)s mg")
        % {"when": clock.long_date_words(clock.today(row.zone, row.started_at)), "mg": f"{row.mg.normalize():f}"}
        for row in reversed(taken)
        if row.started_at is not None
    ]


def _indications(facts: dict[str, Any]) -> list[str]:
    return [str(code).replace("_", " ") for code in facts.get("indications") or ()]


def _concomitant(facts: dict[str, Any]) -> Rows:
    lines = [_("None")] if facts.get("medicines") == [] else []
    for row in facts.get("medicines") or ():
        parts = [row.get("name"), row.get("dose"), str(row.get("frequency") or "").replace("_", " ")]
        lines.append(", ".join(str(part) for part in parts if part))
    return [[_("F1. Names and use, as confirmed at the approval"), "\n".join(lines)]]


def _reporter(user: User) -> Rows:
    clinician = getattr(user, "clinician", None)
    return [
        [_("G1. Name and address"), f"{clinician}\n{clinician.practice_address}" if clinician else user.display_name],
        [_("G1. Phone, e-mail"), "\n".join(part for part in (getattr(clinician, "phone", ""), user.email) if part)],
        [_("G2. Health professional"), _("Yes")],
        [_("G3. Occupation"), str(user.get_role_display())],
        [_("G4. Also reported to"), ""],
        [_("G5. Identity to the manufacturer"), ""],
    ]
