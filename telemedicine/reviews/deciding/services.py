"""The verbs of a decision in two steps: write it, confirm what was previewed, undo it, carry it out.

A confirmed decision sets nothing in motion for ten seconds: no message, no refund, no cancelled visit, no chart. So
undoing it has nothing to take back and nothing can have left. Then `sweep` carries it out, by the services that have
always decided (reviews.services), with all of their checks once more. Whoever is first at the locked review wins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit import services as audit
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from intake.models import EligibilityDecision
from intake.referrals.models import Facility
from intake.rules.care import Care
from telemedicine.conversation import services as conversation
from telemedicine.models import Review, Verdict
from telemedicine.referrals.services import Wish
from telemedicine.reviews import in_person, services
from telemedicine.reviews.deciding import preview
from telemedicine.reviews.rules.verdicts import GIVE_UP_AFTER, UNDO_WITHIN, answer_due, can_undo, takes_effect

BATCH = 50
Kind, Status = Verdict.Kind, Verdict.Status


@transaction.atomic
def write(
    *,
    decision: EligibilityDecision,
    kind: str,
    reason: str = "",
    words: str = "",
    more: dict[str, Any] | None = None,
    by: User,
    now: datetime,
) -> Verdict:
    """Keep what a prescriber wrote, so that it can be looked at as the patient will read it; nothing happens yet.

    What they wrote before on this case is dropped. Raises what the decision itself would raise: RuleViolation for what
    stands in its way, Conflict when somebody else has the case or it is decided.
    """
    review = services.mine(decision, by)
    _require_undecided(review)
    row = Verdict(
        patient=review.patient,
        review=review,
        by=by,
        kind=Kind(kind),
        reason=reason.strip(),
        words=words.strip(),
        more=more or {},
        written_at=now,
        created_at=now,
    )
    _require_possible(row, decision, by=by, now=now)
    for older in Verdict.objects.select_for_update().filter(review=review, by=by, status=Status.WRITTEN):
        audit.advance(older, Status.DROPPED, by=by, now=now)
    row.save(force_insert=True)
    audit.record(actor=by, action="verdict.written", now=now, subject=row, kind=row.kind)
    return row


@transaction.atomic
def confirm(*, verdict: Verdict, seen: str, by: User, now: datetime) -> Verdict:
    """Decide what was previewed; it takes effect in ten seconds. A second click finds it confirmed.

    `seen` is the mark of the preview (preview.Shown.mark). Raises Conflict "changed" when the patient would read, or
    what follows would be, something else by now; and whatever `write` raises.
    """
    row, review = _locked(verdict, by)
    if row.status in (Status.CONFIRMED, Status.IN_EFFECT):
        return row
    if row.status != Status.WRITTEN:
        raise Conflict(_("This was written anew or undone meanwhile. Nothing was decided."), "dropped")
    services.mine(review.decision, by)  # handed over or given back since it was written, it is not theirs to decide
    _require_undecided(review)
    _require_possible(row, review.decision, by=by, now=now)
    shown = preview.shown(row, now)
    if shown.mark != seen:
        raise Conflict(
            _("Something that this rests on has changed since you looked. Read it once more; nothing was decided."),
            "changed",
        )
    # What was looked at stays readable as it was, whatever it leads to.
    row.more = {**row.told, preview.KEPT: {"follows": shown.follows, "fee_stays_paid": shown.fee_stays_paid}}
    row.save(update_fields=["more"])
    audit.advance(row, Status.CONFIRMED, by=by, now=now, confirmed_at=now, effective_at=now + UNDO_WITHIN)
    return row


@transaction.atomic
def undo(*, verdict: Verdict, by: User, now: datetime) -> Verdict:
    """Take a decision back within ten seconds; the case is in the same hands as before. A second click is harmless.

    Raises Conflict when it has taken effect or the ten seconds are over.
    """
    row, _review = _locked(verdict, by)
    if row.status == Status.UNDONE:
        return row
    if row.status != Status.CONFIRMED or row.confirmed_at is None or not can_undo(row.confirmed_at, now):
        raise Conflict(
            _("The ten seconds are over: the decision stands and what follows from it has begun. Nothing was undone."),
            "too_late",
        )
    audit.advance(row, Status.UNDONE, by=by, now=now, done_at=now)
    return row


def carry_out(*, verdict: Verdict, now: datetime, at_once: bool = False) -> bool:
    """Do what was decided, once. `at_once` gives up the rest of the ten seconds. Whether this call did it.

    What has become impossible meanwhile does not happen at all: the decision is kept as one that did not take effect,
    with the reason, and the case stays in the prescriber's hands.
    """
    with transaction.atomic():
        row, review = _locked(verdict, verdict.by)
        if row.status != Status.CONFIRMED or row.confirmed_at is None:
            return False
        if not at_once and not takes_effect(row.confirmed_at, now):
            return False
        try:
            with transaction.atomic():
                # As of when it was confirmed: the dates that follow are those that were previewed.
                _EFFECTS[Kind(row.kind)](row, review.decision, row.confirmed_at)
        except (RuleViolation, PermissionDenied) as refusal:
            words = getattr(refusal, "message", _("You may not decide this any more."))
            row.failure = words
            row.save(update_fields=["failure"])
            audit.advance(row, Status.FAILED, by=row.by, now=now, reason_code=_code(refusal), done_at=now)
            return False
        audit.advance(row, Status.IN_EFFECT, by=row.by, now=now, done_at=now)
    return True


def sweep(*, now: datetime) -> int:
    """Carry out every decision that can no longer be undone; how many."""
    due = Verdict.objects.filter(status=Status.CONFIRMED, effective_at__lt=now).select_related("by")
    return each(list(due.order_by("effective_at")[:BATCH]), lambda row: _attempt(row, now))


def _attempt(row: Verdict, now: datetime) -> int:
    """Carry one out. One that goes on failing is given up, so that its case is in the prescriber's hands again."""
    try:
        return int(carry_out(verdict=row, now=now))
    except Exception:
        if row.effective_at is not None and now - row.effective_at >= GIVE_UP_AFTER:
            _give_up(row, now)
        raise


