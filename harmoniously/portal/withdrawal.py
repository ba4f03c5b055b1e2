"""What taking an agreement back means for one patient as things stand: what ends, what stays, what happens next.

Only what applies to them is said. The page shows these lines before, and the withdrawal keeps them as its evidence.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.prices import Purpose
from billing.selectors import paid_charge, unpaid
from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.common import clock
from harmoniously.portal.standing import Standing
from intake.requests.selectors import waiting_for
from intake.selectors import FOR_REVIEW
from telemedicine.models import Appointment, Review
from telemedicine.services.booking import first_visits_begun
from treatment.models import DoseSession, Prescription, SessionStatus


@dataclass(frozen=True)
class Reach:
    """What one kind of agreement ends beyond what every kind ends."""

    care: bool = False
    visits: bool = False
    texts: bool = False


REACH = {
    "treatment": Reach(care=True),
    "telehealth": Reach(care=True, visits=True),
    "privacy": Reach(care=True, visits=True, texts=True),
    "payment": Reach(),
}


@dataclass(frozen=True)
class Facts:
    """Where a patient stands, as far as a withdrawal touches it; moments and amounts are in the patient's words."""

    answering: bool = False
    waiting: bool = False
    approved: bool = False
    asked: bool = False
    # Booked and not begun, and whether one is going on.
    visits: tuple[str, ...] = ()
    visit_runs: bool = False
    # The first visit has begun or took place; the fee is what was paid for it and not given back.
    was_seen: bool = False
    fee: str = ""
    unpaid: bool = False
    sessions: tuple[str, ...] = ()
    session_runs: bool = False
    medicine: bool = False
    cared_for: bool = False
    texts: bool = False


@dataclass(frozen=True)
class Effect:
    """The lines of the page."""

    ends: tuple[str, ...]
    stays: tuple[str, ...]
    follows: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """All of them, as the withdrawal keeps them."""
        return [*self.ends, *self.stays, *self.follows]


def facts_of(standing: Standing) -> Facts:
    """Read where a patient stands."""
    patient, decision, review = standing.patient, standing.decision, standing.review
    decided = review is not None and review.status == Review.Status.DECIDED
    begun = [row for row in standing.visits if row.status == Appointment.Status.BOOKED]
    ahead = sorted((row for row in begun if row.started_at is None), key=lambda row: row.starts_at)
    planned = [row for row in standing.sessions if row.status in DoseSession.OPEN]
    coming = [row for row in planned if row.status != SessionStatus.STARTED]
    charge, more = paid_charge(patient, Purpose.EVALUATION), _more(standing)
    return Facts(
        answering=standing.draft is not None,
        waiting=decision is not None and decision.outcome in FOR_REVIEW and not decided,
        approved=decided and review is not None and review.outcome == Review.Outcome.APPROVED,
        asked=more["asked"],
        visits=tuple(
            _("%(when)s with %(who)s")
            % {"when": clock.describe(row.starts_at, patient.zone), "who": row.clinician.display_name}
            for row in ahead
        ),
        visit_runs=len(begun) > len(ahead),
        was_seen=more["was_seen"],
        fee=charge.amount if charge else "",
        unpaid=more["owes"],
        sessions=tuple(clock.describe(row.starts_at, row.zone) for row in coming),
        session_runs=len(planned) > len(coming),
        medicine=more["medicine"],
        cared_for=more["cared_for"],
        texts=patient.sms_consent_at is not None,
    )


def _more(standing: Standing) -> dict[str, bool]:
    """What is only asked whether it is there, in one query."""
    patient = standing.patient
    order = Prescription.objects.filter(patient=patient, status__in=Prescription.STANDING)
    there = {
        "asked": waiting_for(patient),
        "was_seen": first_visits_begun(patient),
        "owes": unpaid(patient),
        "medicine": order,
        "cared_for": care_of(patient, at=standing.now),
    }
    rows = Patient.objects.filter(pk=patient.pk).values(**{name: Exists(found) for name, found in there.items()})
    read: dict[str, Any] = dict(rows.get())
    return read


def effect_of(kind: str, facts: Facts) -> Effect:
    """What taking back a kind means for this patient. KeyError for an unknown kind."""
    reach = REACH[kind]
    return Effect(
        (
            *_care_ends(facts, reach),
            *_answers_end(facts, reach),
            *_visits_end(facts, reach),
            *_money_ends(facts, reach),
        ),
        (*_goes_on(facts, reach), *_money_stays(facts, reach), *_always()),
        (*_told(facts, reach), *_changed_mind(facts, reach)),
    )


