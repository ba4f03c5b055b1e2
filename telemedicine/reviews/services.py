"""The verbs of a review: claim, give back, ask, approve, decline, refer.

Each runs in one transaction on the locked review row, says who (`by=`) and when (`now=`), writes its audit event and
the neutral message to the patient inside, and refuses with a reason that is fit to show. A second click finds the work
done and returns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from billing import services as billing
from billing.prices import Purpose
from harmoniously.core.accounts import services as accounts
from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit import services as audit
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from intake import approvals
from intake import services as intake
from intake.models import EligibilityDecision
from intake.requests import settling
from telemedicine.conversation import services as conversation
from telemedicine.may_book import once_approved
from telemedicine.models import Appointment, Referral, ReferralStatus, Review, Verdict
from telemedicine.referrals import services as referrals
from telemedicine.referrals.services import Wish
from telemedicine.reviews import in_person, selectors
from telemedicine.reviews.rules.approval import obstacles
from telemedicine.reviews.rules.verdicts import ANSWER_DAYS, answer_due, remind_at
from telemedicine.reviews.telling import QUESTION
from telemedicine.reviews.wording import obstacle_words
from telemedicine.services import booking
from telemedicine.services.locks import lock_care
from treatment.selectors import standing_prescription
from treatment.services import plans
from treatment.services.charts import open_chart

# Characters: enough to be a reason, short enough not to invite padding.
SHORTEST_REASON = 10
Status = Review.Status
Visit = Appointment.Status
UNSENT = (ReferralStatus.ASKED, ReferralStatus.ALLOWED)


@transaction.atomic
def claim(*, decision: EligibilityDecision, by: User, now: datetime) -> Review:
    """Take a case: from now on only this prescriber acts on it. Also takes up again a case that waited for the patient.

    Raises Conflict when another prescriber has it, RuleViolation without a licence where the patient is.
    """
    clinician = prescriber(by)
    require_newest(decision)
    require_licence(decision, by, now)
    older = _locked_older(decision)
    review = locked(decision)
    if review.status == Status.CLAIMED and review.clinician_id == clinician.pk:
        return review
    _require_mine_or_free(review, clinician)
    if review.status == Status.DECIDED:
        raise Conflict(_("This case is already decided."), "decided")
    if review.status == Status.CLAIMED:
        # The colleague who had it does other work now, or left.
        audit.advance(review, Status.OPEN, by=by, now=now, clinician=None, claimed_at=None, reason_code="left")
    audit.advance(review, Status.CLAIMED, by=by, now=now, clinician=clinician, claimed_at=now, handed_by=None)
    # Whoever has the case cares for the patient: only so may they ask, and read what the patient answers.
    begin_care(review, clinician, by=by, now=now)
    # Reviews of older answers end when the newer answers are taken up.
    for row in older:
        audit.advance(row, Status.REPLACED, by=by, now=now, reason_code="newer_answers")
    return review


@transaction.atomic
def give_back(*, decision: EligibilityDecision, by: User, now: datetime) -> Review:
    """Put a claimed case back into the queue for somebody else."""
    clinician = prescriber(by)
    review = locked(decision)
    if review.status == Status.OPEN:
        return review
    _require_mine(review, clinician)
    if review.verdicts.filter(status=Verdict.Status.CONFIRMED).exists():
        raise Conflict(_("You have just decided this case. Undo that first."), "confirmed")
    if review.status in (Status.ASKED, Status.IN_PERSON):
        # The answer would come while nobody has the case who knows the question.
        raise Conflict(
            _("This case waits for the patient and is not given back. Hand it over to a colleague instead."), "waits"
        )
    audit.advance(review, Status.OPEN, by=by, now=now, clinician=None, claimed_at=None, handed_by=None)
    end_care_without_visits(review, clinician, by=by, now=now)
    return review


@transaction.atomic
def ask(
    *,
    decision: EligibilityDecision,
    question: str,
    form_token: UUID,
    due_at: datetime | None = None,
    by: User,
    now: datetime,
) -> Review:
    """Ask the patient: the question becomes a message in their thread, and they are told that one waits.

    They have time until `due_at`, else as long as for what the rules ask. The day before the last they are reminded,
    once, unless they have written by then. When the time is over the case is among those that wait for us again.
    """
    review = mine(decision, by)
    if review.status == Status.DECIDED:
        raise Conflict(_("This case is already decided."), "decided")
    conversation.ask(patient=review.patient, body=question, form_token=form_token, by=by, now=now)
    due = due_at or answer_due(now, ANSWER_DAYS[0], review.patient.zone)
    review.asked_at, review.answer_due_at = now, due
    review.save(update_fields=["asked_at", "answer_due_at"])
    if review.status == Status.CLAIMED:
        audit.advance(review, Status.ASKED, by=by, now=now)
    _remind_of_question(review, due, now)
    return review


def _remind_of_question(review: Review, due: datetime, now: datetime) -> None:
    about = f"{QUESTION}:{review.pk}"
    notifications.cancel_about(about=about, now=now, reason="replanned")
    at = remind_at(due, review.patient.zone)
    if at > now:
        notifications.schedule(
            template="action_needed",
            recipient=review.patient.user,
            channel=Channel.EMAIL,
            due_at=at,
            not_after=due,
            dedupe_key=f"{about}:{now.isoformat()}",
            about=about,
            variables={"link": reverse("telemedicine:messages")},
            now=now,
        )


@transaction.atomic
def approve(
    *,
    decision: EligibilityDecision,
    reason: str,
    words: str = "",
    resolved: Iterable[str] = (),
    by: User,
    now: datetime,
) -> Review:
    """Approve treatment: the facts of the decision become the chart, and the prescriber now cares for the patient.

    `reason` is for the record, `words` for the patient, `resolved` the codes of the information findings that the
    prescriber says were settled at the visit. Raises RuleViolation that names every obstacle (policy sections 4 and
    10, the consents that treatment rests on, and the house rule that a visit comes first), Conflict when somebody else
    holds or has decided the case.
    """
    review = mine(decision, by)
    if _done_already(review, Review.Outcome.APPROVED):
        return review
    hold_still(review, decision)
    resolved = frozenset(resolved)
    require_approvable(decision, resolved, by, now)
    _decide(review, Review.Outcome.APPROVED, reason, words, by=by, now=now, resolved=sorted(resolved))
    begin_care(review, prescriber(by), by=by, now=now)
    open_chart(patient=review.patient, facts=decision.facts, by=by, now=now)
    approvals.approve(decision=decision, by=by, now=now)
    return review


def require_approvable(decision: EligibilityDecision, resolved: Iterable[str], by: User, now: datetime) -> None:
    """Raise RuleViolation that names everything that stands between this case and an approval."""
    standing = selectors.standing(decision, by, now)
    found = obstacles(standing, resolved)
    if found:
        raise RuleViolation(" ".join(obstacle_words(obstacle, standing) for obstacle in found), found[0].value)


@transaction.atomic
def decline(
    *,
    decision: EligibilityDecision,
    reason: str,
    words: str,
    refer: bool = False,
    again_after: int | None = 0,
    letter: Wish | None = None,
    by: User,
    now: datetime,
) -> Review:
    """Decline treatment at home, or refer elsewhere: the evaluation fee goes back in full, and the patient is told.

    The fee of an evaluation that led to an approval stays paid when newer answers are declined.

    `again_after` says after how many days the patient may apply again, None that the reason does not pass. Nobody pays
    for a refusal, so a referral is refunded like a refusal; its `letter` waits for the patient's signature. Raises
    Conflict when somebody else holds or has decided the case, RuleViolation without a licence where the patient is.
    """
    review = mine(decision, by)
    outcome = Review.Outcome.REFERRED if refer else Review.Outcome.DECLINED
    if _done_already(review, outcome):
        return review
    require_licence(decision, by, now)
    hold_still(review, decision)
    if not once_approved(review.patient):
        billing.refund_in_full(
            patient=review.patient, purpose=Purpose.EVALUATION, reason_code=outcome.value, by=by, now=now
        )
    _decide(review, outcome, reason, words, by=by, now=now)
    intake.refuse(decision=decision, wait_days=again_after, by=by, now=now)
    if letter is not None:
        referrals.refer(patient=review.patient, token=review.pk, wish=letter, by=by, now=now)
    _cancel_visits(review, by=by, now=now)
    # Of somebody in treatment: what is held stays held, and nobody is reminded of a session that does not take place.
    plans.end_plan(patient=review.patient, reason_code=f"review_{review.outcome}", by=by, now=now)
    end_care_without_visits(review, prescriber(by), by=by, now=now)
    return review


def _decide(review: Review, outcome: str, reason: str, words: str, *, by: User, now: datetime, **facts: Any) -> None:
    """Write the decision and tell the patient that there is something to read, in words that say nothing."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleViolation(_("Write down your reason first."), "no_reason")
    review.reason, review.words_to_patient = reason.strip(), words.strip()
    review.save(update_fields=["reason", "words_to_patient"])
    audit.advance(review, Status.DECIDED, by=by, now=now, reason_code=outcome, outcome=outcome, decided_at=now)
    audit.record(actor=by, action=f"review.{outcome}", now=now, subject=review, **facts)
    settling.close_all(patient=review.patient, by=by, now=now)
    notifications.cancel_about(about=f"{QUESTION}:{review.pk}", now=now, reason="decided")
    in_person.end(patient=review.patient, by=by, now=now)
    notifications.schedule(
        template="action_needed",
        recipient=review.patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"review:{review.pk}:decided",
        about=f"review:{review.pk}",
        variables={"link": reverse("telemedicine:decision")},
        now=now,
    )


