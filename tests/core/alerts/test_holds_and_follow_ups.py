"""Safety holds end with a clinician's record; follow-ups with a colleague's note or by themselves."""

from datetime import timedelta
from threading import Event

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts import presenting, selectors, work_selectors
from harmoniously.core.alerts.models import Alert, FollowUp, FollowUpKind, FollowUpState, SafetyHold
from harmoniously.core.alerts.plans import write_plan
from harmoniously.core.alerts.services import (
    claim_follow_up,
    clear_hold,
    close_follow_up,
    end_case_hold,
    hold_stand,
    lift_incomplete_hold,
    open_case_hold,
    open_follow_up,
    open_hold,
)
from harmoniously.core.alerts.sweeping import sweep
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import InboundText, Notification, State, Urgency
from harmoniously.core.notifications.services import schedule
from harmoniously.portal import watch
from tests import cast
from tests.cast import PLAN
from tests.core.alerts.conftest import NOW
from tests.threads import PATIENCE, at_once, lingering

pytestmark = pytest.mark.django_db


def hold(patient, level: str, minutes: int = 0) -> SafetyHold:
    now = NOW + timedelta(minutes=minutes)
    return open_hold(patient=patient, level=level, about="submission:1", by=SYSTEM, now=now)


def follow_up(patient, key: str = "k", **changes) -> FollowUp:
    known = {"kind": FollowUpKind.CHECK_IN_OVERDUE, "about": "checkin:1", "due_at": NOW}
    return open_follow_up(patient=patient, dedupe_key=key, by=SYSTEM, now=NOW, **{**known, **changes})


class TestHolds:
    def test_a_patient_has_one_at_the_strongest_level(self, patient) -> None:
        for level in ("incomplete", "high", "moderate", "incomplete"):
            hold(patient, level)
        assert SafetyHold.objects.count() == 1
        assert selectors.active_hold(patient).level == "high"

    def test_nobody_else_is_held(self, patient, other_patient) -> None:
        hold(patient, "high")
        assert selectors.active_hold(other_patient) is None

    def test_a_clinician_clears_it_with_both_records(self, patient, prescriber) -> None:
        clear_hold(hold=hold(patient, "moderate"), contact_note="Spoke.", safety_plan=PLAN, by=prescriber.user, now=NOW)
        assert selectors.active_hold(patient) is None
        assert SafetyHold.objects.get().plan.words == PLAN

    def test_policy_4_each_version_of_the_plan_stays_and_nobody_writes_over_another(self, patient, prescriber) -> None:
        said = {"patient": patient, "by": prescriber.user, "now": NOW}
        first = write_plan(words=PLAN, seen=0, **said)
        assert write_plan(words=PLAN, seen=0, **said).pk == first.pk  # the second click
        changed = PLAN | {"helpers": "Sam, who has a key."}
        assert write_plan(words=changed, seen=1, **said).version == 2
        with pytest.raises(Conflict):
            write_plan(words=PLAN | {"coping": "A walk."}, seen=1, **said)
        assert [row.words for row in selectors.plans_of(patient)] == [changed, PLAN]

    @pytest.mark.parametrize("records", [("", PLAN), ("contact", PLAN | {"environment": " "})], ids=["contact", "plan"])
    def test_one_record_is_not_enough(self, patient, prescriber, records) -> None:
        with pytest.raises(RuleViolation):
            clear_hold(
                hold=hold(patient, "high"), contact_note=records[0], safety_plan=records[1], by=prescriber.user, now=NOW
            )
        assert selectors.active_hold(patient) is not None

    def test_a_coordinator_cannot(self, patient, coordinator) -> None:
        with pytest.raises(PermissionDenied):
            clear_hold(hold=hold(patient, "high"), contact_note="x", safety_plan=PLAN, by=coordinator, now=NOW)

    def test_what_got_worse_meanwhile_is_not_cleared(self, patient, prescriber) -> None:
        seen = hold(patient, "moderate")
        hold(patient, "high")
        with pytest.raises(Conflict):
            clear_hold(hold=seen, contact_note="x", safety_plan=PLAN, by=prescriber.user, now=NOW)
        assert selectors.active_hold(patient).level == "high"

    def test_policy_4_what_is_said_or_left_open_after_the_page_was_read_outlasts_it(self, patient, prescriber) -> None:
        records = {"contact_note": "Spoke.", "safety_plan": PLAN, "by": prescriber.user}
        hour = NOW + timedelta(hours=1)
        # Said later, left standing by whoever read everything: (findings after a moderate one, level that is left).
        for later, left in (
            (("incomplete",), "incomplete"),
            (("incomplete", "moderate"), None),
            (("incomplete", "calm"), None),
            (("moderate",), None),
            (("high", "incomplete"), "incomplete"),
        ):
            standing = hold(patient, "moderate")
            seen = hold_stand(standing)
            for minutes, level in enumerate(later, start=1):
                if level == "calm":
                    assert not lift_incomplete_hold(patient=patient, by=patient.user, now=NOW)
                else:
                    hold(patient, level, minutes)
            row = SafetyHold.objects.get(pk=standing.pk)
            with pytest.raises(Conflict):
                clear_hold(hold=row, seen=seen, now=hour, **records)
            clear_hold(hold=row, seen=hold_stand(row), now=hour, **records)
            after = selectors.active_hold(patient)
            assert (after and after.level) == left, later
            if after is not None:
                assert after.opened_at == NOW + timedelta(minutes=len(later))
                assert lift_incomplete_hold(patient=patient, by=patient.user, now=hour)

    def test_answering_lifts_only_what_stood_for_open_questions(self, patient) -> None:
        hold(patient, "incomplete")
        assert lift_incomplete_hold(patient=patient, by=patient.user, now=NOW)
        hold(patient, "moderate")
        assert not lift_incomplete_hold(patient=patient, by=patient.user, now=NOW)
        assert selectors.active_hold(patient).level == "moderate"

    def test_a_new_one_after_the_last_was_cleared(self, patient, prescriber) -> None:
        clear_hold(hold=hold(patient, "high"), contact_note="x", safety_plan=PLAN, by=prescriber.user, now=NOW)
        hold(patient, "high")
        assert SafetyHold.objects.count() == 2


