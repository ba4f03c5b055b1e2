"""Working on the list: who has what, what is put off, what was tried, what is done to many, and what is taken back."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts import together, work_rules, work_selectors, working
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState, FollowUpStep
from harmoniously.core.alerts.services import claim_follow_up, close_follow_up, open_follow_up
from harmoniously.core.alerts.work_selectors import View
from harmoniously.core.alerts.working import Doer, Tried
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from harmoniously.core.notifications.reminders_off import switch
from harmoniously.portal import staff_context
from harmoniously.portal.dashboard import panels
from tests import cast
from tests.core.alerts.conftest import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
HERE = "America/New_York"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def opened(patient, kind: str = "check_in_overdue", key: str = "k", due_at=NOW) -> FollowUp:
    about = f"x:{patient.pk}:{key}"
    return open_follow_up(
        kind=kind, patient=patient, about=about, dedupe_key=f"{kind}:{about}", due_at=due_at, by=SYSTEM, now=NOW
    )


def doer(by, now=NOW, batch=None) -> Doer:
    return Doer(by, now, batch or uuid4())


@pytest.fixture
def colleague(db):
    return cast.make_user("dana@example.com", Role.COORDINATOR, full_name="Dana Template")


def due(user, now=NOW, **view) -> list[str]:
    return [row.kind for row in work_selectors.listed(View(**view), by=user, now=now)]


def test_the_database_ranks_as_the_rule_does(patient, coordinator) -> None:
    """Every kind, a second before and after its promise: the page would else show something else than the tag says."""
    for kind, tier in work_rules.TIERS.items():
        for step in (-1, 1):
            waited = work_rules.PROMISES[tier] + timedelta(seconds=step)
            opened(patient, kind, f"{step}", due_at=NOW - waited)
    late = set(FollowUp.objects.filter(work_selectors.overdue(NOW)).values_list("pk", flat=True))
    assert set(work_rules.TIERS) == set(FollowUpKind.values)
    rows = list(work_selectors.follow_ups_due(NOW))
    assert len(rows) == 2 * len(FollowUpKind)
    for row in rows:
        assert row.rank == work_rules.rank(row.kind, due_at=row.due_at, now=NOW), row.kind
        assert (row.pk in late) == work_rules.is_overdue(row.kind, due_at=row.due_at, now=NOW), row.kind
    assert [row.rank for row in rows] == sorted(row.rank for row in rows)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_has_it(patient, coordinator, colleague) -> None:
    row = opened(patient)
    got = at_once(
        *(lambda who=who: claim_follow_up(follow_up=row, by=who, now=NOW) for who in (coordinator, colleague))
    )
    assert sorted(type(one).__name__ for one in got) == ["Conflict", "FollowUp"]
    assert FollowUpStep.objects.count() == 1


def test_nobody_gives_away_what_changed_hands_since_the_page(patient, coordinator, colleague, prescriber) -> None:
    row = opened(patient)
    claim_follow_up(follow_up=row, by=coordinator, now=NOW)
    with pytest.raises(Conflict):
        working.assign(follow_up=row, to=colleague, seen=None, doer=doer(colleague))
    with pytest.raises(RuleViolation):
        working.assign(follow_up=row, to=prescriber.user, seen=coordinator.pk, doer=doer(colleague))
    working.assign(follow_up=row, to=colleague, seen=coordinator.pk, doer=doer(coordinator))
    assert (due(colleague, owner="mine"), due(coordinator, owner="mine"), due(coordinator, owner="nobody")) == (
        ["check_in_overdue"], [], [],
    )  # fmt: skip
    with pytest.raises(Conflict, match="Dana Template has this one"):
        working.snooze(follow_up=row, until=NOW + HOUR, words="x", zone=HERE, doer=doer(coordinator))
    with pytest.raises(Conflict, match="Dana Template has this one"):
        close_follow_up(follow_up=row, by=coordinator, now=NOW, note="From a page that was open before.")
    # Whoever left the list has nothing in hand: everybody sees it, and anybody takes it.
    type(colleague).objects.filter(pk=colleague.pk).update(is_active=False)
    assert due(coordinator, owner="nobody") == ["check_in_overdue"]
    claim_follow_up(follow_up=row, by=coordinator, now=NOW + HOUR)
    with pytest.raises(PermissionDenied):
        claim_follow_up(follow_up=row, by=prescriber.user, now=NOW)


def test_what_is_put_off_comes_back_by_itself_and_has_waited_all_the_time(patient, coordinator) -> None:
    row, late = opened(patient), NOW + timedelta(hours=3)
    for until, words in ((NOW, "x"), (NOW + 3 * DAY, "x"), (late, " ")):
        with pytest.raises(RuleViolation):
            working.snooze(follow_up=row, until=until, words=words, zone=HERE, doer=doer(coordinator))
    working.snooze(follow_up=row, until=late, words="Asked to be called at noon.", zone=HERE, doer=doer(coordinator))
    assert due(coordinator, now=late - timedelta(seconds=1)) == []
    assert due(coordinator, now=late - timedelta(seconds=1), show="snoozed") == ["check_in_overdue"]
    assert due(coordinator, now=late) == ["check_in_overdue"]
    assert FollowUp.objects.get().due_at == NOW
    working.wake(follow_up=row, doer=doer(coordinator, NOW + HOUR))
    assert due(coordinator, now=NOW + HOUR) == ["check_in_overdue"]


def test_each_attempt_is_kept_and_the_same_form_is_one_attempt(patient, coordinator, colleague) -> None:
    row, form = opened(patient), doer(coordinator)
    claim_follow_up(follow_up=row, by=colleague, now=NOW)
    tried = Tried(how="call", reached=False, words="Left a message.", until=NOW + HOUR)
    for _click in range(2):
        working.log_contact(follow_up=row, tried=tried, zone=HERE, doer=form)
    with pytest.raises(RuleViolation):
        working.log_contact(follow_up=row, tried=Tried("call", True, " "), zone=HERE, doer=doer(coordinator))
    kept = FollowUpStep.objects.get(kind="contact")
    assert (kept.by, kept.how, kept.reached, kept.words) == (coordinator, "call", False, "Left a message.")
    assert due(coordinator) == []
    found = work_selectors.listed(View(), by=coordinator, now=NOW + HOUR).get()
    assert (found.tried_at, found.tried_reached, found.owner) == (NOW, False, colleague)


def test_a_reminder_is_one_a_day_neutral_and_ends_with_the_follow_up(patient, coordinator) -> None:
    row, other, call = opened(patient), opened(patient, key="two"), opened(patient, "call_back")
    form = doer(coordinator)
    for _click in range(2):
        working.remind(follow_up=row, doer=form)
    for refused, why in ((other, "today"), (call, "no_reminder")):
        with pytest.raises(RuleViolation) as error:
            working.remind(follow_up=refused, doer=doer(coordinator))
        assert error.value.code == why
    sent = Notification.objects.get()
    assert (sent.template, sent.due_at > NOW, sent.state) == ("check_in_second_reminder", True, "pending")
    working.remind(follow_up=other, doer=doer(coordinator, NOW + DAY))
    close_follow_up(follow_up=row, by=coordinator, now=NOW, note="Reached.")
    sent.refresh_from_db()
    assert sent.state == "cancelled"


def test_two_reminders_of_one_matter_never_arrive_in_one_morning(patient, coordinator) -> None:
    """Ordered on two days, at night and in the morning, the two texts would leave on one."""
    patient.phone, patient.sms_consent_at = "+13105550100", NOW
    patient.save()
    night = datetime(2026, 3, 3, 23, 30, tzinfo=ZoneInfo(patient.zone))
    row = opened(patient)
    for at, why in ((night, ""), (night + 10 * HOUR, "today"), (night + 12 * HOUR, "today"), (night + 25 * HOUR, "")):
        try:
            working.remind(follow_up=row, doer=doer(coordinator, at))
        except RuleViolation as refused:
            assert refused.code == why, at
        else:
            assert why == "", at
        Notification.objects.filter(due_at__lt=at).update(state="sent", sent_at=night + 9 * HOUR)
    # One that was lost told them nothing.
    Notification.objects.update(state="failed")
    working.remind(follow_up=row, doer=doer(coordinator, night + 26 * HOUR))
    assert {sent.channel for sent in Notification.objects.all()} == {"sms"}


def test_who_wants_no_reminders_of_visits_gets_none_and_texts_need_consent(patient, coordinator) -> None:
    missed, asked = opened(patient, "visit_missed"), opened(patient, "information_overdue")
    working.remind(follow_up=asked, doer=doer(coordinator))
    assert Notification.objects.get().channel == ("sms" if patient.sms_consent_at else "email")
    for channel in ("email", "sms"):
        switch(patient=patient, channel=channel, on=False, by=patient.user, now=NOW)
    with pytest.raises(RuleViolation, match="want no reminders"):
        working.remind(follow_up=missed, doer=doer(coordinator))


def test_many_at_once_only_where_it_is_safe_and_a_second_click_does_nothing(
    patient, other_patient, coordinator, colleague
) -> None:
    asked, missed = opened(patient, "information_overdue"), opened(other_patient, "visit_missed")
    urgent, theirs = opened(patient, "call_back"), opened(other_patient, "other")
    claim_follow_up(follow_up=theirs, by=colleague, now=NOW)
    pks, form = [row.pk for row in (asked, missed, urgent, theirs)], doer(coordinator)
    for _click in range(2):
        found = together.close_all(pks=pks, note="Written off.", doer=form)
        assert (found.done, {row.pk for row, _why in found.refused}) == (2, {urgent.pk, theirs.pk})
    assert FollowUpStep.objects.filter(kind="closed").count() == 2
    left = set(work_selectors.waiting().values_list("pk", flat=True))
    assert left == {urgent.pk, theirs.pk}
    given = together.assign_all(pks=pks, to=coordinator, doer=doer(coordinator))
    assert (given.done, len(given.refused)) == (1, 3)


def test_what_was_done_is_taken_back_for_ten_seconds_and_only_where_nothing_came_between(
    patient, other_patient, coordinator, colleague
) -> None:
    asked, missed = opened(patient, "information_overdue"), opened(other_patient, "visit_missed")
    form = doer(coordinator)
    together.close_all(pks=[asked.pk, missed.pk], note="All.", doer=form)
    offered = work_selectors.undoable(coordinator, NOW + timedelta(seconds=9))
    assert offered is not None
    assert (offered.batch, offered.count, work_selectors.undoable(colleague, NOW)) == (form.batch, 2, None)
    assert working.undo(batch=form.batch, by=colleague, now=NOW) == (0, 0)
    assert working.undo(batch=form.batch, by=coordinator, now=NOW + timedelta(seconds=16)) == (0, 2)
    assert working.undo(batch=form.batch, by=coordinator, now=NOW + timedelta(seconds=8)) == (2, 0)
    rows = FollowUp.objects.all()
    assert {(row.state, row.closed_at, row.closed_by, row.note) for row in rows} == {("open", None, None, "")}
    again = doer(coordinator, NOW + timedelta(seconds=9))
    together.assign_all(pks=[asked.pk, missed.pk], to=coordinator, doer=again)
    later = doer(coordinator, NOW + timedelta(seconds=11))
    working.assign(follow_up=asked, to=colleague, seen=coordinator.pk, doer=later)
    assert working.undo(batch=again.batch, by=coordinator, now=NOW + timedelta(seconds=12)) == (1, 1)
    asked.refresh_from_db()
    assert (asked.state, asked.owner) == (FollowUpState.CLAIMED, colleague)


def test_a_reminder_is_taken_back_only_while_it_has_not_left(patient, other_patient, coordinator) -> None:
    form, left = doer(coordinator), doer(coordinator)
    working.remind(follow_up=opened(patient), doer=form)
    assert working.undo(batch=form.batch, by=coordinator, now=NOW + timedelta(seconds=9)) == (1, 0)
    assert Notification.objects.get().state == "cancelled"
    # The one that was taken back does not count as today's.
    working.remind(follow_up=opened(other_patient), doer=left)
    Notification.objects.filter(state="pending").update(state="sent", sent_at=NOW)
    assert working.undo(batch=left.batch, by=coordinator, now=NOW + timedelta(seconds=9)) == (0, 1)
    working.remind(follow_up=opened(patient), doer=doer(coordinator))


def test_a_form_sent_again_does_nothing_and_says_so_once_it_was_taken_back(patient, coordinator) -> None:
    """The second click closed it already; the back button after an undo must not read "done" where nothing was."""
    row, form, later = opened(patient, "other"), uuid4(), NOW + timedelta(seconds=2)
    closing = {"follow_up": row, "by": coordinator, "note": "x", "batch": form}
    assert (close_follow_up(now=NOW, **closing), close_follow_up(now=later, **closing)) == (1, 0)
    assert working.undo(batch=form, by=coordinator, now=later) == (1, 0)
    with pytest.raises(Conflict, match="taken back"):
        close_follow_up(now=later, **closing)
    again = together.close_all(pks=[row.pk], note="x", doer=doer(coordinator, batch=form))
    assert (again.done, len(again.refused)) == (0, 1)
    off = doer(coordinator)
    for_now = {"follow_up": row, "until": NOW + HOUR, "words": "x", "zone": HERE, "doer": off}
    working.snooze(**for_now)
    working.undo(batch=off.batch, by=coordinator, now=later)
    with pytest.raises(Conflict, match="taken back"):
        working.snooze(**for_now)


def test_a_reminder_that_waits_goes_out_after_all_when_the_closing_is_taken_back(patient, coordinator) -> None:
    row, form = opened(patient), uuid4()
    working.remind(follow_up=row, doer=doer(coordinator))
    close_follow_up(follow_up=row, by=coordinator, now=NOW, note="x", batch=form)
    assert Notification.objects.get().state == "cancelled"
    working.undo(batch=form, by=coordinator, now=NOW + timedelta(seconds=2))
    assert (Notification.objects.get().state, Notification.objects.get().reason) == ("pending", "")


def test_the_page_shows_what_was_done_and_who_looks(patient, coordinator, colleague, coordinator_client) -> None:
    row = opened(patient, "information_overdue")
    page = reverse("admin:follow_up_close", args=[row.pk])
    cast.signed_in(colleague).get(page)
    said = {"tried-how": "call", "tried-reached": "no", "tried-until": "", "tried-words": "", "tried-key": str(uuid4())}
    contact = reverse("admin:follow_up_contact", args=[row.pk])
    refused = coordinator_client.post(contact, said)
    assert (refused.status_code, b"Write what came of it" in refused.content) == (422, True)
    coordinator_client.post(contact, said | {"tried-words": "Rang out."})
    text = coordinator_client.get(page).content.decode()
    for word in ("Dana Template opened this a moment ago", "Rang out.", "Not reached", "Casey Placeholder"):
        assert word in text, word
    many = {"ticked": [str(row.pk)], "key": str(uuid4()), "view": "kind=information_overdue"}
    address = reverse("admin:worklist_together")
    for wrong in ({"does": "close"}, {"does": "assign"}, {"does": "x"}):
        answer = coordinator_client.post(address, many | wrong)
        assert (answer.status_code, b"checked" in answer.content) == (422, True)
    for _click in range(2):
        claimed = coordinator_client.post(reverse("admin:follow_up_claim", args=[row.pk]), {"view": "show=overdue&x=1"})
        assert claimed["Location"] == f"/admin/worklist/?show=overdue#row-{row.pk}"
        assert {str(said) for said in get_messages(claimed.wsgi_request)} == {"Robin is yours."}
    assert FollowUpStep.objects.filter(kind="assigned").count() == 1
    done = coordinator_client.post(address, many | {"does": "close", "note": "Sent it by fax."}, follow=True)
    assert done.redirect_chain[0][0] == "/admin/worklist/?kind=information_overdue"
    assert b"Closed: 1." in done.content and b"Undo: open it again" in done.content


def test_a_page_that_somebody_goes_back_to_does_what_it_says_now(
    patient, coordinator, colleague, coordinator_client
) -> None:
    """Its key is that of the first form: what was done then is not what is asked now, and must not be called done."""
    row, key = opened(patient, "information_overdue"), str(uuid4())
    other = cast.make_user("eli@example.com", Role.COORDINATOR, full_name="Eli Template")
    many = {"ticked": [str(row.pk)], "key": key}

    def said(name, **given):
        at = () if name == "worklist_together" else (row.pk,)
        answer = coordinator_client.post(reverse(f"admin:{name}", args=at), given)
        return str(list(get_messages(answer.wsgi_request))[-1])

    for _click in range(2):
        assert said("worklist_together", **many, does="remind") == "Reminders on their way: 1."
    off = {"later-until": "hours", "later-words": "x", "later-key": key}
    assert "Put off" in said("follow_up_snooze", **off)
    assert said("follow_up_wake", key=key) == "It is on the list again."
    row.refresh_from_db()
    assert row.snoozed_until is None, "a key that put it off before does not stand for bringing it back"
    given = {"tried-how": "call", "tried-reached": "no", "tried-until": "", "tried-key": key}
    for words in ("Rang out.", "Rang out.", "Called again: reached."):
        said("follow_up_contact", **given, **{"tried-words": words})
    assert FollowUpStep.objects.filter(kind="contact").count() == 2
    assert said("worklist_together", **many, does="assign", to=str(coordinator.pk)) == "Given to Casey Placeholder: 1."
    assert said("worklist_together", **many, does="assign", to=str(other.pk)) == "Given to Eli Template: 1."
    row.refresh_from_db()
    assert row.owner == other
    working.assign(follow_up=row, to=None, seen=other.pk, doer=doer(coordinator))
    assert said("worklist_together", **many, does="close", note="Sent it.") == "Closed: 1."
    row.refresh_from_db()
    assert row.state == FollowUpState.CLOSED


def test_many_are_not_closed_over_what_a_colleague_noted_since_the_list(patient, coordinator, colleague) -> None:
    row, mine = opened(patient, "information_overdue"), opened(patient, "other")
    promised = Tried("call", reached=True, words="Sends it tomorrow, asks for a call before.")
    working.log_contact(follow_up=row, tried=promised, zone=HERE, doer=doer(colleague, NOW + HOUR))
    working.log_contact(follow_up=mine, tried=promised, zone=HERE, doer=doer(coordinator, NOW + HOUR))
    both = {"pks": [row.pk, mine.pk], "note": "Written off."}
    found = together.close_all(**both, seen=NOW, doer=doer(coordinator, NOW + 2 * HOUR))
    assert (found.done, [why for _row, why in found.refused]) == (
        1, ["Dana Template did something about it meanwhile. Look at it first."],
    )  # fmt: skip
    assert together.close_all(**both, seen=NOW + HOUR, doer=doer(coordinator, NOW + 2 * HOUR)).done == 1


def test_no_page_of_the_worklist_takes_more_than_twelve_queries(
    patient, coordinator, coordinator_client, django_assert_max_num_queries
) -> None:
    rows = [opened(patient, kind, f"{number}") for number in range(3) for kind in FollowUpKind.values]
    claim_follow_up(follow_up=rows[0], by=coordinator, now=NOW)
    for address in (reverse("admin:worklist"), reverse("admin:follow_up_close", args=[rows[0].pk])):
        coordinator_client.get(address)
        with django_assert_max_num_queries(12):
            assert coordinator_client.get(address).status_code == 200


def test_the_counts_of_today_the_menu_and_the_list_are_the_same(patient, coordinator, colleague) -> None:
    """What a colleague has is in the list and counted, and not among the lines of one's own Today."""
    for number in range(7):
        opened(patient, "letter", f"{number}", due_at=NOW - DAY)
    claim_follow_up(follow_up=opened(patient, "call_back"), by=colleague, now=NOW)
    asleep, done, later = (opened(patient, "other", key) for key in ("asleep", "done", "later"))
    working.snooze(follow_up=asleep, until=NOW + DAY, words="x", zone=HERE, doer=doer(coordinator))
    close_follow_up(follow_up=done, by=coordinator, now=NOW, note="x")
    FollowUp.objects.filter(pk=later.pk).update(due_at=NOW + DAY)
    totals = work_selectors.totals(by=coordinator, now=NOW)
    assert totals == {"due": 8, "mine": 0, "nobody": 7, "overdue": 0, "snoozed": 1, "later": 1}
    assert (staff_context.counts(coordinator, NOW)["follow_ups"], len(due(coordinator))) == (8, 8)
    panel = next(one for one in panels(coordinator, NOW) if one.title == "Worklist")
    assert (panel.total, panel.more, len(panel.lines)) == (8, "Show all 8", 5)
    assert {line.detail for line in panel.lines} == {str(FollowUpKind.LETTER.label)}