def _cancel_visits(review: Review, *, by: User, now: datetime) -> None:
    """First visits that are still to come have no purpose after a refusal."""
    coming = Appointment.objects.filter(
        patient=review.patient,
        kind=Appointment.Kind.EVALUATION,
        status__in=[Visit.HELD, Visit.BOOKED],
        started_at__isnull=True,
    )
    for visit in coming.with_people():
        booking.cancel(appointment=visit, by=by, now=now, reason_code=f"review_{review.outcome}")


def begin_care(review: Review, clinician: Clinician, *, by: User, now: datetime) -> None:
    """Whoever has a case in hand cares for the patient."""
    relation = accounts.care_relation_open(patient=review.patient, clinician=clinician, now=now)
    if relation.since == now:
        audit.record(actor=by, action="carerelation.opened", now=now, subject=relation, clinician=str(clinician.pk))


def end_care_without_visits(review: Review, clinician: Clinician, *, by: User, now: datetime) -> None:
    """Care that began with the claim ends with it.

    Unless the two still have a visit to come, an order in force, or a letter that waits to be signed and sent.
    """
    order = standing_prescription(review.patient)
    if order is not None and order.prescriber_id == clinician.pk:
        return
    if Referral.objects.filter(patient=review.patient, clinician=clinician, status__in=UNSENT).exists():
        return
    coming = Appointment.objects.filter(
        patient=review.patient, clinician=clinician, status__in=[Visit.HELD, Visit.BOOKED]
    )
    if not coming.exists():
        accounts.care_relation_close(patient=review.patient, clinician=clinician, now=now)
        audit.record(actor=by, action="carerelation.closed", now=now, subject=review, clinician=str(clinician.pk))


