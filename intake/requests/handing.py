"""Handing in what was asked for: each verb keeps it, closes the request and has the case decided anew, or nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents import uploads
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from harmoniously.core.questions.specs import Page
from intake import ages, selectors, services
from intake.drafts import StalePage, lock_case, locked_errand
from intake.hints import is_urgent
from intake.models import EligibilityDecision, Errand, Submission, SubmissionStatus
from intake.pages import health
from intake.requests import errands, papers, rules, settling
from intake.requests.models import DATED, InformationRequest, Paper, PaperKind


def reading(*, request: InformationRequest, given: Mapping[str, Any], by: User, now: datetime) -> EligibilityDecision:
    """A repeated blood pressure: one entry as the page of the questionnaire keeps it.

    Raises RuleViolation when it has to be of another day than the one that was too high, Conflict when it is done.
    """
    newest = selectors.latest_decision(request.patient)
    high = rules.another_day(newest.findings) if newest else None
    # A reading that is urgent is kept and answered whatever its day: it must never be lost to a rule about days.
    urgent = is_urgent(health.BLOOD_PRESSURE.key, [given], today=clock.today(request.patient.zone, now))
    if high is not None and not urgent and date.fromisoformat(given["taken_on"]) <= high:
        raise RuleViolation(_("Measure on a later day than the reading that was too high."), "same_day")
    with transaction.atomic():
        old = _answers(request.patient).get(health.BLOOD_PRESSURE.key, {})
        items = [*old.get("items", []), {**given, "id": uuid4().hex}]
        changes = {health.BLOOD_PRESSURE.key: {"items": items, "complete": True}}
        return _hand_in(request, _said(changes, request.patient, now), by, now)


def pregnancy_test(
    *, request: InformationRequest, pregnant: bool, taken_on: date, by: User, now: datetime
) -> EligibilityDecision:
    """The result of a test and its day. Raises RuleViolation for a day that does not count, Conflict when done."""
    today, most = clock.today(request.patient.zone, now), ages.days()[ages.TEST]
    problem = rules.letter_problem(taken_on, today, most)
    if problem == "future":
        raise RuleViolation(_("This day lies in the future. Enter the day of the test."), problem)
    if problem == "old":
        text = _("A test counts for %(days)s days. Please take a new one.")
        raise RuleViolation(text % {"days": most}, problem)
    with transaction.atomic():
        old = _answers(request.patient).get(health.PREGNANCY_NOW.key, {})
        answer = {**old, "pregnant": "yes" if pregnant else "no", ages.TESTED_ON: taken_on.isoformat()}
        return _hand_in(request, _said({health.PREGNANCY_NOW.key: answer}, request.patient, now), by, now)


def answer(
    *, request: InformationRequest, page: Page, given: Mapping[str, Any], by: User, now: datetime
) -> EligibilityDecision:
    """A page of the questionnaire that was left open. Raises RuleViolation "open" when it leads to more questions."""
    with transaction.atomic():
        return _hand_in(request, _said({page.key: dict(given)}, request.patient, now), by, now)


def errand(*, errand: Errand, version: int, by: User, now: datetime) -> EligibilityDecision:
    """The pages that were asked and what they opened. ``version`` is that of the answers which were looked through.

    Raises RuleViolation "open" while one of them has no answer, "old" when one has to be answered anew, StalePage when
    one was changed since, Conflict when it is done.
    """
    # By itself, so that what it took over from newer answers is there when it has to be looked through again.
    errands.begin(asked=errand.request, now=now)
    with transaction.atomic():
        lock_case(errand.patient)
        row = locked_errand(errand)
        if not row.is_open:
            raise Conflict(_("This was handed in already. Nothing was changed."), "done")
        if not errands.let_go(row, by=by, now=now):
            return _errand(row, version, by, now)
    # After the commit: what was let go stays gone.
    raise RuleViolation(
        _("Some answers tell how you were a while ago. Please answer those questions as you are now."), "old"
    )


def _errand(row: Errand, version: int, by: User, now: datetime) -> EligibilityDecision:
    if row.version != version:
        raise StalePage(_("An answer was changed somewhere else. Look once more before you hand in."), "stale")
    if selectors.route_of(row).open is not None:
        raise RuleViolation(_("Some questions are still open. Answer them, then hand in."), "open")
    changes = errands.said_here(row)
    # They go on in what is handed in now; a second copy of them would only be one more to keep.
    row.handed_in_at, row.answers = now, {}
    row.save(update_fields=["handed_in_at", "answers"])
    return _hand_in(row.request, changes, by, now)


def _said(changes: dict[str, Any], patient: Patient, now: datetime) -> dict[str, Any]:
    """Answers with the patient's day of today where their age counts."""
    today = clock.today(patient.zone, now)
    return {key: ages.said(key, given, today) for key, given in changes.items()}