class TestFollowUps:
    def test_the_same_key_is_one(self, patient) -> None:
        assert follow_up(patient).pk == follow_up(patient).pk

    def test_it_appears_when_it_is_due(self, patient) -> None:
        follow_up(patient, due_at=NOW + timedelta(hours=48))
        assert not work_selectors.follow_ups_due(NOW + timedelta(hours=47)).exists()
        assert work_selectors.follow_ups_due(NOW + timedelta(hours=48)).count() == 1

    def test_one_colleague_has_it(self, patient, coordinator) -> None:
        row = follow_up(patient)
        for _click in range(2):
            claim_follow_up(follow_up=row, by=coordinator, now=NOW)
        assert FollowUp.objects.get().steps.count() == 1
        with pytest.raises(Conflict):
            claim_follow_up(follow_up=row, by=cast.make_user("dana@example.com", Role.COORDINATOR), now=NOW)

    def test_closing_needs_a_note_and_is_done_once(self, patient, coordinator) -> None:
        row = follow_up(patient)
        with pytest.raises(RuleViolation):
            close_follow_up(follow_up=row, by=coordinator, now=NOW, note=" ")
        assert close_follow_up(follow_up=row, by=coordinator, now=NOW, note="Called, all well.") == 1
        with pytest.raises(Conflict):
            close_follow_up(follow_up=row, by=coordinator, now=NOW, note="again")

    @pytest.mark.django_db(transaction=True)
    def test_what_writes_the_trail_first_and_a_colleague_by_hand_wait_in_one_order(
        self, patient, coordinator, prescriber
    ) -> None:
        """Whatever closes tasks or holds by itself wrote the trail first: in two orders one would be rolled back."""
        row, holding = follow_up(patient), Event()
        close_by_itself = lingering(close_follow_up, holding)

        @transaction.atomic
        def end() -> int:
            record(actor=SYSTEM, action="discharge.made", now=NOW, patient=patient)
            return close_by_itself(about=row.about, by=SYSTEM, now=NOW)

        def by_hand() -> int:
            assert holding.wait(PATIENCE)
            return close_follow_up(follow_up=row, by=coordinator, now=NOW, note="Called.")

        closed, refusal = at_once(end, by_hand)
        assert (closed, type(refusal)) == (1, Conflict)
        # I3: new answers hold again while a clinician clears the hold; neither is lost.
        standing, holding = hold(patient, "high"), Event()
        hold_again = lingering(hold, holding)

        @transaction.atomic
        def answer() -> SafetyHold:
            record(actor=SYSTEM, action="submission.sent", now=NOW, patient=patient)
            return hold_again(patient, "high", 1)

        def clear() -> SafetyHold:
            assert holding.wait(PATIENCE)
            return clear_hold(
                hold=standing,
                seen=hold_stand(standing),
                contact_note="x",
                safety_plan=PLAN,
                by=prescriber.user,
                now=NOW,
            )

        held, refusal = at_once(answer, clear)
        assert (held.pk, type(refusal)) == (standing.pk, Conflict)
        # A review that was written first ends the hold of the case beside a second click.
        open_case_hold(patient=patient, about="x:1", by=SYSTEM, now=NOW)
        holding, said = Event(), {"patient": patient, "by": prescriber.user, "now": NOW}
        end_by_itself = lingering(end_case_hold, holding)

        @transaction.atomic
        def approve() -> bool:
            record(actor=SYSTEM, action="review.approved", now=NOW, patient=patient)
            return end_by_itself(**said)

        def second_click() -> bool:
            assert holding.wait(PATIENCE)
            return end_case_hold(**said)

        assert at_once(approve, second_click) == [True, False]

    def test_it_closes_itself_when_the_patient_answers(self, patient) -> None:
        follow_up(patient), follow_up(patient, key="other", about="checkin:2")
        assert close_follow_up(about="checkin:1", by=patient.user, now=NOW) == 1
        assert FollowUp.objects.exclude(state=FollowUpState.CLOSED).count() == 1

    def test_a_clinician_does_not_work_the_list(self, patient, prescriber) -> None:
        with pytest.raises(PermissionDenied):
            close_follow_up(follow_up=follow_up(patient), by=prescriber.user, now=NOW, note="x")

    def test_the_trail_has_it_without_the_words(self, patient, coordinator) -> None:
        close_follow_up(follow_up=follow_up(patient), by=coordinator, now=NOW, note="Secret words.")
        events = AuditEvent.objects.filter(patient=patient.pk)
        assert {"follow_up.opened", "follow_up.closed"} <= set(events.values_list("action", flat=True))
        assert "Secret" not in str(list(events.values_list("payload", flat=True)))


