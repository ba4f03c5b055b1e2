"""What is written into the supply ledger beside shipments and sessions, and what a prescriber must read about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import policy as policies
from treatment import selectors
from treatment.models import EntryKind, LedgerEntry, Prescription, SupplyFlag
from treatment.rules import calendar, ledger
from treatment.rules.reasons import Reason
from treatment.services.locks import lock_chart
from treatment.services.reasons import refuse


@dataclass(frozen=True)
class Said:
    """What somebody says about units at home: given back, destroyed, lost, or how many a count found."""

    kind: EntryKind
    units: int
    note: str = ""


def write_entry(*, prescription: Prescription, said: Said, form_token: UUID, by: User, now: datetime) -> LedgerEntry:
    """Write what became of units at home; what nobody can account for stops sessions until a prescriber has read it.

    The patient or a prescriber writes it. The same form posted twice is one entry. Raises PermissionDenied for anybody
    else, Conflict for a form that was sent already and then changed, RuleViolation for more than there is at home.
    What a patient says was destroyed or given back of an order that stands is read by a prescriber: it makes room for
    more (policy section 9).
    """
    if said.kind not in (*ledger.LEAVING, EntryKind.COUNT):
        raise ValueError(f"{said.kind} is not said of units at home.")
    _require_may_write(prescription, by)
    with transaction.atomic():
        row = _held(prescription)
        twin = LedgerEntry.objects.filter(form_token=form_token, patient=row.patient).first()
        if twin is not None:
            return _same(twin, row, said)
        line = selectors.line_of(row)
        refuse(ledger.check_entry(line, said.kind, said.units))
        units = ledger.leaves(line, said.kind, said.units)
        counted = said.units if said.kind == EntryKind.COUNT else None
        entry = LedgerEntry.objects.create(
            patient=row.patient,
            prescription=row,
            kind=said.kind,
            units=units,
            counted=counted,
            note=said.note.strip(),
            at=now,
            by=by,
            form_token=form_token,
            created_at=now,
        )
        record(actor=by, action="ledger.written", now=now, subject=entry, kind=entry.kind)
        if said.kind in (EntryKind.LOST, EntryKind.COUNT):
            _flag(entry, ledger.unaccounted(units, policies.load()), by=by, now=now)
        elif row.status in Prescription.STANDING and not can(by, Permission.PRESCRIBE):
            _flag(entry, ledger.given_up(units), by=by, now=now)
        if row.patient.user_id == by.pk:
            about, key = f"supply:{row.patient_id}", f"ledger:{entry.pk}"
            surface(text=entry.note, patient=row.patient, about=about, key=key, by=by, now=now)
    return entry


def _same(twin: LedgerEntry, prescription: Prescription, said: Said) -> LedgerEntry:
    """The entry that this form wrote already, when it says the same now. Raises Conflict when it was changed since."""
    units = twin.counted if twin.kind == EntryKind.COUNT else twin.units
    told = (twin.prescription_id, twin.kind, units, twin.note)
    if told == (prescription.pk, said.kind, said.units, said.note.strip()):
        return twin
    raise Conflict(
        _(
            "What you sent before is written down already, and this is different. Nothing was added. If this is "
            "true as well, send it again. If the first was a mistake, count what is left and send that."
        ),
        "said_before",
    )


def _require_may_write(prescription: Prescription, by: User) -> None:
    if not (can(by, Permission.VIEW_OWN_RECORD) and prescription.patient.user_id == by.pk):
        require(by, Permission.PRESCRIBE)


def _held(prescription: Prescription) -> Prescription:
    """The order as it is now, its row locked; also after the chart was closed, when the rest is given back."""
    if selectors.open_chart_of(prescription.patient) is not None:
        lock_chart(prescription.patient)
    rows = Prescription.objects.select_related("patient__user", "product").select_for_update(of=("self",))
    return rows.get(pk=prescription.pk)


def more_asked(*, prescription: Prescription, form_token: UUID, by: User, now: datetime) -> LedgerEntry:
    """Note that the patient asked for more, and how long what is at home would have lasted; too early too often flags.

    To be called by whatever takes the request; the same form twice is one entry.
    """
    policy = policies.load()
    with transaction.atomic():
        row = _held(prescription)
        twin = LedgerEntry.objects.filter(form_token=form_token, patient=row.patient, kind=EntryKind.ASKED).first()
        if twin is not None:
            return twin
        gaps = calendar.GAPS[calendar.Frequency(row.frequency)]
        left = ledger.days_left(
            units=selectors.line_of(row).at_home,
            units_per_session=row.units_per_session,
            days_between=Decimal(sum(gaps)) / len(gaps),
        )
        entry = LedgerEntry.objects.create(
            patient=row.patient,
            prescription=row,
            kind=EntryKind.ASKED,
            units=0,
            days_left=left,
            at=now,
            by=by,
            form_token=form_token,
            created_at=now,
        )
        record(actor=by, action="ledger.more_asked", now=now, subject=entry)
        asked = LedgerEntry.objects.filter(patient=row.patient, kind=EntryKind.ASKED)
        known = [ledger.Asked(at, days or 0) for at, days in asked.values_list("at", "days_left")]
        if left > policy.supply.early_refill_days:
            _flag(entry, ledger.early_refill_pattern(known, now=now, policy=policy), by=by, now=now)
    return entry


def _flag(entry: LedgerEntry, found: Reason | None, *, by: User, now: datetime) -> None:
    """Stop sessions until a prescriber has read it, and tell those who care for the patient."""
    if found is None:
        return
    flag = SupplyFlag.objects.create(
        patient=entry.patient, code=found.code, facts=dict(found.facts), entry=entry, raised_at=now, created_at=now
    )
    record(actor=by, action="supply_flag.raised", now=now, subject=flag, code=found.code)
    alerts.raise_alert(
        kind=AlertKind.SUPPLY,
        patient=entry.patient,
        about=f"supply:{entry.patient_id}",
        dedupe_key=f"supply_flag:{flag.pk}",
        by=by,
        now=now,
    )


def read_flag(*, flag: SupplyFlag, note: str, by: User, now: datetime) -> SupplyFlag:
    """A prescriber has read it and says what follows; sessions may go on then. A second click does nothing.

    Raises PermissionDenied for anybody else, RuleViolation for an empty note.
    """
    require(by, Permission.PRESCRIBE)
    if not note.strip():
        raise RuleViolation(_("Write what you found out and what follows."), "note_missing")
    with transaction.atomic():
        row = SupplyFlag.objects.select_related("patient__user").select_for_update(of=("self",)).get(pk=flag.pk)
        if row.read_at is None:
            row.read_at, row.read_by, row.read_note = now, by, note.strip()
            row.save(update_fields=["read_at", "read_by", "read_note"])
            record(actor=by, action="supply_flag.read", now=now, subject=row)
    return row
