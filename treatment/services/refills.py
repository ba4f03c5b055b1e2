"""The verbs of a refill: ask for it, withdraw, and the prescriber's word. A refill is a new review (policy 10)."""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from treatment import policy as policies
from treatment import selectors, words
from treatment.models import LedgerEntry, Prescription, RefillRequest, Shipment
from treatment.rules import law
from treatment.rules.reasons import Reason, Weight
from treatment.rules.reasons import reason as reason_of
from treatment.rules.refill import RefillFacts, RefillStatus, check_grant
from treatment.rules.today import check_today
from treatment.selecting.picture import Picture, picture_of
from treatment.selecting.refills import NextSupply, next_supply, stray_requests
from treatment.services import parcels, plans
from treatment.services.locks import lock_chart
from treatment.services.supply import more_asked
from treatment.services.todays import facts_today, marks_of

# Characters; a reason that the patient reads.
SHORTEST_WORDS = 10


@dataclass(frozen=True)
class Looked:
    """What the state's monitoring programme showed before this order (policy section 10)."""

    state: str
    checked_at: datetime | None
    result: str


def request_refill(*, patient: Patient, by: User, now: datetime) -> RefillRequest:
    """Ask for the next supply; a second click finds the request that waits.

    Raises RuleViolation with what is missing. Who asks while there is enough at home is refused, and the ledger keeps
    it: asked too early too often, a prescriber reads it (policy section 9).
    """
    with transaction.atomic():
        lock_chart(patient)
        standing = next_supply(patient, now)
        if standing.waiting is not None:
            return standing.waiting
        found = standing.prescription
        if found is not None and standing.refill.can_ask:
            request = _create(standing, found, by=by, now=now)
            more_asked(prescription=found, form_token=request.pk, by=by, now=now)
            return request
        if found is not None and standing.refill.status is RefillStatus.NOT_YET and not _noted_today(standing, now):
            more_asked(prescription=found, form_token=uuid4(), by=by, now=now)
    raise refusal(standing)


def _noted_today(standing: NextSupply, now: datetime) -> bool:
    """Whether the ledger has it already that as much was at home today when more was asked for."""
    asked = LedgerEntry.objects.filter(prescription=standing.prescription, kind=LedgerEntry.Kind.ASKED)
    noted = asked.filter(days_left__gte=standing.facts.days_left).values_list("at", flat=True)
    zone = standing.prescription.patient.zone if standing.prescription else "UTC"
    return any(clock.today(zone, at) == clock.today(zone, now) for at in noted)


def refusal(standing: NextSupply) -> RuleViolation:
    """Why nothing can be asked for now, in the patient's words."""
    if standing.refill.missing:
        first = standing.refill.missing[0]
        return RuleViolation(words.patient_text(first), first.code)
    if standing.refill.day is not None:
        when = formats.date_format(standing.refill.day, "l j F")
        early = _("You have enough at home. You can ask for more after your session on %(day)s.") % {"day": when}
        return RuleViolation(early, "refill_not_due")
    return RuleViolation(_("It is not time for your next supply. Your page says when it is."), "refill_not_due")


def _create(standing: NextSupply, prescription: Prescription, *, by: User, now: datetime) -> RefillRequest:
    request = RefillRequest.objects.create(
        patient=prescription.patient,
        prescription=prescription,
        requested_at=now,
        requested_by=by,
        facts=_plain(standing.facts),
        policy_version=policies.CURRENT_VERSION,
        created_at=now,
    )
    record(actor=by, action="refill.requested", now=now, subject=request)
    return request