# Who may


def prescriber(by: User) -> Clinician:
    require(by, Permission.REVIEW_CASES)
    clinician = selectors.clinician_of(by)
    if clinician is None:
        raise RuleViolation(_("Your account has no clinician record. Ask an administrator to add one."), "no_clinician")
    return clinician


def require_licence(decision: EligibilityDecision, by: User, now: datetime) -> None:
    if decision.patient.state not in selectors.licensed_states(by, now):
        raise RuleViolation(
            _("You have no current licence where this patient is. Somebody who has one must decide."), "no_licence"
        )


def require_newest(decision: EligibilityDecision) -> None:
    newest = selectors.newest_decision(decision.patient)
    if newest is None or newest.pk != decision.pk:
        raise Conflict(
            _("The patient has changed their answers since you opened this page. Nothing was saved."),
            "replaced",
        )
    if selectors.course_ended(newest):
        raise Conflict(_("The treatment has ended. The patient applies again first."), "course_ended")


def _require_mine_or_free(review: Review, clinician: Clinician) -> None:
    other = selectors.holder(review)
    if other is not None and other != clinician:
        raise Conflict(
            _("%(name)s has this case. Ask them to give it back, or wait for their decision.")
            % {"name": review.clinician},
            "claimed",
        )


def _require_mine(review: Review, clinician: Clinician) -> None:
    if review.clinician_id == clinician.pk:
        return
    if review.status == Status.OPEN:
        raise RuleViolation(_("Claim the case first, so that nobody else decides it at the same time."), "unclaimed")
    raise Conflict(_("%(name)s has this case. Nothing was saved.") % {"name": review.clinician}, "claimed")


# The row


def locked(decision: EligibilityDecision) -> Review:
    """The review of a decision, made when it is first needed, locked until the transaction ends."""
    Review.objects.get_or_create(decision=decision, defaults={"patient": decision.patient})
    rows = Review.objects.select_for_update(of=("self",)).select_related("patient__user", "clinician__user")
    return rows.get(decision=decision)


def mine(decision: EligibilityDecision, by: User) -> Review:
    """The locked review when this prescriber may act on it."""
    clinician = prescriber(by)
    require_newest(decision)
    review = locked(decision)
    _require_mine(review, clinician)
    return review


def hold_still(review: Review, decision: EligibilityDecision) -> None:
    """Nothing that a decision depends on changes until it is written; newer answers that were faster count."""
    lock_care(review.patient)
    require_newest(decision)


def _done_already(review: Review, outcome: str) -> bool:
    """Whether a second click asks for what is done; another outcome than the one that stands is a conflict."""
    if review.status != Status.DECIDED:
        return False
    if review.outcome == outcome:
        return True
    raise Conflict(
        _("This case is already decided: %(outcome)s.") % {"outcome": review.get_outcome_display().lower()}, "decided"
    )


def _locked_older(decision: EligibilityDecision) -> list[Review]:
    """Reviews of older answers without a final word, locked before the trail: a decision on one of them may be on its
    way at this moment, which takes its row first, too.
    """
    older = Review.objects.filter(patient=decision.patient, status__in=selectors.UNDECIDED).exclude(decision=decision)
    return list(older.select_for_update(of=("self",)).order_by("pk"))
