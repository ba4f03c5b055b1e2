"""Verbs of a draft: begin, save a page, add to a list, amend. Every Continue is one of these, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents.services import lock_patient
from harmoniously.core.questions import flow
from harmoniously.core.questions.specs import PARTIAL, Page
from intake import ages, people, safety
from intake.models import Errand, Sheet, Submission, SubmissionStatus
from intake.pages import INTAKE
from intake.pages.feelings import CSSRS_PAGES, item_nine

Value = dict[str, Any]


class StalePage(Conflict):
    """The page was saved elsewhere after this copy of it was opened; nothing was written."""


class HandedIn(Conflict):
    """The answers were handed in after this copy of the page was opened; nothing was written."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save led to: the row as it is now, whether help comes first, and what else is asked now.

    `alarming`: words were written that may mean danger; their writer sees first where help is.
    """

    submission: Sheet
    crisis: bool
    change: flow.Change
    alarming: bool = False


def start(*, patient: Patient, by: User, now: datetime) -> Submission:
    """The patient's draft; a new one where there is none. Safe when two requests ask at once."""
    found = Submission.objects.filter(patient=patient, status=SubmissionStatus.DRAFT).first()
    if found is not None:
        return found
    if Submission.objects.filter(patient=patient, status=SubmissionStatus.SUBMITTED).exists():
        raise RuleViolation(
            _("You handed in your answers already. You can change them from the page with your result.")
        )
    return create(patient, by, now)


def create(patient: Patient, by: User, now: datetime, **fields: Any) -> Submission:
    """A new draft; the one that is there when another request was faster."""
    try:
        with transaction.atomic():
            row = Submission.objects.create(
                patient=patient, form_version=INTAKE.version, saved_at=now, created_at=now, **fields
            )
            known = {"form_version": INTAKE.version, "reason": row.amend_reason}
            record(actor=by, action="submission.started", now=now, subject=row, patient=row.patient, **known)
            return row
    except IntegrityError:
        return Submission.objects.get(patient=patient, status=SubmissionStatus.DRAFT)


def save_page(*, submission: Sheet, page: Page, given: Value, version: int, by: User, now: datetime) -> Saved:
    """Keep the answers of one page. ``version`` is the submission's version when the page was opened.

    Posting the same answers again does nothing more. Raises StalePage when the page was saved elsewhere since.
    """
    said = _said(submission, page, given, now)
    return _change(submission, page, lambda _old: said, version=version, by=by, now=now)


def _said(submission: Sheet, page: Page, given: Value, now: datetime) -> Value:
    """What was answered, with the patient's day of it where its age counts."""
    return ages.said(page.key, given, clock.today(submission.patient.zone, now))


def save_unfinished(*, submission: Sheet, page: Page, given: Value, version: int, by: User, now: datetime) -> Saved:
    """Keep what was answered of a page that somebody leaves in the middle (AnswersForm.unfinished).

    An earlier complete answer to the page is never replaced by half of one. Raises StalePage as save_page does.
    """
    said = _said(submission, page, given, now)

    def change(old: Value) -> Value:
        return said if not old or old.get(PARTIAL) else old

    return _change(submission, page, change, version=version, by=by, now=now)


def save_entry(
    *, submission: Sheet, page: Page, entry: UUID, given: Value, version: int, by: User, now: datetime
) -> Saved:
    """Add an entry to a list page, or change the one with that id; a list that grew is not complete until it is said.

    A new entry never collides with what another tab added. Raises StalePage when this entry was changed or removed
    elsewhere, RuleViolation when the list is full.
    """

    def change(old: Value) -> Value:
        return _placed(page, old, {**_said(submission, page, given, now), "id": entry.hex})

    return _change(submission, page, change, mark=_mark(page, entry), version=version, by=by, now=now)


def save_unfinished_entry(
    *, submission: Sheet, page: Page, entry: UUID, given: Value, version: int, by: User, now: datetime
) -> Saved:
    """Keep what was answered of an entry that somebody leaves in the middle; the list then waits for the rest of it.

    A finished entry is never replaced by half of one. Raises as save_entry does.
    """

    def change(old: Value) -> Value:
        there = next((item for item in old.get("items", []) if item["id"] == entry.hex), None)
        if there is not None and not flow.is_unfinished(page, there):
            return old
        return {**_placed(page, old, {**_said(submission, page, given, now), "id": entry.hex}), "complete": False}

    return _change(submission, page, change, mark=_mark(page, entry), version=version, by=by, now=now)


