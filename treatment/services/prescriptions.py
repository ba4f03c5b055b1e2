"""Drafting, second signing and signing a prescription."""

import hashlib
import json
from collections.abc import Collection
from copy import copy
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import SECOND_PERSON, Permission, require
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import policy as policies
from treatment import selectors, words
from treatment.models import DoseSession, Prescription, PrescriptionStatus, SessionStatus, Shipment
from treatment.models.formulary import SwallowOrSpit
from treatment.rules import law
from treatment.rules.directions import contradicts
from treatment.rules.reasons import Reason, Weight
from treatment.selecting.picture import Picture, picture_of
from treatment.services import parcels, plans, refills
from treatment.services.locks import lock_chart
from treatment.services.orders import Order, OrderCheck, check_order, content_of
from treatment.services.pauses import end_pause
from treatment.services.todays import to_read

_CHANGED = gettext_lazy(
    "The order was changed since you opened this page. Nothing was signed. Read it as it stands now, then decide."
)
# A draft may wait for these; signing may not.
_LATER = {"second_prescriber_needed"}


def prescriber_of(user: User) -> Clinician:
    """The clinician behind a prescriber's account. Raises PermissionDenied or RuleViolation."""
    require(user, Permission.PRESCRIBE)
    known: Clinician | None = getattr(user, "clinician", None)
    if known is None:
        raise RuleViolation(_("Your account has no clinician record yet. An administrator adds it."), "no_clinician")
    # A copy: what is read with it, such as the licences, is not kept on the account.
    return copy(known)


def order_stand(draft: Prescription | None, standing: Prescription | None) -> str:
    """What a page shows of a patient's orders, for it to send back: the draft as it is written and the order in force.

    Empty for neither. A second prescriber's sign-off changes nothing of it.
    """
    if draft is None and standing is None:
        return ""
    shown: list[object] = [standing.pk if standing else None]
    if draft is not None:
        written = {**_columns(order_of(draft)), "product": draft.product_id, "strength_mg": draft.strength_mg}
        shown += [draft.pk, draft.status, draft.prescriber_id, *sorted(written.items())]
    return hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:32]


def _require_seen(seen: str | None, draft: Prescription | None, patient: Patient, message: Any) -> None:
    """Raise Conflict when the page showed something else than what is there now; None did not come from a page."""
    if seen is not None and seen != order_stand(draft, selectors.standing_prescription(patient)):
        raise Conflict(str(message), "changed")


def draft_prescription(
    *,
    patient: Patient,
    order: Order,
    by: User,
    now: datetime,
    seen: str | None = None,
    read: Collection[str] | None = None,
) -> Prescription:
    """Save the order as the patient's one draft (a new one, or the one that is there).

    `seen` is what the page showed of the orders (order_stand), `read` what it showed of today (to_read). Raises
    RuleViolation, with the guard-rail in words, for what no signature could mend, and for a missing written reason;
    Conflict when another window or a colleague wrote meanwhile, or something was said or measured that asks for one.
    Changing a draft removes a second prescriber's sign-off: it was given for another order.
    """
    clinician = prescriber_of(by)
    policy = policies.load()
    picture = picture_of(patient, now)
    check = check_order(picture, order=order, prescriber=clinician, second_prescriber=False, policy=policy)
    new = [item for mark, item in to_read(picture, clinician, policy).items() if read is not None and mark not in read]
    if new:
        # Saved, it would count as known, and what was written about something else as the answer to it.
        text = _("This is new since you opened the page, and nothing was saved: %(what)s Read it, then save again.")
        raise Conflict(text % {"what": words.staff_text(new[0])}, "read_anew")
    _refuse_draft(check)
    with transaction.atomic():
        chart = lock_chart(patient)
        present = selectors.draft_of(patient)
        _require_seen(
            seen,
            present,
            patient,
            _(
                "The order of this patient was written, signed or ended since you opened this page. Nothing was saved. "
                "What you typed is below: look at the order as it stands now, then save again if yours is right."
            ),
        )
        draft = present or Prescription(patient=patient, created_at=now)
        standing = selectors.standing_prescription(patient)
        for name, value in _columns(order).items():
            setattr(draft, name, value)
        draft.chart, draft.prescriber, draft.policy_version = chart, clinician, policy.version
        draft.replaces = standing
        draft.second_prescriber, draft.second_signed_at = None, None
        draft.decision = _decision(check)
        draft.save()
        record(actor=by, action="prescription.drafted", now=now, subject=draft, codes=_codes(check))
    return draft


