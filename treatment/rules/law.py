"""What the law asks of a controlled prescription (house policy, section 10)."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason

_CONTENT_SOURCE = "21 CFR 1306.05"
CONTENT_FIELDS = (
    "issued_on",
    "patient_name",
    "patient_address",
    "drug",
    "strength",
    "form",
    "quantity",
    "directions",
    "prescriber_name",
    "prescriber_address",
    "dea_number",
)


def check_dea_number(number: str) -> tuple[Reason, ...]:
    """Two letters, seven digits, (d1+d3+d5) + 2(d2+d4+d6) ends in d7. Proves the form only, never the registration."""
    text = number.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{7}", text):
        return (reason("dea_number_form", Weight.REFUSE, "policy 10: DEA number"),)
    digits = [int(character) for character in text[2:]]
    total = sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])
    if total % 10 != digits[6]:
        return (reason("dea_number_checksum", Weight.REFUSE, "policy 10: DEA number"),)
    return ()


def check_npi(number: str) -> tuple[Reason, ...]:
    """Luhn over 80840 and the ten digits. Proves the form only."""
    text = number.strip()
    if not re.fullmatch(r"[0-9]{10}", text):
        return (reason("npi_form", Weight.REFUSE, "policy 10: NPI"),)
    total = 0
    for place, character in enumerate(reversed("80840" + text)):
        value = int(character) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    if total % 10:
        return (reason("npi_checksum", Weight.REFUSE, "policy 10: NPI"),)
    return ()


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day when it is shorter (31 August + 6 months = 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_fill_day(issued_on: date, policy: Policy) -> date:
    """The last day on which a schedule III prescription may be filled or refilled (21 CFR 1306.22)."""
    return add_months(issued_on, policy.law.refill_months)


def check_unexpired(issued_on: date, today: date, policy: Policy) -> tuple[Reason, ...]:
    """A prescription is good through the day six months after its issue, and not before its issue."""
    if today < issued_on:
        return (reason("prescription_not_yet", Weight.REFUSE, _CONTENT_SOURCE, issued=issued_on),)
    last = last_fill_day(issued_on, policy)
    if today > last:
        return (reason("prescription_expired", Weight.REFUSE, policy.source("law.refill_months"), last=last),)
    return ()


def check_refill_count(refills: int, policy: Policy) -> tuple[Reason, ...]:
    """Between no and five refills may be written."""
    if refills < 0 or refills > policy.law.refill_count:
        most = policy.law.refill_count
        return (reason("refills_too_many", Weight.REFUSE, policy.source("law.refill_count"), most=most),)
    return ()


def check_telemedicine(
    *, first_prescription: bool, in_person_visit_on: date | None, today: date, policy: Policy
) -> tuple[Reason, ...]:
    """After the flexibilities end, a first controlled prescription needs an in-person visit or counsel's switch."""
    law = policy.law
    if not first_prescription or today <= law.telemedicine_until or law.telemedicine_counsel_switch:
        return ()
    if in_person_visit_on is not None and in_person_visit_on <= today:
        return ()
    source = policy.source("law.telemedicine_until")
    return (reason("telemedicine_ended", Weight.REFUSE, source, until=law.telemedicine_until),)


@dataclass(frozen=True)
class PdmpRecord:
    """That the state's monitoring programme was read, when and with what result."""

    state: str
    checked_at: datetime | None
    result: str


def check_pdmp(record: PdmpRecord, *, visit_state: str, now: datetime, policy: Policy) -> tuple[Reason, ...]:
    """State, time and result are recorded before every controlled order, for the state where the patient is."""
    source = policy.source("law.pdmp_valid_hours")
    if not record.state or record.checked_at is None or not record.result:
        return (reason("pdmp_missing", Weight.REFUSE, source),)
    found = []
    if record.state != visit_state:
        found.append(reason("pdmp_other_state", Weight.REFUSE, source, state=record.state, visit=visit_state))
    if record.checked_at > now:
        found.append(reason("pdmp_in_future", Weight.REFUSE, source))
    if now - record.checked_at > timedelta(hours=policy.law.pdmp_valid_hours):
        found.append(reason("pdmp_too_old", Weight.REFUSE, source, hours=policy.law.pdmp_valid_hours))
    return tuple(found)


@dataclass(frozen=True)
class LicenceFacts:
    """One licence of the prescriber; good through the day on which it expires."""

    state: str
    number: str
    expires_on: date


def check_licence(licences: Sequence[LicenceFacts], *, visit_state: str, today: date) -> tuple[Reason, ...]:
    """The prescriber is licensed, today, in the state where the patient is."""
    source = "policy 10: licensed in the state where the patient is"
    there = [licence for licence in licences if licence.state == visit_state]
    if not visit_state or not there:
        return (reason("licence_missing", Weight.REFUSE, source, state=visit_state),)
    if all(licence.expires_on < today for licence in there):
        return (reason("licence_expired", Weight.REFUSE, source, state=visit_state),)
    return ()


def check_content(content: Mapping[str, str]) -> tuple[Reason, ...]:
    """Each part that 21 CFR 1306.05 asks for and that is not there."""
    return tuple(
        reason("content_missing", Weight.REFUSE, _CONTENT_SOURCE, part=name)
        for name in CONTENT_FIELDS
        if not str(content.get(name, "")).strip()
    )