def _placed(page: Page, old: Value, new: Value) -> Value:
    """A list with an entry in its place, or at its end."""
    items = list(old.get("items", []))
    places = [place for place, item in enumerate(items) if item["id"] == new["id"]]
    if places:
        items[places[0]] = new
        return {"items": items, "complete": old.get("complete", False)}
    if page.repeat is None or len(items) >= page.repeat.limit:
        raise RuleViolation(_("This list is full. Tell your clinician about the others."), "full")
    return {"items": [*items, new], "complete": False}


def _mark(page: Page, entry: UUID) -> str:
    # An entry has its own version beside that of its list, so that two tabs may change two entries.
    return f"{page.key}:{entry.hex}"


def was_removed(submission: Sheet, page: Page, entry: UUID) -> bool:
    """Whether an entry was on this list once and is not any more."""
    items = submission.answers.get(page.key, {}).get("items", [])
    return _mark(page, entry) in submission.page_versions and all(item["id"] != entry.hex for item in items)


def remove_entry(*, submission: Sheet, page: Page, entry: UUID, version: int, by: User, now: datetime) -> Saved:
    """Take an entry off a list page; does nothing when it is gone already. Raises StalePage when it was changed."""

    def change(old: Value) -> Value:
        items = [item for item in old.get("items", []) if item["id"] != entry.hex]
        return {"items": items, "complete": False} if len(items) != len(old.get("items", [])) else old

    return _change(submission, page, change, mark=_mark(page, entry), version=version, by=by, now=now)


def finish_list(*, submission: Sheet, page: Page, complete: bool, version: int, by: User, now: datetime) -> Saved:
    """Say that a list is complete (also when it is empty), or that there is more to add.

    Raises StalePage when the list was changed elsewhere: nobody says "that is all" about entries they have not seen.
    """

    def change(old: Value) -> Value:
        return {"items": old.get("items", []), "complete": complete}

    return _change(submission, page, change, version=version, by=by, now=now)


def locked(submission: Submission) -> Submission:
    """The row as it is now, locked for this transaction."""
    return Submission.objects.select_for_update(of=("self",)).select_related("patient__user").get(pk=submission.pk)


def locked_errand(errand: Errand) -> Errand:
    """The same of an errand, with what it is about."""
    rows = Errand.objects.select_for_update(of=("self",))
    return rows.select_related("patient__user", "request", "base").get(pk=errand.pk)