def _columns(order: Order) -> dict[str, Any]:
    return {
        "product": order.product,
        "strength_mg": order.product.strength_mg,
        "units_per_session": order.units_per_session,
        "quantity_units": order.quantity_units,
        "first_shipment_units": order.first_shipment_units,
        "refills": order.refills,
        "frequency": order.frequency,
        "days_supply": order.days_supply,
        "directions": order.directions,
        "written_reason": order.written_reason,
        "visit_state": order.visit_state,
        "in_person_visit_on": order.in_person_visit_on,
        "pdmp_state": order.pdmp_state,
        "pdmp_checked_at": order.pdmp_checked_at,
        "pdmp_result": order.pdmp_result,
    }


def _refuse_draft(check: OrderCheck) -> None:
    refused = [item for item in check.dose.reasons if item.weight is Weight.REFUSE and item.code not in _LATER]
    if refused:
        raise RuleViolation(words.staff_text(refused[0]), refused[0].code)
    # Also over the ceiling, where the verdict stays "refused" until a colleague has signed.
    if check.asked:
        raise RuleViolation(words.staff_text(check.asked[0]), "written_reason_missing")


def _codes(check: OrderCheck) -> list[str]:
    return sorted({item.code for item in (*check.dose.reasons, *check.today, *check.law)})


def _decision(check: OrderCheck) -> dict[str, Any]:
    """What the guard-rails said, kept with the order (design I8)."""

    def plain(item: Reason) -> dict[str, Any]:
        return {"code": item.code, "weight": item.weight.value, "source": item.source, "facts": dict(item.facts)}

    return {
        "verdict": check.dose.verdict.value,
        "dose": [plain(item) for item in check.dose.reasons],
        "law": [plain(item) for item in check.law],
        "today": [plain(item) for item in check.today],
        "facts": json.loads(json.dumps({**asdict(check.facts), **asdict(check.known)}, default=str)),
    }


def order_of(prescription: Prescription) -> Order:
    """The order that a draft holds."""
    return Order(
        product=prescription.product,
        units_per_session=prescription.units_per_session,
        quantity_units=prescription.quantity_units,
        first_shipment_units=prescription.first_shipment_units,
        frequency=prescription.frequency,
        directions=prescription.directions,
        visit_state=prescription.visit_state,
        refills=prescription.refills,
        written_reason=prescription.written_reason,
        in_person_visit_on=prescription.in_person_visit_on,
        pdmp_state=prescription.pdmp_state,
        pdmp_checked_at=prescription.pdmp_checked_at,
        pdmp_result=prescription.pdmp_result,
    )


def starting_order(picture: Picture) -> Order | None:
    """What the form begins with: the draft; else the present order, whose programme is read and whose reason is written
    anew, for where the patient was at the newest visit; None for a first prescription.
    """
    if picture.draft is not None:
        return order_of(picture.draft)
    if picture.standing is None:
        return None
    said = picture.said
    return replace(
        order_of(picture.standing),
        visit_state=said.visit_state if said and said.visit_state else picture.patient.state,
        pdmp_state="",
        pdmp_checked_at=None,
        pdmp_result="",
        written_reason="",
    )


def check_prescription(prescription: Prescription, *, now: datetime, picture: Picture | None = None) -> OrderCheck:
    """The same checks that signing makes, for the page that shows the draft."""
    check = check_order(
        picture or picture_of(prescription.patient, now),
        order=order_of(prescription),
        prescriber=prescription.prescriber,
        second_prescriber=prescription.second_prescriber_id is not None,
        policy=policies.load(),
    )
    return check.since(prescription.decision)


def second_sign(*, prescription: Prescription, by: User, now: datetime, seen: str | None = None) -> Prescription:
    """A second prescriber agrees with the draft (policy 8: over 450 mg). A second click does nothing.

    `seen` is what the page showed (order_stand). Raises PermissionDenied when it is the same prescriber (ASVS 2.3.5),
    Conflict when the order is no draft any more, or another one than the page showed.
    """
    colleague = prescriber_of(by)
    with transaction.atomic():
        lock_chart(prescription.patient)
        draft = fresh(prescription)
        if draft.prescriber_id == colleague.pk:
            raise PermissionDenied(SECOND_PERSON)
        if draft.status != PrescriptionStatus.DRAFT:
            raise Conflict(_("This order is no draft any more. Reload the page."), "raced")
        _require_seen(seen, draft, draft.patient, _CHANGED)
        today = clock.today(colleague.zone, now)
        refuse_staff(law.check_licence(selectors.licences_of(colleague), visit_state=draft.visit_state, today=today))
        if draft.second_prescriber_id is None:
            draft.second_prescriber, draft.second_signed_at = colleague, now
            draft.save(update_fields=["second_prescriber", "second_signed_at"])
            record(actor=by, action="prescription.second_signed", now=now, subject=draft)
    return draft


