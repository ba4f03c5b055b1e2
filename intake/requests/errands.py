"""Answering a request for pages of the questionnaire: these, and what they open; the rest stands."""

from datetime import datetime
from typing import Any

from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.questions import flow
from harmoniously.core.questions.specs import PARTIAL, Page
from intake import ages
from intake.amending import old_answers
from intake.drafts import lock_case, locked_errand
from intake.models import Errand, InformationRequest, Submission, SubmissionStatus
from intake.pages import INTAKE
from intake.pages.feelings import CSSRS_PAGES


def asked_keys(asked: InformationRequest) -> tuple[str, ...]:
    """The pages that a request asks for: of the questions about suicide all."""
    return CSSRS_PAGES if asked.page_key in CSSRS_PAGES else (asked.page_key,)


def said_here(errand: Errand) -> dict[str, Any]:
    """What was answered on this errand, page by page."""
    return {key: given for key, given in errand.answers.items() if key in errand.page_versions}


def begin(*, asked: InformationRequest, now: datetime) -> Errand:
    """The errand of a request; it starts from what is handed in now, whatever was handed in since it was begun."""
    with transaction.atomic():
        lock_case(asked.patient)
        base = _standing(asked.patient)
        errand = Errand.objects.filter(request=asked).first()
        if errand is None:
            answers = _start(asked, base)
            return Errand.objects.create(
                patient=asked.patient, request=asked, base=base, answers=answers, saved_at=now, created_at=now
            )
        errand = locked_errand(errand)
        if errand.is_open and errand.base_id != base.pk:
            newer = {key for key in said_here(errand) if base.answers.get(key) != errand.base.answers.get(key)}
            stand = {key: given for key, given in said_here(errand).items() if key not in newer}
            errand.base, errand.answers, errand.version = base, {**_start(asked, base), **stand}, errand.version + 1
            marks = errand.page_versions.items()
            errand.page_versions = {mark: at for mark, at in marks if mark.partition(":")[0] not in newer}
            errand.save(update_fields=["base", "answers", "version", "page_versions"])
    return errand


def _standing(patient: Patient) -> Submission:
    return Submission.objects.select_related("patient__user").get(patient=patient, status=SubmissionStatus.SUBMITTED)


def _start(asked: InformationRequest, base: Submission) -> dict[str, Any]:
    """The answers that stand, without those that are asked; a list and plain questions are to be looked at again."""
    answers = old_answers(base)
    for key in asked_keys(asked):
        page, given = INTAKE.by_key[key], answers.pop(key, None)
        if given and page.repeat:
            answers[key] = {**given, "complete": False}
        elif given and key not in CSSRS_PAGES and page.fields[0].instrument is None:
            answers[key] = {**given, PARTIAL: True}
    return answers


def of_request(asked: InformationRequest) -> Errand | None:
    """The errand of a request as it is stored, or None before the first answer."""
    return Errand.objects.select_related("patient__user", "request", "base").filter(request=asked).first()


def restrict(errand: Errand, whole: flow.Route) -> flow.Route:
    """The part of a route that belongs to an errand: what is asked, was answered here, or was opened by that."""
    before = flow.route(INTAKE, errand.base.answers)
    own = {*asked_keys(errand.request), *errand.page_versions}

    def opened(page: Page) -> bool:
        was_open = page in before.pages and not flow.is_done(page, before.used)
        return not flow.is_done(page, whole.used) and not was_open

    return flow.Route(tuple(page for page in whole.pages if page.key in own or opened(page)), whole.used)


def let_go(errand: Errand, *, by: User, now: datetime) -> list[str]:
    """Take out of a locked errand what was answered too long ago; the keys of those pages, which are asked anew."""
    gone = ages.expired(said_here(errand), clock.today(errand.patient.zone, now))
    if gone:
        errand.answers = {key: given for key, given in errand.answers.items() if key not in gone}
        errand.version += 1
        errand.save(update_fields=["answers", "version"])
        pages = sorted(INTAKE.slug(INTAKE.by_key[key]) for key in gone)
        record(actor=by, action="submission.expired", now=now, subject=errand, pages=pages)
    return gone