def paper(
    *,
    patient: Patient,
    kind: PaperKind,
    file: BinaryIO,
    dated: date | None,
    by: User,
    now: datetime,
    token: UUID | None = None,
    replaces: Paper | None = None,
) -> Paper:
    """Send a document; when a decision waits for it, it is decided anew in the same transaction, or nothing is kept.

    ``token`` is the form's own: the same form again gives the document that is there. Raises UploadRefused for a file
    that is not kept, RuleViolation for a date that cannot count, after an agreement was taken back, and where
    ``services.resubmit`` does.
    """
    done = papers.sent_before(patient, token)
    if done is not None:
        return done
    if taken_back(patient, Activity.HAND_IN, now):
        consents.require(patient, Activity.HAND_IN, now)
    papers.require_date(patient=patient, kind=kind, dated=dated, now=now)
    made = uploads.clean(patient=patient, file=file, letters=kind in DATED, by=by, now=now)
    with transaction.atomic():
        lock_case(patient)
        # The second click waited while the first file was looked at.
        done = papers.sent_before(patient, token)
        if done is not None:
            return done
        # Looking at the file took seconds: an agreement may have been taken back meanwhile.
        if taken_back(patient, Activity.HAND_IN, now):
            consents.require(patient, Activity.HAND_IN, now)
        about: dict[str, Any] = {"patient": patient, "by": by, "now": now}
        sent = papers.keep(kind=kind, made=made, dated=dated, token=token, replaces=replaces, **about)
        waiting = settling.open_for(patient, f"{rules.Ask.LETTER}:{kind.value}")
        if waiting is not None:
            _hand_in(waiting, {}, by, now)
        elif Submission.objects.filter(patient=patient, status=SubmissionStatus.SUBMITTED).exists():
            papers.hand_in(patient=patient, by=by, now=now)
    sent.refresh_from_db(fields=["handed_in_at"])
    return sent


def look_at(*, paper: Paper, accept: bool, words: str, by: User, now: datetime) -> EligibilityDecision | None:
    """A prescriber says that a document does not do, or that it does after all; the patient is told of the former.

    Nobody is told whose treatment has ended: whoever applies again is asked then.
    When a decision counted it, the case is decided anew, else None. Raises as ``papers.judge`` does.
    """
    patient = paper.patient
    with transaction.atomic():
        if not papers.judge(paper=paper, accept=accept, words=words, by=by, now=now):
            return None
        newest, made = selectors.latest_decision(patient), None
        if newest is not None and newest.facts.get("documents", []) != papers.on_file(patient):
            made = services.resubmit(patient=patient, changes={}, by=by, now=now)
        ended = selectors.applies_again(patient)
        if not accept and not ended and not taken_back(patient, Activity.HAND_IN, now):
            settling.tell(patient=patient, key=f"judged:{paper.pk}:{now.isoformat()}", now=now)
    return made


def _answers(patient: Patient) -> dict[str, Any]:
    lock_case(patient)
    row = Submission.objects.get(patient=patient, status=SubmissionStatus.SUBMITTED)
    found: dict[str, Any] = row.answers
    return found


def _hand_in(request: InformationRequest, changes: dict[str, Any], by: User, now: datetime) -> EligibilityDecision:
    lock_case(request.patient)
    settling.answered(request=request, by=by, now=now)
    made = services.resubmit(patient=request.patient, changes=changes, by=by, now=now)
    if made is None:
        raise RuleViolation(_("There is nothing that waits for this any more."), "gone")
    return made
