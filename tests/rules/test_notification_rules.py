"""What may be sent when: quiet hours across zones and clock changes, backoff, what a reply means, segments."""

import unittest
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from harmoniously.core.notifications import rules
from harmoniously.core.notifications.rules import Decision, Reply, Sendable, Verdict

NEW_YORK = "America/New_York"
LOS_ANGELES = "America/Los_Angeles"
HONOLULU = "Pacific/Honolulu"


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


class TextLetters(unittest.TestCase):
    def test_only_accents_that_would_cost_a_part_are_left_out(self) -> None:
        given = "Sábado: ¿mañana, miércoles o tú? Á Í Ó Ú á í ó ú ü ñ Ñ é – 你 [x]€"
        told = "Sabado: ¿mañana, miércoles o tu? A I O U a i o u ü ñ Ñ é – 你 [x]€"
        self.assertEqual(rules.text_letters(given), told)

    def test_a_word_of_one_language_is_known(self) -> None:
        for text, spanish in (
            ("ALTO", True),
            ("Parar, por favor", True),
            ("ayuda", True),
            ("sí", True),
            ("stop", False),
            ("stop alto", False),
            ("ayuda, estoy triste", False),
            ("", False),
        ):
            with self.subTest(text=text):
                self.assertEqual(rules.is_spanish(text), spanish)


class QuietHours(unittest.TestCase):
    def test_the_edges_of_the_day(self) -> None:
        for hour, minute, quiet in ((7, 59, True), (8, 0, False), (20, 59, False), (21, 0, True), (0, 0, True)):
            with self.subTest(hour=hour, minute=minute):
                self.assertEqual(rules.in_quiet_hours(local(NEW_YORK, 2026, 3, 3, hour, minute), NEW_YORK), quiet)

    def test_a_text_due_at_night_waits_for_eight_in_the_readers_morning(self) -> None:
        at = local(NEW_YORK, 2026, 3, 3, 23, 30)
        self.assertEqual(rules.quiet_until(at, [NEW_YORK]), local(NEW_YORK, 2026, 3, 4, 8))

    def test_a_text_due_before_dawn_waits_for_the_same_morning(self) -> None:
        at = local(NEW_YORK, 2026, 3, 3, 5, 0)
        self.assertEqual(rules.quiet_until(at, [NEW_YORK]), local(NEW_YORK, 2026, 3, 3, 8))

    def test_by_day_nothing_waits(self) -> None:
        self.assertIsNone(rules.quiet_until(local(NEW_YORK, 2026, 3, 3, 12), [NEW_YORK]))

    def test_two_zones_allow_only_what_both_allow(self) -> None:
        at = local(NEW_YORK, 2026, 3, 3, 8, 30)
        self.assertEqual(rules.quiet_until(at, [NEW_YORK, LOS_ANGELES]), local(LOS_ANGELES, 2026, 3, 3, 8))

    def test_at_night_in_the_east_the_west_waits_too(self) -> None:
        at = local(LOS_ANGELES, 2026, 3, 3, 20, 0)
        self.assertEqual(rules.quiet_until(at, [LOS_ANGELES, NEW_YORK]), local(LOS_ANGELES, 2026, 3, 4, 8))

    def test_zones_without_a_common_hour_fall_back_to_the_first(self) -> None:
        at = local("Asia/Tokyo", 2026, 3, 3, 23)
        self.assertEqual(rules.quiet_until(at, ["Asia/Tokyo", "America/Sao_Paulo"]), local("Asia/Tokyo", 2026, 3, 4, 8))

    def test_the_night_the_clocks_change_still_ends_at_eight(self) -> None:
        for night, morning in (((2026, 3, 7, 23), (2026, 3, 8, 8)), ((2026, 10, 31, 23), (2026, 11, 1, 8))):
            with self.subTest(night=night):
                self.assertEqual(rules.quiet_until(local(NEW_YORK, *night), [NEW_YORK]), local(NEW_YORK, *morning))


def message(**changes: object) -> Sendable:
    known = {
        "ready_at": local(NEW_YORK, 2026, 3, 3, 12),
        "not_after": None,
        "is_text": True,
        "is_safety": False,
        "has_address": True,
        "opted_out": False,
        "consented": True,
        "zones": (NEW_YORK,),
    }
    return Sendable(**{**known, **changes})


