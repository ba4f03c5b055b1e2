"""Answering check-ins: kept page by page, acted on at once where somebody may be in danger, read by a prescriber."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import SuicideRisk
from harmoniously.core.questions.services import SCORERS, record_assessment
from treatment import policy as policies
from treatment.models import CheckIn, Vital, VitalPhase
from treatment.models.checkin import OVERTAKEN
from treatment.rules import check_pages, checkin
from treatment.rules.check_pages import ASKED, ON, SAFETY, Page
from treatment.rules.checkin import CheckInAnswers, CheckInFlags
from treatment.rules.rhythm import Kind
from treatment.selecting.compared import Compared, compared_with
from treatment.services.check_in_opening import close, settle
from treatment.services.locks import lock_check_ins
from treatment.services.prescriptions import prescriber_of
from treatment.services.safety import act_on_risk, half_said, risk_of, since_last

# The pages of the check-in of the next day, and the names that each answers.
PAGES = {page.key: page.names for page in check_pages.pages_of(Kind.DAY, (), {})}


def about_check_in(check_in: CheckIn) -> str:
    """What alerts and holds that came out of this check-in are about."""
    return f"check_in:{check_in.pk}"


def locked_check_in(check_in: CheckIn) -> CheckIn:
    """The row as it is now, locked."""
    rows = CheckIn.objects.select_related("patient__user", "session").select_for_update(of=("self",))
    return rows.get(pk=check_in.pk)


def answers_that_count(check_in: CheckIn, now: datetime) -> dict[str, Any]:
    """What was answered already; a questionnaire looks two weeks back, so its old answers are asked anew."""
    days = policies.load(check_in.policy_version).check_in.questionnaire_weekly_days
    return check_pages.fresh(check_in.answers, clock.today(check_in.zone, now), days)


def pages_of(check_in: CheckIn, now: datetime) -> tuple[Page, ...]:
    """The pages of a check-in as it stands."""
    return check_pages.pages_of(Kind(check_in.kind), check_in.instruments, answers_that_count(check_in, now))


def missing_page(check_in: CheckIn, now: datetime) -> Page | None:
    """The first page that was not answered yet; None when all were."""
    return check_pages.missing(pages_of(check_in, now), answers_that_count(check_in, now))


def save_page(
    *, check_in: CheckIn, page: str, answers: Mapping[str, Any], by: User, now: datetime
) -> tuple[CheckIn, SuicideRisk | None]:
    """Remember one page of an open check-in; what may be a danger is acted on at once. Returns the risk it told of.

    Raises RuleViolation when it is answered or over already, or before it is due; KeyError for an unknown page. Danger
    is acted on even then (I3), and only afterwards refused.
    """
    with transaction.atomic():
        row = locked_check_in(check_in)
        spec = {one.key: one for one in (check_pages.SAFETY_PAGE, *pages_of(row, now))}[page]
        known = _known(row, spec, answers, now=now)
        if _asks_safety_anew(row, spec, known, now=now):
            row.answers = {key: given for key, given in row.answers.items() if key != SAFETY}
        risk = _act(row, spec, known, by=by, now=now)
        refusal = _closed(row, now=now)
        if refusal is None:
            row.answers = {**row.answers, page: known}
            row.save(update_fields=["answers"])
            record(actor=by, action="checkin.saved", now=now, subject=row)
            _flag(row, by=by, now=now, done=False)
    if refusal is not None:
        raise refusal
    return row, risk


def _known(check_in: CheckIn, page: Page, answers: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    known = {name: answers.get(name) for name in page.names}
    if page.instrument or page.key == SAFETY:
        known[ON] = clock.today(check_in.zone, now).isoformat()
    if page.instrument:
        opened = check_pages.opens_safety({**check_in.answers, page.key: known})
        known |= {ASKED: True} if opened and page.key == check_pages.SELF_HARM_KEY else {}
        known |= {ASKED: True} if check_in.answer(page.key, ASKED) else {}
    if "sitter_there" in known and check_in.session is not None:
        known["released"] = check_in.session.sitter_released_at is not None
    return known


def _asks_safety_anew(check_in: CheckIn, page: Page, known: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether item 9 says more than when the C-SSRS was answered: then that answer is to another question (I3).

    What was answered stays in the record as an assessment of its own.
    """
    if page.key != check_pages.SELF_HARM_KEY or not known.get(ASKED):
        return False
    before = answers_that_count(check_in, now).get(page.key)
    return before is None or (known.get("answer") or 0) > (before.get("answer") or 0)


