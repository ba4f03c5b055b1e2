"""The pages around the questions: overview, check your answers, result, and the crisis page."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.plans import newest_plan
from harmoniously.core.common import clock, phones
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.questions import flow
from harmoniously.core.questions.specs import Page
from intake import access, amending, outlook, safety, selectors, services
from intake.care_words import words_for
from intake.documents import as_pdf
from intake.guards import unless_help_comes_first
from intake.models import EligibilityDecision, Submission, SubmissionStatus
from intake.outcomes import grouped
from intake.page_views import CHANGING, page_url
from intake.pages import INTAKE, MINUTES, SECTIONS
from intake.pages.consent import SECTION as CONSENT
from intake.policy import load_policy
from intake.requests.selectors import papers_task, waiting_list
from intake.rules.care import care_that_fits

LONGEST_VERSION = 10
STATES = {
    flow.State.DONE: "success",
    flow.State.IN_PROGRESS: "info",
    flow.State.NOT_STARTED: "neutral",
}


def _state_words(state: flow.State) -> str:
    return {
        flow.State.DONE: _("Done"),
        flow.State.IN_PROGRESS: _("In progress"),
        flow.State.NOT_STARTED: _("Not started"),
    }[state]


@require_safe
@unless_help_comes_first
def overview(request: PatientRequest) -> HttpResponse:
    """What is asked, why, who sees it and how far it is."""
    submission = access.own_submission(request.user, request.patient)
    if submission is None:
        return render(request, "intake/welcome.html", {"sections": SECTIONS, "minutes": MINUTES})
    if submission.status != SubmissionStatus.DRAFT:
        return redirect("intake:outcome")
    progress, zone = selectors.progress_of(submission), request.patient.zone
    given = {
        "tasks": [
            *(_task(section, progress.route) for section in INTAKE.sections),
            papers_task(request.patient),
            _consent_task(request),
        ],
        "progress": progress,
        "resume_url": _resume_url(progress.route, changing=submission.amends_id is not None),
        "started": submission.version > 0,
        "saved_at": submission.saved_at,
        "days_old": (clock.today(zone, clock.now()) - clock.today(zone, submission.created_at)).days,
        "zone": zone,
        "amending": submission.amends_id is not None,
    }
    return render(request, "intake/overview.html", given)


def _resume_url(route: flow.Route, *, changing: bool) -> str:
    """Where it stopped. Answers that were handed in before are not gone through page by page again."""
    return page_url(route.open, CHANGING if changing else "") if route.open else reverse("intake:check")


def _task(section: Any, route: flow.Route) -> dict[str, Any]:
    pages = INTAKE.section_pages(section.key, route.pages)
    state = flow.section_state(pages, route.used)
    first = next((page for page in pages if not flow.is_done(page, route.used)), pages[0])
    url = reverse("intake:page", args=[INTAKE.slug(first)]) if route.reachable(first) else ""
    return {
        "title": section.title,
        "url": url,
        "state": _state_words(state),
        "tone": STATES[state],
        "hint": _begun(pages, route)
        or _("About %(minutes)s min. %(why)s") % {"minutes": section.minutes, "why": section.why},
        "seen_by": section.seen_by,
    }


def _begun(pages: Sequence[Page], route: flow.Route) -> str:
    """The entries of the section's lists that somebody left in the middle, by their names."""
    names = [page.repeat.line(entry) for page in pages if page.repeat for entry in flow.unfinished(page, route.used)]
    return _("Not finished yet: %(names)s.") % {"names": "; ".join(names)} if names else ""


def _consent_task(request: PatientRequest) -> dict[str, Any]:
    """The last task: its pages are outside the questions, because they come back with every new version."""
    found = consents.standings(request.patient, clock.now()).values()
    state = flow.State.NOT_STARTED
    if not any(standing.due for standing in found):
        state = flow.State.DONE
    elif any(standing.read for standing in found):
        state = flow.State.IN_PROGRESS
    return {
        "title": CONSENT.title,
        "url": reverse("intake:agreements"),
        "state": _state_words(state),
        "tone": STATES[state],
        "hint": _("About %(minutes)s min. %(why)s") % {"minutes": CONSENT.minutes, "why": CONSENT.why},
        "seen_by": CONSENT.seen_by,
    }