class TestSweep:
    def lost(self, user, state: str, urgency: Urgency = Urgency.CONVENIENCE, **changes) -> Notification:
        row = schedule(
            template="check_in_due", recipient=user, channel="email", due_at=NOW, dedupe_key=f"{state}{urgency}",
            about="checkin:1", variables={"link": "/"}, urgency=urgency, now=NOW,
        )  # fmt: skip
        Notification.objects.filter(pk=row.pk).update(state=state, unknown_since=clock.wall(), **changes)
        return row

    def test_a_failed_message_puts_the_patient_on_the_worklist_once(self, patient) -> None:
        self.lost(patient.user, State.FAILED)
        sweep(now=NOW)
        sweep(now=NOW)
        assert [row.kind for row in FollowUp.objects.all()] == [FollowUpKind.MESSAGE_NOT_DELIVERED]
        assert not Alert.objects.exists()

    def test_a_message_of_unknown_fate_only_after_the_provider_was_asked(self, patient) -> None:
        row = self.lost(patient.user, State.UNKNOWN)
        sweep(now=NOW)
        assert not FollowUp.objects.exists()
        Notification.objects.filter(pk=row.pk).update(looked_up=True)
        sweep(now=NOW)
        assert FollowUp.objects.get().is_open
        Notification.objects.filter(pk=row.pk).update(state=State.SENT, sent_at=NOW, channel="sms")
        sweep(now=NOW)
        assert FollowUp.objects.get().is_open  # a text that went out may still be lost on its way
        Notification.objects.filter(pk=row.pk).update(state=State.DELIVERED)
        sweep(now=NOW)
        assert not FollowUp.objects.get().is_open

    def test_a_safety_message_that_failed_raises_an_alert(self, patient) -> None:
        self.lost(patient.user, State.FAILED, Urgency.SAFETY)
        sweep(now=NOW)
        assert Alert.objects.get().kind == "delivery_failed"

    def test_a_colleagues_lost_message_is_no_patients_follow_up(self, prescriber) -> None:
        self.lost(prescriber.user, State.FAILED, Urgency.SAFETY)
        sweep(now=NOW)
        assert not FollowUp.objects.exists()

    def test_a_patients_text_is_for_the_coordinators(self, patient) -> None:
        InboundText.objects.create(
            provider_sid="SM1",
            sender="+15550100123",
            body="I want to die",
            meaning="other",
            received_at=NOW,
            user=patient.user,
        )
        watch.look(now=NOW)  # the worker is dead
        sweep(now=NOW)
        row = FollowUp.objects.get()
        assert row.kind == FollowUpKind.TEXT_RECEIVED
        assert work_selectors.text_behind(row).body == "I want to die"
        assert presenting.words_of(Alert.objects.get(kind="crisis_words")) == ["I want to die"]  # I3