def _plain(facts: RefillFacts) -> dict[str, Any]:
    """The facts as they are kept with the decision (design I8)."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in dataclasses.asdict(facts).items()
    }


def _locked(request: RefillRequest) -> RefillRequest:
    rows = RefillRequest.objects.select_related("patient__user", "prescription", "decided_by", "shipment")
    return rows.select_for_update(of=("self",)).get(pk=request.pk)


def withdraw_refill(*, request: RefillRequest, by: User, now: datetime) -> RefillRequest:
    """The patient does not want it any more; a second click does nothing. Raises Conflict once it is answered."""
    with transaction.atomic():
        lock_chart(request.patient)
        row = _locked(request)
        if row.status == RefillRequest.Status.WITHDRAWN:
            return row
        if row.status not in RefillRequest.WAITING:
            raise Conflict(_("Your request was answered before you withdrew it. See the answer."), "answered")
        advance(row, RefillRequest.Status.WITHDRAWN, by=by, now=now, decided_at=now)
    return row


def mark_asked(*, request: RefillRequest, by: User, now: datetime) -> RefillRequest:
    """The prescriber has asked the patient something, which stands in their messages."""
    with transaction.atomic():
        lock_chart(request.patient)
        row = _locked(request)
        _require_waiting(row)
        if row.status == RefillRequest.Status.REQUESTED:
            advance(row, RefillRequest.Status.ASKED, by=by, now=now)
    return row


def approve_refill(
    *,
    patient: Patient,
    request: RefillRequest | None,
    clinician: Clinician,
    units: int,
    looked: Looked,
    reason: str = "",
    read: Collection[str] = (),
    now: datetime,
) -> RefillRequest:
    """Order the next shipment within what was prescribed: the request that was read, or None on one's own initiative.

    Everything is looked at again at this moment: the one rule, what is known today as for a new order, the monitoring
    programme, the licence where the patient is. `read` are the marks of what stood on the page and asks for a note. A
    second click of the same prescriber finds it done. Raises RuleViolation with what is missing, Conflict when the
    request was answered or overtaken meanwhile, or when something asks for a note that was not on the page.
    """
    by = clinician.user
    require(by, Permission.PRESCRIBE)
    policy = policies.load()
    with transaction.atomic():
        lock_chart(patient)
        standing = next_supply(patient, now)
        done = _done_already(_locked(request) if request else standing.request, request, clinician, standing)
        if done is not None:
            return done
        if standing.prescription is None:
            raise RuleViolation(_("Nothing is prescribed that could be sent."), "refill_not_in_force")
        _refuse(check_grant(standing.facts, units, policy))
        _refuse(law_of_refill(patient, clinician, looked, reason=reason, now=now))
        known = today_of_refill(picture_of(patient, now), standing.prescription, clinician)
        _refuse_today(known, reason=reason, read=read)
        row = _locked(standing.waiting or _create(standing, standing.prescription, by=by, now=now))
        shipment = parcels.order_shipment(prescription=standing.prescription, units=units, by=by, now=now)
        row.reason, row.facts = reason.strip(), _plain(standing.facts) | {"units": units, "today": _kept(known)}
        row.policy_version = policy.version
        row.pdmp_state, row.pdmp_checked_at, row.pdmp_result = looked.state, looked.checked_at, looked.result
        row.save(update_fields=["reason", "facts", "policy_version", "pdmp_state", "pdmp_checked_at", "pdmp_result"])
        _approve(row, shipment, clinician, by=by, now=now)
    return row


def _approve(request: RefillRequest, shipment: Shipment, clinician: Clinician, *, by: Actor, now: datetime) -> None:
    advance(
        request,
        RefillRequest.Status.APPROVED,
        by=by,
        now=now,
        decided_at=now,
        decided_by=clinician,
        shipment=shipment,
    )
    plans.tell_patient(patient=request.patient, key=f"refill:{request.pk}:approved", now=now)


def _done_already(
    newest: RefillRequest | None, read: RefillRequest | None, clinician: Clinician, standing: NextSupply
) -> RefillRequest | None:
    """The row when this prescriber gave this very answer already; Conflict when the request that was read has ended."""
    if newest is None or newest.status in RefillRequest.WAITING:
        return None
    same = newest.status == RefillRequest.Status.APPROVED and newest.decided_by_id == clinician.pk
    if same and (read is not None or standing.facts.on_the_way):
        return newest
    if read is not None:
        _require_waiting(newest)
    return None


def law_of_refill(
    patient: Patient, clinician: Clinician, looked: Looked, *, reason: str, now: datetime
) -> tuple[Reason, ...]:
    """What the law asks of whoever orders more of a controlled medicine (policy section 10)."""
    policy = policies.load()
    record_of = law.PdmpRecord(looked.state, looked.checked_at, looked.result)
    today = clock.today(clinician.zone, now)
    found = (
        *law.check_dea_number(clinician.dea_number),
        *law.check_licence(selectors.licences_of(clinician), visit_state=patient.state, today=today),
        *law.check_pdmp(record_of, visit_state=patient.state, now=now, policy=policy),
    )
    if looked.result == "concern" and not reason.strip():
        return (*found, reason_of("pdmp_concern", Weight.REFUSE, "policy 10: PDMP"))
    return found


def today_of_refill(picture: Picture, prescription: Prescription, clinician: Clinician) -> tuple[Reason, ...]:
    """What today's facts say about sending more: what refuses or asks about an order does so about a refill."""
    policy, state = policies.load(), picture.patient.state
    facts = facts_today(picture, product=prescription.product, visit_state=state, prescriber=clinician, policy=policy)
    return check_today(facts, policy)


