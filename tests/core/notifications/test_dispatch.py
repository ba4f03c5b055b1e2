"""The dispatcher: once, in time, never against the reader's wish, and honest about what it cannot know."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils.translation import get_language

from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.notifications import dispatch, opt_outs
from harmoniously.core.notifications.channels import Outcome, Result
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.models import Notification, OptOut, State, Urgency
from harmoniously.core.notifications.services import cancel_about
from tests.core.notifications.conftest import NOW, at, state_of

pytestmark = pytest.mark.django_db


def test_a_due_text_goes_out_once(put, carrier) -> None:
    row = put()
    tick(now=NOW)
    tick(now=at(1))
    assert [message.id for message in carrier.sent] == [row.pk]
    assert state_of(row) == State.SENT
    assert row.provider_sid == f"SM{row.pk.hex}"


def test_it_says_the_time_in_the_readers_own_zone(put, carrier) -> None:
    put()
    tick(now=NOW)
    assert "9:00 am Pacific (PST)" in carrier.sent[0].words.sms


def test_everybody_is_written_to_in_their_own_language(put, carrier, reader, other_patient) -> None:
    """UX-23: whoever the worker wrote to before, and whatever thread sends it."""
    type(reader.user).objects.filter(pk=reader.user_id).update(language="es")
    put()
    put(template="sitter_invitation", address="(555) 010-0177")
    for person in (reader.user, other_patient.user):
        put(channel="email", recipient=person)
    tick(now=NOW)
    reminder, invitation = sorted(
        (message.words.sms for message in carrier.sent), key=lambda text: "recordamos" not in text
    )
    assert "le recordamos su consulta del jueves 5 de noviembre, 9:00 a. m. hora del Pacifico" in reminder
    assert "alguien le pide su compañia" in invitation, "whom the patient invited: nothing else is known of them"
    spanish, english = sorted(mail.outbox, key=lambda one: one.to != [reader.user.email])
    assert (spanish.subject, english.subject) == (
        "Harmoniously: Un recordatorio de su consulta", "Harmoniously: A reminder of your visit",
    )  # fmt: skip
    for letter, language, emergency in ((spanish, "es", "En una emergencia"), (english, "en", "In an emergency")):
        page = str(letter.alternatives[0][0])
        assert f'<html lang="{language}">' in page and emergency in page and emergency in letter.body
    assert get_language() == "en-us"


def test_a_due_email_goes_out_once(put) -> None:
    row = put(channel="email")
    tick(now=NOW)
    tick(now=NOW)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["patient@example.com"]
    assert str(row.pk) in mail.outbox[0].extra_headers["Message-ID"]
    assert state_of(row) == State.SENT


def test_nothing_goes_before_it_is_due(put, carrier) -> None:
    row = put(due_at=NOW + timedelta(seconds=30))
    tick(now=NOW)
    assert carrier.sent == []
    assert state_of(row) == State.PENDING


def test_nothing_goes_after_not_after(put, carrier) -> None:
    row = put(not_after=NOW + timedelta(minutes=5))
    tick(now=NOW + timedelta(minutes=6))
    assert carrier.sent == []
    assert state_of(row) == State.EXPIRED


def test_the_validity_at_the_carrier_ends_with_not_after(put, carrier) -> None:
    put(not_after=NOW + timedelta(minutes=5))
    tick(now=NOW)
    assert 295 <= carrier.sent[0].valid_seconds <= 300


def test_nothing_goes_after_it_was_cancelled(put, carrier) -> None:
    put()
    cancel_about(about="appointment:1", now=NOW)
    tick(now=NOW)
    assert carrier.sent == []


def test_a_night_text_waits_for_the_morning_and_keeps_its_promise(put, carrier) -> None:
    row = put(due_at=at(13), not_after=at(30))  # ten at night in Los Angeles
    tick(now=at(13))
    assert carrier.sent == []
    assert state_of(row) == State.PENDING
    assert (row.ready_at, row.due_at, row.not_after) == (at(23), at(13), at(30))
    tick(now=at(23))
    assert state_of(row) == State.SENT


def test_a_safety_text_goes_at_night(put, carrier) -> None:
    put(due_at=at(13), urgency=Urgency.SAFETY)
    tick(now=at(13))
    assert len(carrier.sent) == 1


def test_a_stopped_number_gets_nothing(put, carrier, reader) -> None:
    opt_outs.opt_out(number="+15550100123", source="phone", by=SYSTEM, now=NOW)
    row = put()
    tick(now=NOW)
    assert carrier.sent == []
    assert (state_of(row), row.reason) == (State.CANCELLED, "opted_out")


def test_stopping_between_the_claim_and_the_call_is_heard(put, carrier) -> None:
    first, second = put(), put()

    def stop(_message) -> None:
        opt_outs.opt_out(number="+15550100123", source="text", by=SYSTEM, now=NOW)

    carrier.while_sending = staticmethod(stop)
    tick(now=NOW)
    assert len(carrier.sent) == 1
    assert sorted([state_of(first), state_of(second)]) == [State.CANCELLED, State.SENT]


def test_cancelling_between_the_claim_and_the_call_is_heard(put, carrier) -> None:
    put(due_at=at(-1)), put(about="appointment:2")
    carrier.while_sending = staticmethod(lambda _message: cancel_about(about="appointment:2", now=NOW))
    tick(now=NOW)
    assert len(carrier.sent) == 1


def test_without_consent_no_text(put, carrier, reader) -> None:
    reader.sms_consent_at = None
    reader.save(update_fields=["sms_consent_at"])
    row = put()
    tick(now=NOW)
    assert carrier.sent == []
    assert row.reason == "" and state_of(row) == State.CANCELLED and row.reason == "no_consent"


def test_a_number_that_is_none_fails_for_a_person_to_see(put, carrier, reader) -> None:
    reader.phone = "12"
    reader.save(update_fields=["phone"])
    row = put()
    tick(now=NOW)
    assert (state_of(row), row.reason) == (State.FAILED, "no_address")


def test_somebody_without_an_account_is_reached_at_the_given_address(put, carrier, reader) -> None:
    reader.sms_consent_at = None
    reader.save(update_fields=["sms_consent_at"])
    put(template="sitter_invitation", address="(555) 010-0177")
    tick(now=NOW)
    assert carrier.sent[0].to == "+15550100177"


def test_a_provider_that_is_busy_is_asked_again_later(put, carrier) -> None:
    row = put()
    carrier.script.append(Outcome(Result.RETRY, code="429", retry_after=400))
    tick(now=NOW)
    assert state_of(row) == State.PENDING
    assert row.retry_at is not None and row.retry_at - clock.wall() > timedelta(seconds=390)
    tick(now=NOW)
    assert len(carrier.sent) == 1
    Notification.objects.update(retry_at=clock.wall() - timedelta(seconds=1))
    tick(now=NOW)
    assert state_of(row) == State.SENT


def test_a_retry_never_goes_past_not_after(put, carrier) -> None:
    row = put(not_after=at(1))
    carrier.script.append(Outcome(Result.RETRY, code="500"))
    tick(now=NOW)
    Notification.objects.update(retry_at=clock.wall() - timedelta(seconds=1))
    tick(now=at(2))
    assert state_of(row) == State.EXPIRED


def test_after_enough_attempts_it_failed(put, carrier) -> None:
    row = put()
    Notification.objects.update(attempts=7)
    carrier.script.append(Outcome(Result.RETRY, code="500"))
    tick(now=NOW)
    assert (state_of(row), row.attempts) == (State.FAILED, 8)


def test_a_refused_message_failed(put, carrier) -> None:
    row = put()
    carrier.script.append(Outcome(Result.REFUSED, code="21211"))
    tick(now=NOW)
    assert (state_of(row), row.reason) == (State.FAILED, "21211")


def test_opted_out_at_the_carrier_is_an_opt_out_and_no_error(put, carrier) -> None:
    row = put()
    carrier.script.append(Outcome(Result.OPTED_OUT, code="21610"))
    tick(now=NOW)
    assert state_of(row) == State.CANCELLED
    assert OptOut.objects.filter(until__isnull=True).count() == 1


def test_a_dead_provider_is_left_alone_until_the_next_tick(put, carrier) -> None:
    rows = [put() for _ in range(20)]
    carrier.script.extend([Outcome(Result.RETRY, code="500")] * 20)
    tally = tick(now=NOW)
    assert len(carrier.sent) == dispatch.CIRCUIT_OPENS_AFTER
    assert tally["circuit_opened"] == 1
    assert sum(state_of(row) == State.PENDING and row.attempts == 0 for row in rows) == 15


def test_a_dead_text_provider_does_not_hold_up_the_mail(put, carrier) -> None:
    for _ in range(10):
        put()
    put(channel="email")
    carrier.script.extend([Outcome(Result.RETRY, code="500")] * 10)
    tick(now=NOW)
    assert len(mail.outbox) == 1


def test_a_broken_row_is_parked_and_the_others_flow(put, carrier) -> None:
    bad, good = put(), put()
    Notification.objects.filter(pk=bad.pk).update(template="gone_since_the_last_release")
    tick(now=NOW)
    assert (state_of(good), state_of(bad)) == (State.SENT, State.PENDING)
    assert bad.reason == "poison:ValueError"
    assert bad.retry_at is not None and bad.retry_at > clock.wall() + timedelta(minutes=50)


def test_a_row_whose_words_do_not_open_is_parked_and_the_others_flow(put, carrier) -> None:
    bad, good = put(), put()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_notification SET variables = "
            "(SELECT variables FROM notifications_notification WHERE id = %s) WHERE id = %s",
            [good.pk, bad.pk],
        )
    tick(now=NOW)
    assert state_of(good) == State.SENT
    found = Notification.objects.filter(pk=bad.pk).values_list("state", "reason").get()
    assert found == (State.PENDING, "poison:DecryptionError")


def test_safety_goes_first(put, carrier) -> None:
    put(due_at=at(-2))
    safety = put(urgency=Urgency.SAFETY)
    tick(now=NOW)
    assert carrier.sent[0].id == safety.pk


class TestInterrupted:
    """What becomes of rows whose process died."""

    def dead(self, row: Notification, state: str, minutes_ago: float = 2) -> None:
        past = clock.wall() - timedelta(minutes=minutes_ago)
        Notification.objects.filter(pk=row.pk).update(
            state=state, claim=row.pk, lease_until=past, called_at=past if state == State.CALLING else None, attempts=1
        )

    def wait(self) -> None:
        Notification.objects.filter(state=State.UNKNOWN).update(unknown_since=clock.wall() - timedelta(minutes=3))

    def test_claimed_rows_are_sent_by_the_next(self, put, carrier) -> None:
        row = put()
        self.dead(row, State.CLAIMED)
        tick(now=NOW)
        assert state_of(row) == State.SENT

    def test_a_lease_that_still_runs_is_respected(self, put, carrier) -> None:
        row = put()
        self.dead(row, State.CLAIMED, minutes_ago=-1)
        tick(now=NOW)
        assert carrier.sent == []
        assert state_of(row) == State.CLAIMED

    def test_moving_the_demo_clock_by_a_day_breaks_no_lease(self, put, carrier) -> None:
        row = put()
        self.dead(row, State.CALLING, minutes_ago=-1)
        tick(now=at(24))
        assert carrier.sent == []
        assert state_of(row) == State.CALLING

    def test_a_called_convenience_message_is_never_sent_again(self, put, carrier) -> None:
        row = put()
        self.dead(row, State.CALLING)
        tick(now=NOW)
        assert state_of(row) == State.UNKNOWN
        self.wait()
        tick(now=NOW)
        tick(now=at(24))
        assert carrier.sent == []
        assert (state_of(row), row.looked_up) == (State.UNKNOWN, True)

    def test_the_provider_knows_it_went(self, put, carrier) -> None:
        row = put()
        self.dead(row, State.CALLING)
        carrier.known[str(row.pk)] = "SM1"
        tick(now=NOW)
        self.wait()
        tick(now=NOW)
        assert (state_of(row), row.provider_sid) == (State.SENT, "SM1")
        assert carrier.sent == []

    def test_a_called_safety_message_goes_again(self, put, carrier) -> None:
        row = put(urgency=Urgency.SAFETY)
        self.dead(row, State.CALLING)
        tick(now=NOW)
        self.wait()
        tick(now=NOW)
        assert state_of(row) == State.SENT
        assert len(carrier.sent) == 1

    def test_an_answer_that_never_came_is_unknown(self, put, carrier) -> None:
        row = put()
        carrier.script.append(Outcome(Result.UNCLEAR, code="ReadTimeout"))
        tick(now=NOW)
        assert (state_of(row), row.reason) == (State.UNKNOWN, "ReadTimeout")
        self.wait()
        tick(now=at(1))
        assert len(carrier.sent) == 1

    def test_a_slow_process_that_lost_its_lease_does_not_send(self, put, carrier) -> None:
        first, second = put(), put()

        def taken_over(_message) -> None:
            rest = Notification.objects.filter(state=State.CLAIMED)
            rest.update(claim=first.pk)  # another dispatcher's token

        carrier.while_sending = staticmethod(taken_over)
        tick(now=NOW)
        assert len(carrier.sent) == 1
        assert sorted([state_of(first), state_of(second)]) == [State.CLAIMED, State.SENT]


def test_asked_to_stop_it_gives_back_what_it_did_not_begin(put, carrier) -> None:
    rows = [put() for _ in range(5)]
    tick(now=NOW, stop=lambda: len(carrier.sent) >= 2)
    assert len(carrier.sent) == 2
    assert sum(state_of(row) == State.PENDING for row in rows) == 3


def test_more_than_a_batch_is_never_held(put, carrier, monkeypatch) -> None:
    monkeypatch.setattr(dispatch, "BATCH", 4)
    rows = [put() for _ in range(10)]
    held = []
    carrier.while_sending = staticmethod(
        lambda _message: held.append(Notification.objects.filter(state__in=["claimed", "calling"]).count())
    )
    tick(now=NOW)
    assert max(held) <= 4
    assert all(state_of(row) == State.SENT for row in rows)


def test_a_provider_that_cannot_be_asked_leaves_the_question_open(put, carrier, monkeypatch) -> None:
    row = put()
    long_ago = clock.wall() - timedelta(minutes=5)
    Notification.objects.filter(pk=row.pk).update(state=State.UNKNOWN, unknown_since=long_ago, attempts=1)
    monkeypatch.setattr(carrier, "find", lambda *_args, **_kwargs: Outcome(Result.RETRY, code="away"))
    tick(now=NOW)
    assert (state_of(row), row.looked_up) == (State.UNKNOWN, False)
