"""Where a patient stands, and the single next thing to do. Reads every app; decides nothing about care."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.alerts.models import HoldLevel
from harmoniously.core.common import clock
from harmoniously.portal.journey_case import eligible, reviewed
from harmoniously.portal.journey_on import due_visit, refill
from harmoniously.portal.standing import Standing
from harmoniously.portal.steps import NextStep
from harmoniously.portal.steps_between import between_phases, choose_day, prepare, waits_for_clinic, without_order
from intake.models import Outcome
from intake.pages import MINUTES
from intake.selectors import FOR_REVIEW, progress_of
from telemedicine.models import Review
from treatment import check_in_names
from treatment.models import Prescription, SessionStatus
from treatment.rules import preparation
from treatment.rules.rhythm import Kind


def next_step(standing: Standing) -> NextStep:
    """The first thing that applies, the most urgent first."""
    for look in LADDER:
        step = look(standing)
        if step is not None:
            return step
    return NextStep(
        _("Start your intake"),
        _("It takes about %(minutes)s minutes. Every page is saved, so you can stop and go on whenever you like.")
        % {"minutes": MINUTES},
        reverse("intake:start"),
        _("Start"),
    )


def warning(standing: Standing) -> NextStep | None:
    """What must not stay unsaid behind the next thing: a check-in that is due never hides that no dose may be taken.

    None where the first step is such a word itself, and none beside a safety hold, which stands alone.
    """
    if standing.hold is not None or standing.discharge is not None or next_step(standing).kind:
        return None
    steps = (look(standing) for look in NO_DOSE)
    return next((step for step in steps if step is not None and step.kind), None)


def _safety(standing: Standing) -> NextStep | None:
    hold = standing.hold
    if hold is None:
        return None
    if hold.level == HoldLevel.HIGH:
        return NextStep(
            _("We want to talk with you"),
            _("You told us about thoughts that worry us. A clinician will call you. Help is there at any hour."),
            reverse("intake:crisis"),
            _("See how to get help now"),
            "danger",
        )
    return NextStep(
        _("A clinician will call you"),
        _("Before anything else, we want to talk with you about your answers. All you need to do is pick up."),
        reverse("portal:crisis"),
        _("Help at any hour"),
        "caution",
    )


def _check_in(standing: Standing) -> NextStep | None:
    due = standing.check_ins
    if not due:
        return None
    if len(due) > 1:
        return NextStep(
            _("%(count)d short check-ins wait for you") % {"count": len(due)},
            _("They are in one list, one after the other. You can stop and go on at any time."),
            reverse("treatment:check_ins"),
            _("See the list"),
        )
    kind = Kind(due[0].kind)
    address = reverse("treatment:check_in", args=[due[0].pk])
    title, text = check_in_names.TITLES[kind], check_in_names.MINUTES[kind]
    return NextStep(str(title), str(text), address, _("Answer now"))


def _agreements(standing: Standing) -> NextStep | None:
    """Asked of everybody whose care goes on or may begin; a session that runs is never interrupted by it."""
    if standing.decision is None or not _care_goes_on(standing) or standing.care_taken_back:
        return None
    due = [agreement for agreement in standing.agreements.values() if agreement.due]
    if not due or all(agreement.withdrawn for agreement in due):
        return None
    return NextStep(
        _("Read and sign"),
        _("Your agreements have a new version. Until you sign, no session begins and nothing new is booked or sent."),
        reverse("intake:agreements"),
        _("Read and sign"),
    )


def _care_goes_on(standing: Standing) -> bool:
    if standing.session is not None:
        return standing.session.status != SessionStatus.STARTED
    review = standing.review
    if review is not None and review.status == Review.Status.DECIDED:
        return bool(review.outcome == Review.Outcome.APPROVED)
    return standing.decision is not None and standing.decision.outcome in FOR_REVIEW


def _taken_back(standing: Standing) -> NextStep | None:
    """Somebody who took back what care rests on is told where they stand, and is not asked again."""
    if standing.decision is None:
        return None
    kind = ""
    if standing.care_taken_back:
        text = _(
            "Nothing new is planned or sent. Your record, messages and help stay open. You may sign again at any time."
        )
        if standing.sessions or standing.parcel:
            kind = "caution"
            text = _(
                "Do not take the medicine for your sessions any more. Go on with your other medicines as before. "
                "Nothing new is planned or sent. Messages and help stay open. You may sign again at any time."
            )
    elif standing.agreements["payment"].withdrawn and not standing.paid and not _has_final_word(standing):
        text = _("No payment begins without it, so no visit can be booked. You may sign again at any time.")
    else:
        return None
    return NextStep(_("You took back an agreement"), text, reverse("intake:agreements"), _("See your agreements"), kind)


def _discharged(standing: Standing) -> NextStep | None:
    """The treatment ended; whoever has worked on an application since goes on with that."""
    ended, draft = standing.discharge, standing.draft
    if ended is None or standing.ended_at is None:
        return None
    if draft is not None and draft.saved_at > standing.ended_at:
        return _intake(standing)
    text = _("Read what happens now, what to do if symptoms return, and your summary letter.")
    return NextStep(
        _("Your treatment has ended"),
        " ".join([text, _("You may apply again.")]) if standing.may_apply_again else text,
        reverse("treatment:ended", args=[ended]),
        _("See what is next"),
    )


def _has_final_word(standing: Standing) -> bool:
    return standing.review is not None and standing.review.status == Review.Status.DECIDED


def _stopped(standing: Standing) -> NextStep | None:
    """Newer answers stopped the treatment; a session that runs is never interrupted by it."""
    session, review = standing.session, standing.told
    if not standing.stopped or (session is not None and session.status == SessionStatus.STARTED):
        return None
    if review is not None:
        return reviewed(review, standing.patient.zone)
    return NextStep(
        _("Your treatment is stopped for now"),
        _("Your clinician looks at your newer answers first. Take no dose until you hear from us."),
        reverse("intake:outcome"),
        _("See why and what is next"),
        "caution",
    )


def _session(standing: Standing) -> NextStep | None:
    session, visit = standing.session, standing.visit
    if session is None:
        return None
    if session.status == SessionStatus.SCHEDULED and visit is not None and visit.starts_at < session.starts_at:
        return _visit(standing)
    when = clock.describe(session.starts_at, session.zone)
    address = reverse("treatment:session", args=[session.pk])
    if session.status == SessionStatus.STARTED:
        return NextStep(_("Your session is running"), _("Go back to it here."), address, _("Open the session"))
    waits = _dose_waits(standing)
    if waits is not None:
        return waits
    if session.status == SessionStatus.RELEASED:
        return NextStep(
            _("You can begin"), _("The checks passed. Begin when you and your sitter are settled."), address, _("Go on")
        )
    waits = waits_for_clinic(session, when)
    if waits is not None:
        return waits
    if clock.today(session.zone, session.starts_at) == clock.today(session.zone, standing.now):
        return NextStep(
            _("Your session is today"),
            _("%(when)s. First come a few checks.") % {"when": when},
            address,
            _("Start the checks"),
        )
    if preparation.is_due(session.local_day, clock.today(session.zone, standing.now)):
        return prepare(standing, session, when)
    return NextStep(
        _("Your next session"),
        _("%(when)s. Before then: invite your sitter and read how to prepare.") % {"when": when},
        address,
        _("Prepare"),
    )


def _dose_waits(standing: Standing) -> NextStep | None:
    """The checks held the session, or what was told stops the next dose until a clinician has read it."""
    session, supply = standing.session, standing.next_supply
    if session is None or session.status == SessionStatus.STARTED:
        return None
    address = reverse("treatment:session", args=[session.pk])
    if session.status == SessionStatus.HELD:
        return NextStep(
            _("Your session is on hold"),
            _("Your clinician knows and will get in touch. Do not take the medicine."),
            address,
            _("See why and what is next"),
            "caution",
        )
    if supply is None or not supply.first:
        return None
    when = clock.describe(session.starts_at, session.zone)
    return NextStep(
        _("A clinician reads what you told us first"),
        _("They contact you before your next session: %(when)s. Take no dose until then.") % {"when": when},
        address,
        _("Open the session"),
        "caution",
    )


def _shipment(standing: Standing) -> NextStep | None:
    parcel = standing.parcel
    over = standing.chart is not None and standing.chart.closed_at is not None
    if parcel is None or over or standing.care_taken_back:
        return None
    if parcel.prescription.status not in Prescription.IN_FORCE:
        chart = standing.chart
        earlier = chart is not None and parcel.prescription.chart_id != chart.pk
        if earlier or standing.order_status in Prescription.IN_FORCE:
            return None  # of an order before: the treatment page asks for it beside what is next
        return NextStep(
            _("A parcel may still reach you"),
            _("Your prescription is paused or has ended. Take nothing of it. Tell us when it has arrived."),
            reverse("treatment:home"),
            _("It has arrived"),
            "caution",
        )
    return NextStep(
        _("Your medicine is on its way"),
        _("Tell us when it has arrived. Your sessions are planned from then on."),
        reverse("treatment:home"),
        _("It has arrived"),
    )


def _visit_now(standing: Standing) -> NextStep | None:
    running = standing.session is not None and standing.session.status == SessionStatus.STARTED
    return _visit(standing) if standing.visit_is_near and not running else None


def _visit(standing: Standing) -> NextStep | None:
    visit, patient = standing.visit, standing.patient
    if visit is None:
        return None
    words = _("%(when)s with %(who)s.")
    if standing.care_taken_back:
        words = _(
            "%(when)s with %(who)s. You took back an agreement: nothing else is planned. If you have medicine for "
            "sessions, do not take it."
        )
    return NextStep(
        _("Your visit"),
        words % {"when": clock.describe(visit.starts_at, patient.zone), "who": visit.clinician.display_name},
        reverse("telemedicine:visit", args=[visit.pk]),
        _("See the visit"),
    )


def _decided(standing: Standing) -> NextStep | None:
    decision, review = standing.decision, standing.told
    if decision is None:
        return None
    if review is not None:
        return reviewed(review, standing.patient.zone)
    if standing.draft is not None:
        return None
    if decision.outcome == Outcome.ELIGIBLE_FOR_REVIEW:
        return eligible(standing)
    words = {
        Outcome.CRISIS: (_("Help first"), _("Your answers worry us. Help is there now.")),
        Outcome.NOT_ELIGIBLE: (
            _("Treatment at home does not suit you now"),
            _("We explain why, what would change it, and what else may help."),
        ),
        Outcome.NEEDS_INFORMATION: (
            _("We need a little more from you"),
            _("Your result says what is missing and how to add it."),
        ),
    }
    title, text = words[Outcome(decision.outcome)]
    return NextStep(title, text, reverse("intake:outcome"), _("See your result"))


def _intake(standing: Standing) -> NextStep | None:
    if standing.draft is None:
        return None
    progress = progress_of(standing.draft)
    return NextStep(
        _("Go on with your intake"),
        _("%(done)d of %(total)d pages are done and saved.") % {"done": progress.done, "total": progress.total},
        reverse("intake:start"),
        _("Go on"),
    )


LADDER: tuple[Callable[[Standing], NextStep | None], ...] = (
    _safety,
    _visit_now,
    _check_in,
    _discharged,
    _agreements,
    _stopped,
    due_visit,
    refill,
    _session,
    _shipment,
    choose_day,
    _visit,
    _taken_back,
    between_phases,
    without_order,
    _decided,
    _intake,
)

# Whatever says that no dose may be taken now.
NO_DOSE = (_stopped, _dose_waits, _taken_back, between_phases, without_order)
