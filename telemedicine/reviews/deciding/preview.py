"""What the patient will read when a decision takes effect, by the patient's own template, and what follows from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing.prices import Purpose
from billing.selectors import paid_charge
from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from intake.again import Again, Reapplication
from intake.amending import PRESCRIBER, Standing, prescriber_said_so
from intake.care_words import words_for
from intake.referrals.models import Facility
from intake.rules.care import Care
from telemedicine.may_book import once_approved
from telemedicine.models import Appointment, InPersonVisit, Review, Verdict
from telemedicine.reviews.answer_words import answer_by
from telemedicine.reviews.rules.verdicts import IN_PERSON_WITHIN, answer_due, remind_at
from treatment.selectors import standing_prescription

Kind = Verdict.Kind
# Under which a confirmed decision keeps what was looked at.
KEPT = "shown"
OUTCOMES = {
    Kind.APPROVE: Review.Outcome.APPROVED,
    Kind.DECLINE: Review.Outcome.DECLINED,
    Kind.REFER: Review.Outcome.REFERRED,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """The page in front of the prescriber: what the patient reads, in which language, and what follows.

    `mark` tells this preview from every other: confirming names it.
    """

    html: SafeString
    language: str
    follows: tuple[str, ...]
    fee_stays_paid: bool
    mark: str


def shown(verdict: Verdict, now: datetime) -> Shown:
    """The preview of a decision as it would be if it were confirmed now; of a confirmed one as it was then."""
    patient, kept = verdict.patient, verdict.told.get(KEPT)
    language = patient.user.language or "en"
    fee_stays_paid = kept["fee_stays_paid"] if kept else once_approved(patient)
    with translation.override(language):
        html = _html(verdict, patient, now, fee_stays_paid=fee_stays_paid)
    follows = tuple(kept["follows"] if kept else _follows(verdict, patient, now, fee_stays_paid=fee_stays_paid))
    rests_on = json.dumps([str(verdict.pk), str(verdict.review.decision_id), html, follows])
    return Shown(html, language, follows, fee_stays_paid, hashlib.sha256(rests_on.encode()).hexdigest())


def question_text(words: str, due_at: datetime, patient: Patient) -> str:
    """The message that a question becomes: the words, and until when there is time, in the patient's language."""
    with translation.override(patient.user.language or "en"):
        return f"{words}\n\n" + answer_by(clock.describe(due_at, patient.zone))


def _html(verdict: Verdict, patient: Patient, now: datetime, *, fee_stays_paid: bool) -> SafeString:
    """The same template part as on the patient's own page, with rows that are not stored."""
    told = verdict.told
    if verdict.kind == Kind.ASK:
        due = answer_due(now, int(told["days"]), patient.zone)
        context: dict[str, Any] = {"text": question_text(verdict.words, due, patient)}
        return render_to_string("telemedicine/reviews/_question.html", context)
    review = Review(
        outcome=OUTCOMES.get(Kind(verdict.kind), ""),
        words_to_patient=verdict.words,
        clinician=verdict.review.clinician,
        decided_at=now,
    )
    waits = None
    if verdict.kind == Kind.IN_PERSON:
        waits = InPersonVisit(place=told.get("place", ""), we_call=told["we_call"], required_at=now)
    context = {
        "review": review,
        "in_person": waits,
        "standing": _again(verdict, patient, now),
        "fee_stays_paid": fee_stays_paid,
        "letter": _place(verdict),
        "begins": True,
        "preview": True,
    }
    return render_to_string("telemedicine/reviews/_decision.html", context)


def _again(verdict: Verdict, patient: Patient, now: datetime) -> Standing | None:
    """When the patient may apply again, as the refusal will say it."""
    if verdict.kind not in (Kind.DECLINE, Kind.REFER):
        return None
    days, today = verdict.told.get("again"), clock.today(patient.zone, now)
    on = None if days is None else today + timedelta(days=days)
    return Standing(Reapplication((Again(PRESCRIBER, prescriber_said_so(), on),)), by_prescriber=True, today=today)


def _place(verdict: Verdict) -> Facility | None:
    wanted = verdict.told.get("letter") if verdict.kind == Kind.REFER else None
    return Facility.objects.filter(pk=wanted["facility"]).first() if wanted else None


def _follows(verdict: Verdict, patient: Patient, now: datetime, *, fee_stays_paid: bool) -> list[str]:
    """What the decision sets in motion, in the order in which it matters; dates on the patient's clock."""
    name, told = patient.display_name, verdict.told
    if verdict.kind == Kind.ASK:
        due = answer_due(now, int(told["days"]), patient.zone)
        dates = {"name": name, "due": clock.describe(due, patient.zone)}
        lines = [_("%(name)s finds the question in their messages, and is told that one waits there.") % dates]
        reminder = remind_at(due, patient.zone)
        if reminder > now:
            when = {"when": clock.describe(reminder, patient.zone)}
            lines.append(_("Without an answer a reminder goes out on %(when)s, with none of these words.") % when)
        return [*lines, _("Without an answer by %(due)s the case is back among those that wait for you.") % dates]
    news = _("%(name)s gets an e-mail that says there is something to read, but not what.") % {"name": name}
    if verdict.kind == Kind.APPROVE:
        return [_("The chart opens with the facts of these answers. Next you write the prescription."), news]
    if verdict.kind == Kind.IN_PERSON:
        return _in_person(verdict, patient, news)
    return [*_refusal(verdict, patient, fee_stays_paid=fee_stays_paid), news]


def _in_person(verdict: Verdict, patient: Patient, news: str) -> list[str]:
    lines = [_("Nothing can be approved until somebody records that the visit took place.")]
    if verdict.told["we_call"]:
        lines.append(_("A coordinator gets the task to call %(name)s and arrange it.") % {"name": patient.display_name})
    words = _("If nobody has recorded it after %(days)d days, the case is back among those that wait for you.")
    lines.append(words % {"days": IN_PERSON_WITHIN.days})
    lines.append(_("The fee stays as it is. If you decline later and it led to no treatment, all of it goes back."))
    return [*lines, news]


def _refusal(verdict: Verdict, patient: Patient, *, fee_stays_paid: bool) -> list[str]:
    lines = []
    paid = None if fee_stays_paid else paid_charge(patient, Purpose.EVALUATION)
    if paid is not None:
        lines.append(_("%(amount)s goes back to the card in full.") % {"amount": paid.amount})
    else:
        lines.append(_("No fee goes back: none is paid, or it led to the treatment."))
    if standing_prescription(patient) is not None:
        lines.append(_("Planned sessions are cancelled. The prescription stays in force until you stop it as well."))
    coming = Appointment.objects.filter(
        patient=patient,
        kind=Appointment.Kind.EVALUATION,
        status__in=[Appointment.Status.HELD, Appointment.Status.BOOKED],
        started_at__isnull=True,
    )
    lines += [
        _("The first visit on %(when)s is cancelled.") % {"when": clock.describe(visit.starts_at, patient.zone)}
        for visit in coming.order_by("starts_at")
    ]
    place = _place(verdict)
    if place is not None:
        need = words_for([Care(verdict.told["letter"]["need"])])[0].title
        lines.append(
            _("%(name)s is asked to read and sign a letter to %(place)s (%(need)s). You send it once it is signed.")
            % {"name": patient.display_name, "place": place.name, "need": str(need).lower()}
        )
    return lines
