"""Taking something in hand, giving it back, handing it over. What is done ends its claim (`sweep`).

Applications have their Review, with its own rules; everything else has one row here. A claim decides who acts, not who
may read: it gives access to nothing (services of each kind ask for that themselves).

A colleague who holds something is a warning on its page, and a refusal only where a decision is written (applications
here, requests for the next supply in refills/services.py): a sign of danger must never wait to be read because somebody
claimed it and went home.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from telemedicine.models import ClaimEnd, WorkClaim
from telemedicine.reviews import handing
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews import services as cases
from telemedicine.reviews.rules.triage import CASES, Kind
from telemedicine.work import sources

# Whoever took something and went home does not keep it from the next day's colleagues. Applications are not left: they
# wait for visits and answers in the hands of one prescriber.
LAPSES = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Item:
    """One row that waits, with what it is."""

    kind: Kind
    row: Any

    @property
    def patient(self) -> Patient:
        """Whose it is."""
        found: Patient = self.row.patient
        return found

    @property
    def is_case(self) -> bool:
        """Whether its Review says who has it."""
        return self.kind in CASES


def claim(*, item: Item, by: User, now: datetime) -> None:
    """Take it in hand: from now on a colleague is told who has it. A second click changes nothing.

    Raises Conflict when a colleague has it or it is done, RuleViolation without a licence that an application needs.
    """
    if item.is_case:
        cases.claim(decision=item.row, by=by, now=now)
        return
    clinician = _clinician(by)
    try:
        with transaction.atomic():
            held = _open(item)
            if held is not None and held.clinician_id == clinician.pk:
                return
            if held is not None and can(held.clinician.user, Permission.REVIEW_CASES):
                raise Conflict(_has(held), "claimed")
            if held is not None:
                _end(held, ClaimEnd.OVER, by=by, now=now)
            if not waits(item, by, now):
                raise Conflict(_("This is done already."), "done")
            _begin(item, clinician, by=by, now=now)
    except IntegrityError as raced:
        raise Conflict(_("Somebody else was faster. Reload the page to see where things stand."), "claimed") from raced


def release(*, item: Item, by: User, now: datetime) -> None:
    """Give it back, for anybody. What is in nobody's hands stays so; raises Conflict when a colleague has it."""
    if item.is_case:
        cases.give_back(decision=item.row, by=by, now=now)
        return
    clinician = _clinician(by)
    with transaction.atomic():
        held = _open(item)
        if held is None:
            return
        if held.clinician_id != clinician.pk:
            raise Conflict(_has(held), "claimed")
        _end(held, ClaimEnd.RELEASED, by=by, now=now)


def hand_over(*, item: Item, to: Clinician, by: User, now: datetime) -> None:
    """Give it to a colleague, who finds it marked with who gave it. Twice does one thing.

    Only to whom it would wait for as well: raises RuleViolation for anybody else. Raises Conflict unless it is the own.
    """
    clinician = _clinician(by)
    if to.pk == clinician.pk:
        raise RuleViolation(_("Choose a colleague."), "oneself")
    if not waits(item, to.user, now):
        text = _("%(name)s may not do this: it needs a licence where the patient is, or the patient in their care.")
        raise RuleViolation(text % {"name": to}, "not_allowed")
    if item.is_case:
        handing.hand_over(decision=item.row, to=to, by=by, now=now)
        return
    with transaction.atomic():
        held = _open(item)
        if held is not None and (held.clinician_id, held.handed_by_id) == (to.pk, by.pk):
            return
        if held is None:
            raise RuleViolation(_("Claim it first, then hand it over."), "unclaimed")
        if held.clinician_id != clinician.pk:
            raise Conflict(_has(held), "claimed")
        _end(held, ClaimEnd.HANDED_OVER, by=by, now=now)
        _begin(item, to, by=by, now=now, handed_by=by)