@require_POST
@unless_help_comes_first
def begin(request: PatientRequest) -> HttpResponse:
    """Begin, or go on where it stopped."""
    try:
        draft = services.start(patient=request.patient, by=request.patient.user, now=clock.now())
    except RuleViolation as refusal:
        messages.info(request, refusal.message)
        return redirect("intake:outcome")
    return redirect(_resume_url(selectors.route_of(draft), changing=draft.amends_id is not None))


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def check(request: PatientRequest) -> HttpResponse:
    """Check your answers, then hand in. Handing in twice leads to the same result."""
    draft = access.own_draft(request.user, request.patient)
    if draft is None:
        return redirect("intake:outcome")
    route = selectors.route_of(draft)
    if route.open is not None:
        messages.info(request, _("There is still a question to answer."))
        return redirect(_resume_url(route, changing=draft.amends_id is not None))
    if consents.missing(request.patient, Activity.HAND_IN, clock.now()):
        return redirect("intake:agreements")
    if request.method != "POST":
        return _show_check(request, draft, route)
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < LONGEST_VERSION else None
    try:
        services.submit(submission=draft, by=request.patient.user, now=clock.now(), version=version)
    except services.StalePage:
        return _look_again(request, version or 0)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("intake:check")
    return redirect("intake:outcome")


def _look_again(request: PatientRequest, seen: int) -> HttpResponse:
    """The answers as they are now, with the pages that changed since they were looked through."""
    draft = access.own_draft(request.user, request.patient)
    route = selectors.route_of(draft) if draft else None
    if draft is None or route is None or route.open is not None:
        return redirect("intake:start")
    changed = [page for page in route.pages if draft.page_versions.get(page.key, 0) > seen]
    return _show_check(request, draft, route, changed=changed, status=409)


def _show_check(
    request: PatientRequest, draft: Submission, route: flow.Route, *, changed: Sequence[Page] = (), status: int = 200
) -> HttpResponse:
    given = {
        "sections": [
            {"section": section, "rows": [_row(row) for row in rows]}
            for section, rows in selectors.answers_in_words(draft)
        ],
        "back": _last(route),
        "version": draft.version,
        "changed": changed,
    }
    return render(request, "intake/check.html", given, status=status)


def _last(route: flow.Route) -> str:
    return reverse("intake:page", args=[INTAKE.slug(route.pages[-1])])


def _row(row: Any) -> dict[str, Any]:
    url = reverse("intake:page", args=[INTAKE.slug(row.page)]) + "?change=1"
    return {"label": row.label, "value": "", "lines": row.lines, "change_url": url}


@require_safe
@unless_help_comes_first
def outcome(request: PatientRequest) -> HttpResponse:
    """What the rules found, why, what would change it, and what happens next."""
    decision = access.own_decision(request.user, request.patient)
    if decision is None:
        return redirect("intake:start")
    now = clock.now()
    submission = decision.submission
    standing = amending.standing_on(decision, request.patient, now)
    course = selectors.course_of(request.patient, submission)
    given = {
        "decision": decision,
        "groups": grouped(decision.findings),
        "zone": request.patient.zone,
        "signed": selectors.signed_answers(submission),
        "draft": selectors.draft_of(request.patient),
        "waiting": waiting_list(request.patient, now),
        "standing": standing,
        "care": words_for(care_that_fits(decision.findings)),
        # A case that would go on, and does not, because an agreement was taken back.
        "stopped": standing is None
        and decision.outcome in selectors.FOR_REVIEW
        and consents.taken_back(request.patient, Activity.HAND_IN, now),
        "treatment_stopped": course.stopped,
        # Who is in treatment is not asked to pay and to choose a visit.
        "approved": standing is None and not course.stopped and course.approved,
        **_good_until(decision, now),
    }
    ended = standing is None and course.ended
    page = "ended" if ended else decision.outcome
    return render(request, f"intake/outcome_{page}.html", {**given, "ended": ended})


def _good_until(decision: EligibilityDecision, now: datetime) -> dict[str, date | None]:
    """The last days on which what the decision rests on counts; without those that have passed."""
    policy, today = load_policy(), clock.today(decision.patient.zone, now)
    found = {
        "pressure_until": outlook.good_until(decision.facts, policy),
        "letters_until": outlook.letters_good_until(decision.facts, policy),
    }
    return {key: day if day and day >= today else None for key, day in found.items()}


@require_safe
@patient_only
def crisis(request: PatientRequest) -> HttpResponse:
    """Help, before anything else. While a high hold is open this page stands in for the questions."""
    given = {
        "held": safety.help_comes_first(request.patient),
        "told_at": safety.told_at(request.patient),
        "called_at": safety.call_asked_at(request.patient),
        "zone": request.patient.zone,
        "phone": phones.in_words(request.patient.phone),
        "has_plan": newest_plan(request.patient) is not None,
        "answering": selectors.draft_of(request.patient) is not None,
    }
    return render(request, "intake/crisis.html", given)


@require_POST
@patient_only
def call_me(request: PatientRequest) -> HttpResponse:
    """ "I am safe now, call me"."""
    safety.ask_for_call(patient=request.patient, by=request.patient.user, now=clock.now())
    return redirect("intake:crisis")


@require_safe
@unless_help_comes_first
def document(request: PatientRequest, pk: Any) -> HttpResponse:
    """A signed document as PDF."""
    return as_pdf(access.document_for(request.user, pk))