class Deciding(unittest.TestCase):
    noon = local(NEW_YORK, 2026, 3, 3, 12)
    night = local(NEW_YORK, 2026, 3, 3, 23)

    def test_by_day_it_is_sent(self) -> None:
        self.assertEqual(rules.decide(message(), self.noon).verdict, Verdict.SEND)

    def test_exactly_at_not_after_it_is_sent_and_a_second_later_not(self) -> None:
        late = message(not_after=self.noon)
        self.assertEqual(rules.decide(late, self.noon).verdict, Verdict.SEND)
        self.assertEqual(rules.decide(late, self.noon + timedelta(seconds=1)).verdict, Verdict.EXPIRE)

    def test_a_night_text_is_deferred(self) -> None:
        self.assertEqual(
            rules.decide(message(), self.night),
            Decision(Verdict.DEFER, "quiet_hours", local(NEW_YORK, 2026, 3, 4, 8)),
        )

    def test_a_night_text_that_would_be_late_in_the_morning_expires(self) -> None:
        late = message(not_after=local(NEW_YORK, 2026, 3, 4, 7))
        self.assertEqual(rules.decide(late, self.night).verdict, Verdict.EXPIRE)

    def test_a_safety_text_goes_at_night(self) -> None:
        self.assertEqual(rules.decide(message(is_safety=True), self.night).verdict, Verdict.SEND)

    def test_an_email_goes_at_night(self) -> None:
        self.assertEqual(rules.decide(message(is_text=False), self.night).verdict, Verdict.SEND)

    def test_stopped_numbers_get_nothing_not_even_safety_texts(self) -> None:
        for safety in (True, False):
            self.assertEqual(
                rules.decide(message(opted_out=True, is_safety=safety), self.noon),
                Decision(Verdict.CANCEL, "opted_out"),
            )

    def test_without_consent_no_text(self) -> None:
        self.assertEqual(rules.decide(message(consented=False), self.noon), Decision(Verdict.CANCEL, "no_consent"))

    def test_without_an_address_a_person_must_look(self) -> None:
        self.assertEqual(rules.decide(message(has_address=False), self.noon), Decision(Verdict.FAIL, "no_address"))


class Backoff(unittest.TestCase):
    def test_it_doubles_to_an_hour(self) -> None:
        waits = [rules.backoff_seconds(attempt, jitter=0.5) for attempt in (1, 2, 3, 7, 8, 30)]
        self.assertEqual(waits, [30, 60, 120, 1920, 3600, 3600])

    def test_jitter_spreads_it_by_half(self) -> None:
        self.assertEqual([rules.backoff_seconds(1, jitter=dice) for dice in (0.0, 1.0)], [15, 45])

    def test_the_provider_may_ask_for_more(self) -> None:
        self.assertEqual(rules.backoff_seconds(1, jitter=0.5, retry_after=400), 400)

    def test_safety_never_waits_long(self) -> None:
        self.assertEqual(rules.backoff_seconds(9, jitter=0.5, safety=True), 60)


class Replies(unittest.TestCase):
    def test_every_way_to_say_stop(self) -> None:
        for words in (
            "STOP", "stop", "Stop.", " stop!! ", "stop please", "Please stop", "STOP ALL", "stopall", "END", "quit",
            "revoke", "opt out", "opt-out", "OPTOUT", "cancel", "Unsubscribe", "PARAR", "alto", "stop texting me",
        ):  # fmt: skip
            with self.subTest(words=words):
                self.assertEqual(rules.read_reply(words), Reply.STOP)

    def test_start_and_help(self) -> None:
        for words, meaning in (("START", Reply.START), ("unstop", Reply.START), ("opt in", Reply.START),
                               ("help", Reply.HELP), ("INFO", Reply.HELP), ("Help!", Reply.HELP)):  # fmt: skip
            with self.subTest(words=words):
                self.assertEqual(rules.read_reply(words), meaning)

    def test_a_sentence_is_for_a_person(self) -> None:
        for words in (
            "I could not stop crying",
            "",
            "👍",
            "Can I cancel my visit on Monday?",
            "I need help with my visit",
        ):
            with self.subTest(words=words):
                self.assertEqual(rules.read_reply(words), Reply.OTHER)


class Segments(unittest.TestCase):
    def test_plain_letters_and_their_extensions(self) -> None:
        for text, parts in (
            ("a" * 160, 1),
            ("a" * 161, 2),
            ("a" * 306, 2),
            ("a" * 307, 3),
            ("€" * 80, 1),
            ("€" * 81, 2),
        ):
            with self.subTest(length=len(text)):
                self.assertEqual(rules.sms_segments(text), parts)

    def test_one_foreign_letter_makes_it_short(self) -> None:
        for text, parts in (("ñ" * 160, 1), ("á" + "a" * 69, 1), ("á" + "a" * 70, 2), ("👍" * 35, 1), ("👍" * 36, 2)):
            with self.subTest(length=len(text)):
                self.assertEqual(rules.sms_segments(text), parts)


class Reports(unittest.TestCase):
    def test_only_forwards(self) -> None:
        self.assertTrue(rules.report_moves("", "queued"))
        self.assertTrue(rules.report_moves("sent", "delivered"))
        self.assertFalse(rules.report_moves("delivered", "sent"))
        self.assertFalse(rules.report_moves("sent", "sent"))
        self.assertFalse(rules.report_moves("failed", "undelivered"))
        self.assertFalse(rules.report_moves("sent", "read"))