def fresh(prescription: Prescription) -> Prescription:
    """The order as it is now, its row locked; take the chart's lock first."""
    rows = Prescription.objects.select_related("patient__user", "product", "prescriber__user")
    return rows.select_for_update(of=("self",)).get(pk=prescription.pk)


def sign_prescription(*, prescription: Prescription, by: User, now: datetime, seen: str | None = None) -> Prescription:
    """Sign the draft: every check again at this moment, then it is immutable and the first shipment is ordered.

    A prescription that was in force is replaced and its coming sessions are cancelled with their reminders. The same
    click twice gives the signed prescription back. `seen` is what the page showed (order_stand). Raises
    PermissionDenied, RuleViolation with what is missing, Conflict when the draft was cancelled or changed meanwhile.
    """
    clinician = prescriber_of(by)
    with transaction.atomic():
        lock_chart(prescription.patient)
        draft = fresh(prescription)
        if draft.status in Prescription.IN_FORCE and draft.prescriber_id == clinician.pk:
            return draft
        if draft.prescriber_id != clinician.pk:
            raise RuleViolation(_("Only the prescriber who wrote the order signs it."), "other_prescriber")
        if draft.status != PrescriptionStatus.DRAFT:
            raise Conflict(_("This order is no draft any more. Reload the page."), "raced")
        _require_seen(seen, draft, draft.patient, _CHANGED)
        spits = draft.product.swallow_or_spit == SwallowOrSpit.SPIT
        if draft.strength_mg != draft.product.strength_mg or contradicts(draft.directions, spits=spits):
            raise RuleViolation(_("The product was changed after this draft. Save the order again."), "product_changed")
        check = check_prescription(draft, now=now)
        refuse_staff(check.blocking)
        _replace_older(draft, by=by, now=now)
        _seal(draft, check, clinician, by=by, now=now)
        first = Shipment.objects.create(
            patient=draft.patient,
            prescription=draft,
            number=1,
            units=draft.first_shipment_units,
            ordered_at=now,
            created_at=now,
        )
        plans.tell_patient(patient=draft.patient, key=f"prescription:{draft.pk}:signed", now=now)
        refills.answer_with_prescription(prescription=draft, shipment=first, by=by, now=now)
    return draft


def refuse_staff(reasons: tuple[Reason, ...]) -> None:
    """Raise RuleViolation with the first reason in the prescriber's words, if there is one."""
    if reasons:
        raise RuleViolation(words.staff_text(reasons[0]), reasons[0].code)


def _replace_older(draft: Prescription, *, by: User, now: datetime) -> None:
    older = selectors.standing_prescription(draft.patient)
    if older is None:
        return
    if DoseSession.objects.filter(patient=draft.patient, status=SessionStatus.STARTED).exists():
        raise RuleViolation(_("A session is in progress. Sign when it is completed."), "session_running")
    plans.end_plan(patient=draft.patient, reason_code="replaced", by=by, now=now)
    end_pause(older, note=_("A new order replaced it."), by=by, now=now)
    advance(older, PrescriptionStatus.REPLACED, by=by, now=now)
    parcels.call_off(prescription=older, by=by, now=now)


def _seal(draft: Prescription, check: OrderCheck, clinician: Clinician, *, by: User, now: datetime) -> None:
    issued_on = clock.today(clinician.zone, now)
    content = content_of(patient=draft.patient, order=order_of(draft), prescriber=clinician, issued_on=issued_on)
    draft.content, draft.decision = content, _decision(check)
    draft.save(update_fields=["content", "decision"])
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    advance(
        draft,
        PrescriptionStatus.SIGNED,
        by=by,
        now=now,
        signed_at=now,
        issued_on=issued_on,
        content_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def pdf_data(prescription: Prescription) -> dict[str, Any]:
    """The data of the printed order: the sealed content of a signed one, the present content of a draft."""
    signed = prescription.signed_at is not None
    content = prescription.content
    if not signed:
        today = clock.today(prescription.prescriber.zone, prescription.created_at)
        order = order_of(prescription)
        content = content_of(
            patient=prescription.patient, order=order, prescriber=prescription.prescriber, issued_on=today
        )
    return {
        "record": prescription.patient.mrn,
        "content": content,
        "signed": signed,
        "fills": prescription.status in Prescription.IN_FORCE,
        "status": str(prescription.get_status_display()),
        "number": str(prescription.pk),
        "sha256": prescription.content_sha256,
    }
