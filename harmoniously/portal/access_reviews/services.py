"""Verbs of the access reviews: begin one, say what was found, say that it is done. Nobody judges what they did."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit.models import AccessFinding, AccessItem, AccessReview
from harmoniously.core.audit.review_models import ItemKind, Verdict
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal.access_reviews import selectors
from harmoniously.portal.access_reviews.rules import EVERY, Opening

AT_ONCE = 1000


def begin(*, since: datetime, until: datetime, by: User, now: datetime) -> AccessReview:
    """Begin a review of a span of time that is over: what is to be looked at is kept as it is now.

    Raises Conflict while another one is open.
    """
    require(by, Permission.VIEW_AUDIT)
    if until > now:
        raise RuleViolation(_("The time to look at is not over yet. Choose an earlier last day."), "not_over")
    try:
        with transaction.atomic():
            review = AccessReview.objects.create(since=since, until=until, opened_at=now, opened_by=by, created_at=now)
            openings = selectors.openings(since, until)
            found = [*_opened(review, openings), *_emergencies(review), *_accounts(review, now)]
            AccessItem.objects.bulk_create(found, batch_size=AT_ONCE)
            record(
                actor=by,
                action="access_review.begun",
                now=now,
                subject=review,
                items=len(found),
                openings=len(openings),
            )
            return review
    except IntegrityError as error:
        raise Conflict(_("A review is open already. Finish it before you begin another one."), "open") from error


def _opened(review: AccessReview, found: list[Opening]) -> list[AccessItem]:
    people = selectors.people({opening.pair[0] for opening in found})
    patients = set(Patient.objects.filter(pk__in={opening.pair[1] for opening in found}).values_list("pk", flat=True))
    return [
        AccessItem(
            review=review,
            kind=ItemKind.OPENING,
            person=people[opening.pair[0]],
            role=people[opening.pair[0]].role,
            patient_id=UUID(opening.pair[1]),
            first_at=selectors.moment(opening.first),
            last_at=selectors.moment(opening.last),
            readings=opening.number,
        )
        for opening in found
        if opening.pair[0] in people and UUID(opening.pair[1]) in patients
    ]


def _emergencies(review: AccessReview) -> list[AccessItem]:
    found = list(selectors.emergencies(review.since, review.until))
    pages = selectors.pages_in(found)
    return [
        AccessItem(
            review=review,
            kind=ItemKind.EMERGENCY,
            person=row.clinician.user,
            role=row.clinician.user.role,
            patient_id=row.patient_id,
            emergency=row,
            first_at=row.since,
            last_at=row.until,
            readings=pages.get(str(row.pk), 0),
            marks=[row.kind],
        )
        for row in found
    ]


def _accounts(review: AccessReview, now: datetime) -> list[AccessItem]:
    return [
        AccessItem(
            review=review, kind=ItemKind.ACCOUNT, person=user, role=user.role, last_at=user.last_login, marks=noticed
        )
        for user, noticed in selectors.accounts(now)
    ]


def judge(
    *, review: AccessReview, items: Collection[UUID], verdict: Verdict, words: str, by: User, now: datetime
) -> int:
    """Say what was found about some things of a review; how many these were. The newest finding counts.

    The same finding again adds nothing. Once the review is done, only what has none yet gets one: what whoever finished
    it did themselves. Raises RuleViolation for what one did oneself, and without words for a finding
    that is not in order.
    """
    require(by, Permission.VIEW_AUDIT)
    if verdict != Verdict.RIGHT and not words.strip():
        raise RuleViolation(_("Write what is to be followed up, or what was not allowed."), "words")
    with transaction.atomic():
        known = AccessItem.objects.filter(review=review, pk__in=items)
        hold_chain(*known.filter(patient__isnull=False).values_list("patient", flat=True))
        is_done = _held(review).finished_at is not None
        rows = list(known.select_related("emergency").prefetch_related("findings"))
        if is_done and any(row.findings.all() for row in rows):
            raise _done()
        if any(row.person_id == by.pk for row in rows):
            raise RuleViolation(
                _("You cannot judge what you did yourself, or your own account. Leave it to a colleague."), "own"
            )
        fresh = [row for row in rows if not _said(row, verdict, words)]
        about = {"verdict": verdict, "words": words.strip(), "by": by, "at": now, "created_at": now}
        AccessFinding.objects.bulk_create(AccessFinding(item=row, **about) for row in fresh)
        for row in fresh:
            patient = Patient(pk=row.patient_id) if row.patient_id else None
            record(actor=by, action="access_review.judged", now=now, subject=row, patient=patient, verdict=verdict)
            if row.emergency is not None:
                row.emergency.reviewed_at, row.emergency.reviewed_by, row.emergency.finding = now, by, words.strip()
                row.emergency.save(update_fields=["reviewed_at", "reviewed_by", "finding"])
    return len(fresh)


def _said(row: AccessItem, verdict: Verdict, words: str) -> bool:
    newest = next(iter(row.findings.all()), None)
    return newest is not None and (newest.verdict, newest.words) == (verdict, words.strip())


def _held(review: AccessReview) -> AccessReview:
    """The row as it is now, held until the transaction ends."""
    return AccessReview.objects.select_for_update().get(pk=review.pk)


def _done() -> Conflict:
    return Conflict(_("This review is done. Its findings stay as they are."), "finished")


def finish(*, review: AccessReview, by: User, now: datetime) -> AccessReview:
    """Say that a review is done, and so when the next one is due. What one did oneself may stay open for a colleague.

    Raises RuleViolation while something else has no finding.
    """
    require(by, Permission.VIEW_AUDIT)
    with transaction.atomic():
        if _held(review).finished_at is not None:
            raise _done()
        left = selectors.standing(review, by)
        if left.left:
            raise RuleViolation(_("Some things have no finding yet. Say what you found about each."), "left")
        review.finished_at, review.finished_by, review.next_due_at = now, by, review.until + EVERY
        review.save(update_fields=["finished_at", "finished_by", "next_due_at"])
        record(actor=by, action="access_review.finished", now=now, subject=review, items=left.items, own=left.own)
    return review
