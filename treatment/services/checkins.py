"""The check-in of the next day: opened with the session, answered page by page, read by a person when flagged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from harmoniously.core.questions.instruments import SuicideRisk
from harmoniously.core.questions.services import record_assessment
from treatment import policy as policies
from treatment.models import CheckIn, DoseSession
from treatment.rules import checkin
from treatment.rules.checkin import CheckInAnswers, CheckInFlags
from treatment.services.reminders import HOME
from treatment.services.safety import CSSRS_ITEMS, act_on_risk, risk_of, since_last

# Pages in order and the names that each answers.
PAGES: dict[str, tuple[str, ...]] = {
    "body": checkin.SIDE_EFFECTS[:8],
    "head": checkin.SIDE_EFFECTS[8:14],
    "bladder": checkin.SIDE_EFFECTS[14:],
    "mood": ("mood", "mania_signs", "psychosis_signs"),
    "safety": CSSRS_ITEMS,
}


def about_check_in(check_in: CheckIn) -> str:
    """The group under which everything scheduled for a check-in is cancelled together."""
    return f"check_in:{check_in.pk}"


def open_check_in(*, session: DoseSession, by: Actor, now: datetime) -> CheckIn:
    """The one check-in of a session, due 24 h after its start, with its first e-mail in the outbox."""
    if session.started_at is None:
        raise ValueError("A check-in belongs to a session that was started.")
    policy = policies.load()
    times = checkin.due_times(session.started_at, policy)
    try:
        with transaction.atomic():
            check_in = CheckIn.objects.create(
                patient=session.patient,
                session=session,
                due_at=times.due_at,
                second_reminder_at=times.second_reminder_at,
                follow_up_at=times.follow_up_at,
                policy_version=policy.version,
                created_at=now,
            )
    except IntegrityError:
        return CheckIn.objects.get(session=session)
    notifications.schedule(
        template="check_in_due",
        recipient=session.patient.user,
        channel=Channel.EMAIL,
        due_at=check_in.due_at,
        dedupe_key=f"{about_check_in(check_in)}:due",
        about=about_check_in(check_in),
        variables={"link": HOME},
        not_after=check_in.follow_up_at,
        now=now,
    )
    record(actor=by, action="checkin.opened", now=now, subject=check_in)
    return check_in


def locked_check_in(check_in: CheckIn) -> CheckIn:
    """The row as it is now, locked."""
    rows = CheckIn.objects.select_related("patient__user", "session").select_for_update(of=("self",))
    return rows.get(pk=check_in.pk)


def save_page(
    *, check_in: CheckIn, page: str, answers: Mapping[str, Any], by: User, now: datetime
) -> tuple[CheckIn, SuicideRisk | None]:
    """Remember one page of an open check-in; the safety page acts on the risk at once and returns its level.

    Raises RuleViolation when it is answered already, or before it is due; KeyError for an unknown page. The safety
    page is acted on even then (I3), and only afterwards refused.
    """
    known = {name: answers.get(name) for name in PAGES[page]}
    with transaction.atomic():
        row = locked_check_in(check_in)
        risk = _keep_safety(row, known, by=by, now=now) if page == "safety" else None
        refusal = _closed(row, now=now)
        if refusal is None:
            row.answers = {**row.answers, page: known}
            row.save(update_fields=["answers"])
            record(actor=by, action="checkin.saved", now=now, subject=row, page=page)
    if refusal is not None:
        raise refusal
    return row, risk


def _closed(check_in: CheckIn, *, now: datetime) -> RuleViolation | None:
    if check_in.status == CheckIn.Status.ANSWERED:
        return RuleViolation(_("You have already sent this check-in. Thank you."), "answered")
    if now < check_in.due_at:
        return RuleViolation(_("This check-in opens the day after your session."), "too_early")
    return None


def _keep_safety(check_in: CheckIn, known: Mapping[str, Any], *, by: User, now: datetime) -> SuicideRisk:
    risk = risk_of(known)
    # The hold's row before the trail, as whoever clears it does.
    act_on_risk(patient=check_in.patient, risk=risk, about=about_check_in(check_in), by=by, now=now)
    record_assessment(
        patient=check_in.patient,
        instrument="cssrs",
        answers=since_last(known),
        context="check_in",
        by=by,
        now=now,
    )
    return risk


def answers_of(stored: Mapping[str, Any]) -> CheckInAnswers:
    """Stored pages as the rules read them."""
    effects = {
        name: rating
        for page in ("body", "head", "bladder")
        for name, rating in stored.get(page, {}).items()
        if isinstance(rating, int)
    }
    mood = stored.get("mood", {})
    safety = stored.get("safety")
    return CheckInAnswers(
        side_effects=effects,
        mood=mood.get("mood"),
        risk=risk_of(safety).value if isinstance(safety, dict) else None,
        mania_signs=mood.get("mania_signs"),
        psychosis_signs=mood.get("psychosis_signs"),
    )


def missing_page(check_in: CheckIn) -> str | None:
    """The first page that was not saved yet; None when all were."""
    return next((page for page in PAGES if page not in check_in.answers), None)


def answer_check_in(*, check_in: CheckIn, by: User, now: datetime) -> tuple[CheckIn, CheckInFlags]:
    """Send the check-in: flags are computed and raise an alert, reminders and the follow-up end. Twice does one thing.

    Raises RuleViolation while a page is missing.
    """
    policy = policies.load(check_in.policy_version)
    with transaction.atomic():
        row = locked_check_in(check_in)
        flags = checkin.check_in_flags(answers_of(row.answers), policy)
        if row.status == CheckIn.Status.ANSWERED:
            return row, flags
        if missing_page(row) is not None:
            raise RuleViolation(_("A page of this check-in is still open."), "page_missing")
        serious = [item for item in flags.reasons if item.weight.value == "refuse"]
        row.flags = [{"code": item.code, "facts": dict(item.facts)} for item in serious]
        row.save(update_fields=["flags"])
        advance(row, CheckIn.Status.ANSWERED, by=by, now=now, answered_at=now, flagged=bool(serious))
        notifications.cancel_about(about=about_check_in(row), now=now, reason="answered")
        alerts.close_follow_up(about=about_check_in(row), by=by, now=now, note="")
        if serious:
            alerts.raise_alert(
                kind=AlertKind.CHECK_IN_FLAG,
                patient=row.patient,
                about=about_check_in(row),
                dedupe_key=f"{about_check_in(row)}:flags",
                by=by,
                now=now,
            )
    return row, flags