def _refuse_today(known: tuple[Reason, ...], *, reason: str, read: Collection[str]) -> None:
    _refuse(tuple(item for item in known if item.weight is Weight.REFUSE))
    asks = [item for item in known if item.weight is Weight.ASK]
    unread = [item for mark, item in marks_of(asks).items() if mark not in read]
    if unread and reason.strip():
        # The note was written for something else.
        raise Conflict(
            _("Read this first, it is new on this page: %(what)s") % {"what": words.staff_text(unread[0])}, "read_anew"
        )
    if asks and not reason.strip():
        raise RuleViolation(
            _("Write a note for the record about this: %(what)s") % {"what": words.staff_text(asks[0])}, "note_missing"
        )


def _kept(known: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [
        {"code": item.code, "weight": item.weight.value, "source": item.source, "facts": dict(item.facts)}
        for item in known
    ]


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise RuleViolation(words.staff_text(reasons[0]), reasons[0].code)


def _require_waiting(request: RefillRequest) -> None:
    if request.status not in RefillRequest.WAITING:
        raise Conflict(
            _("This request is not waiting any more: %(status)s. Reload the page.")
            % {"status": request.get_status_display().lower()},
            "raced",
        )


def decline_refill(
    *, request: RefillRequest, clinician: Clinician, reason: str, words_to_patient: str, now: datetime
) -> RefillRequest:
    """Say no, with a reason for the record and words that the patient reads. A second click finds it done."""
    by = clinician.user
    require(by, Permission.PRESCRIBE)
    with transaction.atomic():
        lock_chart(request.patient)
        row = _locked(request)
        if row.status == RefillRequest.Status.DECLINED and row.decided_by_id == clinician.pk:
            return row
        _require_waiting(row)
        if len(words_to_patient.strip()) < SHORTEST_WORDS:
            raise RuleViolation(_("Write what the patient reads: why, and what happens next."), "no_words")
        row.reason, row.words_to_patient = reason.strip(), words_to_patient.strip()
        row.save(update_fields=["reason", "words_to_patient"])
        advance(row, RefillRequest.Status.DECLINED, by=by, now=now, decided_at=now, decided_by=clinician)
        plans.tell_patient(patient=row.patient, key=f"refill:{row.pk}:declined", now=now)
    return row


def read_answer(*, request: RefillRequest, now: datetime) -> None:
    """The patient has opened the page with the answer; the home page stops pointing at it."""
    RefillRequest.objects.filter(pk=request.pk, decided_at__isnull=False, answer_read_at__isnull=True).update(
        answer_read_at=now
    )


def answer_with_prescription(*, prescription: Prescription, shipment: Shipment, by: User, now: datetime) -> None:
    """A new prescription with its first shipment answers a request that waits. The chart's lock is held."""
    waiting = RefillRequest.objects.select_related("patient__user").filter(
        patient=prescription.patient, status__in=RefillRequest.WAITING
    )
    for row in waiting.select_for_update(of=("self",)):
        _approve(row, shipment, prescription.prescriber, by=by, now=now)


def overtake(*, patient: Patient, reason_code: str, by: Actor, now: datetime) -> None:
    """Whatever ended the treatment ends a request that waits; the patient is told that there is news."""
    waiting = RefillRequest.objects.select_related("patient__user").filter(
        patient=patient, status__in=RefillRequest.WAITING
    )
    for row in waiting.select_for_update(of=("self",)):
        advance(
            row,
            RefillRequest.Status.OVERTAKEN,
            by=by,
            now=now,
            reason_code=reason_code,
            decided_at=now,
            overtaken_by=reason_code,
        )
        plans.tell_patient(patient=row.patient, key=f"refill:{row.pk}:overtaken", now=now)


def close_strays(*, now: datetime) -> int:
    """End requests of treatments that ended by another road; returns how many."""

    def end(row: RefillRequest) -> int:
        with transaction.atomic():
            # Of a treatment that goes on under another order; a closed one has no lock, and nothing else to wait for.
            if selectors.open_chart_of(row.patient) is not None:
                lock_chart(row.patient)
            overtake(patient=row.patient, reason_code="ended", by=SYSTEM, now=now)
        return 1

    return each(list(stray_requests().select_related("patient")), end)