def _care_ends(facts: Facts, reach: Reach) -> list[str]:
    if not reach.care:
        return []
    lines = []
    if facts.sessions:
        count = len(facts.sessions)
        words = ngettext(
            "Your planned session on %(when)s is cancelled.",
            "Your %(count)d planned sessions are cancelled. The next was on %(when)s.",
            count,
        )
        lines.append(words % {"count": count, "when": facts.sessions[0]})
    if facts.medicine:
        lines.append(_("We prescribe and send you no more medicine, and no session begins."))
        lines.append(
            _(
                "Do not take the medicine for your sessions that you have left or that still arrives. Keep it locked "
                "away until your clinic tells you more. Go on with your other medicines as before."
            )
        )
    else:
        lines.append(_("We prescribe no medicine for you, and no session begins."))
    return lines


def _answers_end(facts: Facts, reach: Reach) -> list[str]:
    lines = []
    if facts.waiting and reach.care and facts.was_seen:
        lines.append(_("Your prescriber cannot approve treatment for you."))
    elif facts.waiting and reach.care:
        lines.append(_("Your case leaves the list of those that wait for a prescriber."))
    if facts.asked:
        lines.append(_("You do not have to send what we asked you for, and we stop reminding you."))
    lines.append(_("You cannot hand in answers or documents."))
    return lines


def _visits_end(facts: Facts, reach: Reach) -> list[str]:
    if not reach.visits:
        return []
    cancelled = [_("Your visit on %(visit)s is cancelled.") % {"visit": visit} for visit in facts.visits]
    return [*cancelled, _("No new visit can be booked.")]


def _money_ends(facts: Facts, reach: Reach) -> list[str]:
    lines = []
    if facts.fee and reach.visits and not facts.was_seen:
        lines.append(
            _("You get your fee of %(amount)s back in full. Banks take up to 10 days to show it.")
            % {"amount": facts.fee}
        )
    if facts.unpaid:
        lines.append(_("The payment that you began is closed. If it still goes through, you get it back."))
    lines.append(_("No new payment begins."))
    if reach.texts and facts.texts:
        lines.append(_("We send you no more texts."))
    return lines


def _goes_on(facts: Facts, reach: Reach) -> list[str]:
    lines = []
    if facts.session_runs:
        lines.append(_("A session that is going on now goes on under your sitter’s watch until you are well."))
    if facts.visit_runs:
        lines.append(_("The visit that is going on now goes on until you or your clinician end it."))
    if not reach.visits:
        lines += [
            _("Your visit on %(visit)s stays. Use it to talk, or cancel it.") % {"visit": visit}
            for visit in facts.visits
        ]
    if facts.answering:
        lines.append(_("The answers that you gave so far stay saved."))
    return lines


def _money_stays(facts: Facts, reach: Reach) -> list[str]:
    if not facts.fee:
        return []
    amount = {"amount": facts.fee}
    if facts.approved:
        return [_("The fee of %(amount)s for your first visit stays paid.") % amount]
    if facts.was_seen:
        return [
            _(
                "Your fee of %(amount)s stays paid for now, because your first visit has begun. If the prescriber does "
                "not offer you treatment, you get all of it back by itself."
            )
            % amount
        ]
    if reach.visits:
        return []
    return [
        _("Your fee of %(amount)s stays paid, for your first visit. If you cancel before it, ask us for it back.")
        % amount
    ]


def _always() -> list[str]:
    return [
        _("Your record and what you signed stay, and you can read them. The law makes us keep them."),
        _("Messages, check-ins and help at any hour stay open to you."),
    ]


def _told(facts: Facts, reach: Reach) -> list[str]:
    if reach.care and (facts.medicine or facts.cared_for):
        return [
            _("We tell your clinician and a coordinator at once. They may call you to make sure that you are well.")
        ]
    return [_("We tell a care coordinator, who may call or write to you.")]


def _changed_mind(facts: Facts, reach: Reach) -> list[str]:
    """What signing again leads to, which is not always back to where one was."""
    if reach.care and (facts.approved or facts.medicine):
        lines = [_("If you change your mind, read and sign it again. Then your care can go on, and you plan anew.")]
    elif reach.care and facts.waiting:
        lines = [_("If you change your mind, read and sign it again. Then your case goes back to the prescribers.")]
    else:
        lines = [_("If you change your mind, read and sign it again. Then you go on where you stopped.")]
    if reach.visits and facts.fee and not facts.was_seen:
        lines.append(_("You would pay the fee and choose a time for the visit again."))
    return lines