def sweep(*, now: datetime) -> int:
    """End the claims on what is done, what their clinician may not do any more, and what was left; how many."""
    held: dict[Clinician, list[WorkClaim]] = defaultdict(list)
    for row in WorkClaim.objects.filter(ended_at__isnull=True).select_related("clinician__user", "patient"):
        held[row.clinician].append(row)
    over = [row for clinician, rows in held.items() for row in _over(clinician.user, rows, now)]

    def end(row: WorkClaim) -> bool:
        how = ClaimEnd.LAPSED if row.claimed_at <= now - LAPSES else ClaimEnd.OVER
        with transaction.atomic():
            hold_chain(row.patient_id)
            still = WorkClaim.objects.select_for_update().filter(pk=row.pk, ended_at__isnull=True).first()
            if still is not None:
                _end(still, how, by=SYSTEM, now=now)
        return still is not None

    return each(over, end)


def _over(user: User, rows: list[WorkClaim], now: datetime) -> list[WorkClaim]:
    if not can(user, Permission.REVIEW_CASES):
        return rows
    waiting = sources.waiting(user, now)
    still: set[UUID] = set()
    for kind in {row.kind for row in rows}:
        subjects = [row.subject for row in rows if row.kind == kind]
        still |= set(waiting[Kind(kind)].filter(pk__in=subjects).values_list("pk", flat=True))
    return [row for row in rows if row.subject not in still or row.claimed_at <= now - LAPSES]


def waits(item: Item, user: User, now: datetime) -> bool:
    """Whether it waits for this person: the same rule as the queue."""
    if not can(user, Permission.REVIEW_CASES):
        return False
    kind = Kind.APPLICATION if item.is_case else item.kind
    return sources.waiting(user, now)[kind].filter(pk=item.row.pk).exists()


def require_free(*, kind: Kind, subject: UUID, by: User) -> None:
    """Raise Conflict when a colleague has it in hand."""
    held = WorkClaim.objects.filter(sources.STILL_HERE, kind=kind.value, subject=subject, ended_at__isnull=True)
    other = held.exclude(clinician__user=by).select_related("clinician").first()
    if other is not None:
        raise Conflict(_has(other), "claimed")


def _has(held: WorkClaim) -> str:
    words = _("%(name)s has this in hand. Ask them to give it back or hand it over. Nothing was saved.")
    return words % {"name": held.clinician}


def _clinician(by: User) -> Clinician:
    require(by, Permission.REVIEW_CASES)
    clinician = reviews.clinician_of(by)
    if clinician is None:
        raise RuleViolation(_("Your account has no clinician record. Ask an administrator to add one."), "no_clinician")
    return clinician


def _open(item: Item) -> WorkClaim | None:
    """The claim that is open, locked; nobody takes or ends one on anything of this patient meanwhile."""
    hold_chain(item.patient)
    rows = WorkClaim.objects.select_for_update(of=("self",)).select_related("clinician__user")
    return rows.filter(kind=item.kind.value, subject=item.row.pk, ended_at__isnull=True).first()


def _begin(item: Item, clinician: Clinician, *, by: User, now: datetime, handed_by: User | None = None) -> None:
    row = WorkClaim.objects.create(
        patient=item.patient,
        kind=item.kind.value,
        subject=item.row.pk,
        clinician=clinician,
        claimed_at=now,
        handed_by=handed_by,
        created_at=now,
    )
    action = "work.handed_over" if handed_by else "work.claimed"
    record(actor=by, action=action, now=now, subject=row, kind=row.kind, to=str(clinician.pk))


def _end(row: WorkClaim, how: ClaimEnd, *, by: Any, now: datetime) -> None:
    row.ended_at, row.ended_how = now, how
    row.save(update_fields=["ended_at", "ended_how"])
    if how is not ClaimEnd.HANDED_OVER:
        record(actor=by, action=f"work.{how.value}", now=now, subject=row, kind=row.kind)