def _closed(check_in: CheckIn, *, now: datetime) -> RuleViolation | None:
    if check_in.status == CheckIn.Status.ANSWERED:
        return RuleViolation(_("You have already sent this check-in. Thank you."), "answered")
    if check_in.status == CheckIn.Status.CLOSED:
        return RuleViolation(_("This check-in is over. There is nothing more to answer in it."), "closed")
    if now < check_in.due_at:
        return RuleViolation(_("This check-in is not open yet."), "too_early")
    return None


def _act(row: CheckIn, page: Page, known: Mapping[str, Any], *, by: User, now: datetime) -> SuicideRisk | None:
    """What cannot wait until the check-in is sent; `known` is what this page says now."""
    if page.key == SAFETY:
        return _act_on_safety(row, known, by=by, now=now)
    if page.key == check_pages.SELF_HARM_KEY and known.get(ASKED) and SAFETY not in answers_that_count(row, now):
        # Until the C-SSRS is answered the level is incomplete, also for somebody who leaves here.
        act_on_risk(patient=row.patient, risk=SuicideRisk.INCOMPLETE, about=about_check_in(row), by=by, now=now)
    risk = risk_on(page.key, known)
    if risk is not None:
        act_on_risk(patient=row.patient, risk=risk, about=about_check_in(row), by=by, now=now)
    if set(known.get("signs") or ()) - {"suicidal"} or known.get("feeling") == "help":
        _ring(row, AlertKind.HELP_PRESSED, by=by, now=now)
    if known.get("sitter_there") is False and not known.get("released"):
        _ring(row, AlertKind.SITTER_CHECK_MISSED, by=by, now=now)
    if page.key == "pressure":
        _measure(row, known, by=by, now=now)
    return risk


def _act_on_safety(row: CheckIn, known: Mapping[str, Any], *, by: User, now: datetime) -> SuicideRisk:
    risk = risk_of(known)
    # The hold's row before the trail, as whoever clears it does.
    act_on_risk(patient=row.patient, risk=risk, about=about_check_in(row), by=by, now=now)
    record_assessment(
        patient=row.patient, instrument="cssrs", answers=since_last(known), context="check_in", by=by, now=now
    )
    return risk


def risk_on(page: str, answers: Mapping[str, Any]) -> SuicideRisk | None:
    """The risk that a page tells of: that of the C-SSRS, and high where somebody fears to act on it."""
    if page == SAFETY:
        return risk_of(answers)
    return SuicideRisk.HIGH if "suicidal" in (answers.get("signs") or ()) else None


def needs_help(page: str, answers: Mapping[str, Any]) -> bool:
    """Whether somebody says, two hours after the dose, that help is needed now."""
    return page in ("now", "signs") and (answers.get("feeling") == "help" or bool(answers.get("signs")))


def half_answered(*, check_in: CheckIn, answers: Mapping[str, Any], by: User, now: datetime) -> SuicideRisk | None:
    """A safety page that was sent with a question open (I3): what it says already is acted on at once.

    With HIGH the page counts as answered; a yes that may turn out high protects like an incomplete one until the rest
    is answered. Returns what it says.
    """
    said = half_said(answers)
    if said is SuicideRisk.HIGH:
        with contextlib.suppress(RuleViolation):
            save_page(check_in=check_in, page=SAFETY, answers=answers, by=by, now=now)
    elif said is not None:
        with transaction.atomic():
            row = locked_check_in(check_in)
            act_on_risk(patient=row.patient, risk=said, about=about_check_in(row), by=by, now=now)
    return said