def lock_case(patient: Patient) -> None:
    """Until this transaction ends nobody else hands in, takes back or judges anything of this patient.

    The first lock of every verb that touches more than a draft, so that no two of them wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"case:{patient.pk}"])
    standing = Submission.objects.filter(patient=patient).exclude(status=SubmissionStatus.SUPERSEDED)
    list(standing.select_for_update(of=("self",)).order_by("-status").values_list("pk"))


def _locked_draft(sheet: Sheet) -> Sheet:
    row: Sheet = locked(sheet) if isinstance(sheet, Submission) else locked_errand(sheet)
    if not row.is_open:
        raise HandedIn(_("You handed in these answers already. Nothing was changed."), "submitted")
    return row


def _change(
    submission: Sheet,
    page: Page,
    change: Callable[[Value], Value],
    *,
    version: int,
    by: User,
    now: datetime,
    mark: str = "",
) -> Saved:
    nothing = flow.Change()
    mark = mark or page.key
    with transaction.atomic():
        lock_case(submission.patient)
        row = _locked_draft(submission)
        if page.key in people.FIELDS:
            lock_patient(row.patient)  # before the trail, as whoever pays or signs does
        if safety.help_comes_first(row.patient):
            return Saved(row, crisis=True, change=nothing)
        before = answers_now(row, held=False)
        old = before.get(page.key, {})
        new = change(old)
        if page.key in before and new == old:
            return Saved(row, crisis=False, change=nothing)
        if row.page_versions.get(mark, 0) > version:
            raise StalePage(_("This page was changed somewhere else. Nothing was overwritten."), "stale")
        _write(row, _with(before, page, new), page, mark, by=by, now=now)
        crisis = safety.watch(submission=row, page=page, by=by, now=now)
        alarming = safety.heed_words(submission=row, page=page, before=old, given=new, by=by, now=now)
        if not new.get(PARTIAL):
            people.fill(patient=row.patient, answers=row.answers, page=page, by=by, now=now)
    opened = flow.compare(INTAKE, before, answers_now(row, held=False), changed=page)
    return Saved(row, crisis=crisis, change=opened, alarming=alarming)


def _with(before: dict[str, Any], page: Page, new: Value) -> dict[str, Any]:
    """The answers with this page in them. When PHQ-9 item 9 rises, an earlier C-SSRS says nothing any more."""
    after = {**before, page.key: new}
    if item_nine(after) > item_nine(before):
        return {key: value for key, value in after.items() if key not in CSSRS_PAGES}
    return after


def _write(row: Sheet, answers: dict[str, Any], page: Page, mark: str, *, by: User, now: datetime) -> None:
    row.answers = answers
    row.version += 1
    row.page_versions = {**row.page_versions, page.key: row.version, mark: row.version}
    row.saved_at, row.crisis_at = now, None
    row.save(update_fields=["answers", "version", "page_versions", "saved_at", "crisis_at"])
    record(actor=by, action="submission.saved", now=now, subject=row, page=INTAKE.slug(page), version=row.version)


def let_go(row: Submission, *, by: User, now: datetime) -> list[str]:
    """Take out of a locked draft what may not be handed in: answers that are too old by now, and a C-SSRS that nobody
    answered in this draft. The keys of those pages; they are asked anew.
    """
    used = flow.route(INTAKE, row.answers).used
    gone = ages.expired(used, clock.today(row.patient.zone, now))
    gone += [key for key in CSSRS_PAGES if key in used and key not in gone and not said_here(row, key)]
    if gone:
        row.answers = {key: value for key, value in row.answers.items() if key not in gone}
        row.version += 1
        row.save(update_fields=["answers", "version"])
        pages = sorted(INTAKE.slug(INTAKE.by_key[key]) for key in gone)
        record(actor=by, action="submission.expired", now=now, subject=row, pages=pages)
    return gone


def said_here(submission: Submission, key: str) -> bool:
    """Whether a page was answered in this submission, and not copied from the one that it amends."""
    return submission.amends_id is None or key in submission.page_versions


def carry_over(*, onto: Submission, before: Mapping[str, Any], changes: Mapping[str, Any], now: datetime) -> None:
    """Give an open draft what was handed in beside it, so that handing in the draft later does not undo that."""
    rows = Submission.objects.select_for_update(of=("self",))
    draft = rows.filter(patient=onto.patient, status=SubmissionStatus.DRAFT).first()
    if draft is None:
        return
    answers = dict(draft.answers)
    for key, value in changes.items():
        answers[key] = _joined(answers.get(key), value, before=before.get(key))
    draft.answers, draft.amends, draft.saved_at = answers, onto, now
    draft.version += 1
    draft.page_versions = {**draft.page_versions, **dict.fromkeys(changes, draft.version)}
    draft.amend_reason = draft.amend_reason or onto.amend_reason
    draft.save(update_fields=["answers", "amends", "amend_reason", "saved_at", "version", "page_versions"])


def _joined(old: Value | None, new: Value, *, before: Value | None) -> Value:
    """A page as the draft has it with the change in it: of a list, the entries that are new since ``before``."""
    if not old or "complete" not in new:
        return new
    known = {entry["id"]: entry for entry in (before or {}).get("items", [])}
    given = {entry["id"]: entry for entry in new["items"]}
    kept = {
        key: given[key] if key in given and given[key] != known.get(key) else entry
        for entry in old.get("items", [])
        if (key := entry["id"]) in given or key not in known
    }
    return {**old, "items": [*kept.values(), *(one for key, one in given.items() if key not in {*kept, *known})]}


def answers_now(submission: Sheet, *, held: bool) -> dict[str, Any]:
    """The answers that still stand: what has to be asked again is left out.

    What was handed in stands as it was. In a draft, after a crisis that a clinician cleared, the C-SSRS is asked anew;
    a signature under texts that were replaced since, or in a name that was changed since, is asked anew too. ``held``:
    the hold is still open, so the answers that led to it stand.
    """
    answers: dict[str, Any] = dict(submission.answers)
    if not submission.is_open:
        return answers
    if submission.crisis_at is not None and not held:
        for key in CSSRS_PAGES:
            answers.pop(key, None)
    return answers