@transaction.atomic
def _give_up(verdict: Verdict, now: datetime) -> None:
    row, _review = _locked(verdict, verdict.by)
    if row.status == Status.CONFIRMED:
        row.failure = _("An error stood in the way each time it was tried. Nothing was changed and nobody was told.")
        row.save(update_fields=["failure"])
        audit.advance(row, Status.FAILED, by=row.by, now=now, reason_code="error", done_at=now)


def record_in_person(*, decision: EligibilityDecision, on: Any, where: str, by: User, now: datetime) -> None:
    """The visit in person took place: whoever has the case records when and where."""
    with transaction.atomic():
        review = services.mine(decision, by)
        services.hold_still(review, decision)
        in_person.met(review=review, on=on, where=where, by=by, now=now)


# What each kind does when it takes effect


def _ask(row: Verdict, decision: EligibilityDecision, now: datetime) -> None:
    due = answer_due(now, int(row.told["days"]), row.patient.zone)
    question = preview.question_text(row.words, due, row.patient)
    services.ask(decision=decision, question=question, form_token=row.pk, due_at=due, by=row.by, now=now)


def _approve(row: Verdict, decision: EligibilityDecision, now: datetime) -> None:
    resolved = row.told.get("resolved", [])
    services.approve(decision=decision, reason=row.reason, words=row.words, resolved=resolved, by=row.by, now=now)


def _decline(row: Verdict, decision: EligibilityDecision, now: datetime) -> None:
    services.decline(
        decision=decision,
        reason=row.reason,
        words=row.words,
        refer=row.kind == Kind.REFER,
        again_after=row.told.get("again"),
        letter=_letter(row),
        by=row.by,
        now=now,
    )


def _in_person(row: Verdict, decision: EligibilityDecision, now: datetime) -> None:
    review = services.mine(decision, row.by)
    services.hold_still(review, decision)
    clinician = services.prescriber(row.by)
    told = row.told
    in_person.require(
        review=review, clinician=clinician, place=told.get("place", ""), we_call=told["we_call"], by=row.by, now=now
    )


_EFFECTS: dict[str, Callable[[Verdict, EligibilityDecision, datetime], None]] = {
    Kind.ASK: _ask,
    Kind.APPROVE: _approve,
    Kind.DECLINE: _decline,
    Kind.REFER: _decline,
    Kind.IN_PERSON: _in_person,
}


def _letter(row: Verdict) -> Wish | None:
    """The letter that a referral opens, with the reason filled in; None where none is wanted.

    Raises RuleViolation for a place that is not in the directory any more.
    """
    wanted = row.told.get("letter") if row.kind == Kind.REFER else None
    if not wanted:
        return None
    place = Facility.objects.filter(pk=UUID(wanted["facility"])).first()
    if place is None or not place.is_active or wanted["need"] not in place.kinds:
        raise RuleViolation(_("This place does not offer that any more. Choose another one."), "facility")
    return Wish(place, Care(wanted["need"]), row.told.get("why") or row.reason, ())


# What must be so


def _require_undecided(review: Review) -> None:
    if review.status == Review.Status.DECIDED:
        raise Conflict(
            _("This case is already decided: %(outcome)s.") % {"outcome": review.get_outcome_display().lower()},
            "decided",
        )
    if review.verdicts.filter(status=Status.CONFIRMED).exists():
        raise Conflict(_("You have just decided this case. Undo that first."), "confirmed")


def _require_possible(row: Verdict, decision: EligibilityDecision, *, by: User, now: datetime) -> None:
    """What would refuse it when it takes effect refuses it now already."""
    services.require_newest(decision)
    if row.kind == Kind.ASK:
        due = answer_due(now, int(row.told["days"]), row.patient.zone)
        conversation.sendable(preview.question_text(row.words, due, row.patient))
        return
    if len(row.reason) < services.SHORTEST_REASON:
        raise RuleViolation(_("Write down your reason first."), "no_reason")
    services.require_licence(decision, by, now)
    if row.kind == Kind.APPROVE:
        services.require_approvable(decision, row.told.get("resolved", []), by, now)
    _letter(row)
    if row.kind == Kind.IN_PERSON and row.review.status == Review.Status.IN_PERSON:
        raise Conflict(_("A visit in person is already required. Record it when it took place."), "required")


def _locked(verdict: Verdict, by: User) -> tuple[Verdict, Review]:
    """The verdict and its review, locked in that order in which everybody takes them: the review first.

    Raises PermissionDenied for whoever did not write it.
    """
    if verdict.by_id != by.pk:
        raise PermissionDenied("verdict")
    rows = Review.objects.select_for_update(of=("self",))
    review = rows.select_related("patient__user", "clinician", "decision__patient").get(pk=verdict.review_id)
    row = Verdict.objects.select_for_update(of=("self",)).select_related("by").get(pk=verdict.pk)
    row.review, row.patient = review, review.patient
    return row, review


def _code(refusal: Exception) -> str:
    return str(getattr(refusal, "code", "not_allowed"))[:60]