def is_urgent(check_in: CheckIn) -> bool:
    """Whether the check-in tells of a blood pressure that is urgent."""
    return any(flag["code"] == "pressure_urgent" for flag in check_in.flags)


def _ring(row: CheckIn, kind: AlertKind, *, by: User, now: datetime) -> None:
    group = f"{about_check_in(row)}:{kind.value}"
    alerts.raise_anew(kind=kind, patient=row.patient, about=about_check_in(row), group=group, by=by, now=now)


def _measure(row: CheckIn, known: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Keep a reading taken at home; the same page sent twice is one reading."""
    values = {name: known.get(name) for name in ("systolic", "diastolic", "heart_rate")}
    before = {name: row.answer("pressure", name) for name in values}
    if None in values.values() or values == before or _closed(row, now=now):
        return
    vital = Vital.objects.create(patient=row.patient, phase=VitalPhase.HOME, taken_at=now, created_at=now, **values)
    record(actor=by, action="vital.recorded", now=now, subject=vital, phase=vital.phase)
    pressure = CheckInAnswers({}, pressure=(vital.systolic, vital.diastolic))
    found = checkin.check_in_flags(pressure, policies.load(row.policy_version), Kind.MONTH)
    if any(item.code == "pressure_urgent" for item in found.reasons):
        _ring(row, AlertKind.BLOOD_PRESSURE, by=by, now=now)


def answers_of(answers: Mapping[str, Any], scores: Mapping[str, Any], *, asks_risk: bool) -> CheckInAnswers:
    """Stored pages as the rules read them; `asks_risk` says whether the C-SSRS had to be answered by now."""
    rated = {
        name: rating
        for page in ("body", "head", "bladder")
        for name, rating in answers.get(page, {}).items()
        if isinstance(rating, int)
    }
    said = {name: value for page in answers.values() for name, value in page.items()}
    upper, lower = said.get("systolic"), said.get("diastolic")
    phq9 = scores.get("phq9", {})
    return CheckInAnswers(
        side_effects=rated,
        mood=said.get("mood"),
        risk=risk_of(answers[SAFETY]).value if SAFETY in answers else None,
        asks_risk=asks_risk,
        mania_signs=said.get("mania_signs"),
        psychosis_signs=said.get("psychosis_signs"),
        phq9_before=phq9.get("before"),
        phq9_lowest=phq9.get("lowest"),
        phq9_now=phq9.get("now"),
        self_harm=answers.get(check_pages.SELF_HARM_KEY, {}).get("answer"),
        feeling=said.get("feeling"),
        signs=tuple(said.get("signs") or ()),
        sitter_there=said.get("sitter_there"),
        released=bool(said.get("released")),
        craving=said.get("craving"),
        ketamine_extra=said.get("ketamine_extra"),
        substances=tuple(said.get("substances") or ()),
        pressure=(upper, lower) if upper and lower else None,
    )


def _scores(row: CheckIn, answers: Mapping[str, Any]) -> dict[str, Compared]:
    """The total of every questionnaire that is complete, beside what it is compared with."""
    found: dict[str, Compared] = {}
    for key in row.instruments:
        total = SCORERS[key](check_pages.items_of(key, answers)).total
        if total is not None:
            stood = row.scores.get(key)
            before = {name: stood[name] for name in ("before", "lowest") if name in stood} if stood else None
            found[key] = (before or compared_with(row.patient, key)) | {"now": total}
    return found


def _flag(row: CheckIn, *, by: User, now: datetime, done: bool) -> CheckInFlags:
    """Work the flags out anew; one that was not there before goes to a prescriber at once, sent or not.

    What is not answered yet is no finding before the check-in is sent. A flag that a prescriber may have seen stays.
    """
    answers = answers_that_count(row, now)
    row.scores = _scores(row, answers)
    flags = _flags(row, answers, asks_risk=done or SAFETY in answers, now=now)
    kept = {(item["code"], tuple(sorted(item["facts"].items()))) for item in row.flags}
    fresh = [item for item in flags.serious if (item.code, item.facts) not in kept]
    row.flags = [*row.flags, *({"code": item.code, "facts": dict(item.facts)} for item in fresh)]
    if fresh:
        row.flagged, row.flagged_at = True, now
        row.stops = any(item["code"] in checkin.STOP_CODES for item in row.flags)
        alerts.raise_alert(
            kind=AlertKind.CHECK_IN_FLAG,
            patient=row.patient,
            about=about_check_in(row),
            # Flags are only ever added, under the lock of the row: one more is told anew, whatever its code.
            dedupe_key=f"{about_check_in(row)}:flags:{len(row.flags)}",
            by=by,
            now=now,
        )
    row.save(update_fields=["flags", "flagged", "flagged_at", "stops", "scores"])
    return flags


def _flags(row: CheckIn, answers: Mapping[str, Any], *, asks_risk: bool, now: datetime) -> CheckInFlags:
    asked = asks_risk and SAFETY in {page.key for page in pages_of(row, now)}
    given = answers_of(answers, row.scores, asks_risk=asked)
    if missing_page(row, now) is None:
        given = replace(given, unscored=tuple(key for key in row.instruments if key not in row.scores))
    return checkin.check_in_flags(given, policies.load(row.policy_version), Kind(row.kind))


def answer_check_in(*, check_in: CheckIn, by: User, now: datetime) -> tuple[CheckIn, CheckInFlags]:
    """Send the check-in: scores are kept, flags go to a prescriber, reminders and tasks end. Twice does one thing.

    Raises RuleViolation while a page is missing.
    """
    with transaction.atomic():
        # With the short one of the same session, which ends when the next day is answered.
        if check_in.session_id is not None:
            lock_check_ins(CheckIn.objects.filter(session=check_in.session_id))
        row = locked_check_in(check_in)
        if row.status == CheckIn.Status.ANSWERED:
            return row, _flags(row, row.answers, asks_risk=True, now=row.answered_at or now)
        if row.status == CheckIn.Status.CLOSED or missing_page(row, now) is not None:
            raise _closed(row, now=now) or RuleViolation(_("A page of this check-in is still open."), "page_missing")
        flags = _flag(row, by=by, now=now, done=True)
        for key in row.instruments:
            items = check_pages.items_of(key, row.answers)
            record_assessment(patient=row.patient, instrument=key, answers=items, context="check_in", by=by, now=now)
        advance(row, CheckIn.Status.ANSWERED, by=by, now=now, answered_at=now)
        settle(row, by=by, now=now, reason="answered")
        _overtake(row, by=by, now=now)
    return row, flags


def _overtake(check_in: CheckIn, *, by: User, now: datetime) -> None:
    """The check-in of the next day asked what the short one of the evening would have."""
    if check_in.kind != Kind.DAY:
        return
    short = CheckIn.objects.select_related("patient").filter(session=check_in.session, kind=Kind.AFTER, status="open")
    for row in short:
        close(row, OVERTAKEN, by=by, now=now)


def require_seen(seen: str | None, rows: Iterable[CheckIn]) -> None:
    """Nobody has read what came after the page was made: its `seen` is no more what stands. None: read just now."""
    if seen is not None and seen != stand_of(rows):
        raise RuleViolation(_("Something new has come in. Read it here, then press again."), "read_anew")


def stand_of(rows: Iterable[CheckIn]) -> str:
    """What a page shows of these check-ins, for it to send back."""
    return " ".join(row.stand for row in sorted(rows, key=lambda row: row.pk))


def review_check_in(*, check_in: CheckIn, by: User, now: datetime, seen: str | None = None) -> CheckIn:
    """A prescriber has read the flags of a check-in; one that comes later is read anew. A second click does nothing.

    `seen` is what the page showed (stand_of). Raises RuleViolation when a flag came since.
    """
    prescriber_of(by)
    with transaction.atomic():
        row = locked_check_in(check_in)
        if row.unread:
            require_seen(seen, [row])
            row.reviewed_at, row.reviewed_by = now, by
            row.save(update_fields=["reviewed_at", "reviewed_by"])
            record(actor=by, action="checkin.reviewed", now=now, subject=row)
    return row
