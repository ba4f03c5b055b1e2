"""What agreements are worth (SEC-15, ASVS 2.3.1), and that the texts say what they must (policy section 10)."""

import re
import unittest
from datetime import UTC, date, datetime

from harmoniously.core.documents.consents import texts
from harmoniously.core.documents.consents.rules import (
    Act,
    Activity,
    Event,
    Reading,
    State,
    missing,
    plain_name,
    reading,
    stopped,
)

AT = datetime(2026, 11, 4, 17, 0, tzinfo=UTC)
NEW, OLD = "new", "old"
TODAY = date(2026, 11, 4)


def told(*acts: tuple[Act, str]) -> Reading:
    return reading((Event("treatment", act, sha256, AT) for act, sha256 in acts), NEW)


class WhatStands(unittest.TestCase):
    def test_sec15_the_acts_of_one_kind_come_to_one_state(self) -> None:
        read, signed, back = Act.READ, Act.SIGNED, Act.WITHDRAWN
        for acts, expected in (
            ((), Reading(State.NEVER, read=False)),
            (((read, NEW),), Reading(State.NEVER, read=True)),
            (((read, OLD),), Reading(State.NEVER, read=False)),
            (((read, NEW), (signed, NEW)), Reading(State.CURRENT, read=False)),
            (((signed, OLD),), Reading(State.OUTDATED, read=False)),
            (((signed, OLD), (read, NEW)), Reading(State.OUTDATED, read=True)),
            (((signed, OLD), (signed, NEW)), Reading(State.CURRENT, read=False)),
            (((signed, NEW), (back, NEW)), Reading(State.WITHDRAWN, read=False)),
            # What was read before it was taken back is read again.
            (((read, NEW), (signed, NEW), (back, NEW), (read, NEW)), Reading(State.WITHDRAWN, read=True)),
            (((signed, NEW), (back, NEW), (signed, NEW)), Reading(State.CURRENT, read=False)),
        ):
            with self.subTest(acts=acts):
                self.assertEqual(told(*acts), expected)

    def test_asvs231_what_each_missing_agreement_stops(self) -> None:
        everything = set(Activity)
        care = everything - {Activity.BOOKING}
        for kind, expected in (
            ("treatment", care),
            ("telehealth", everything),
            ("privacy", everything),
            ("payment", {Activity.HAND_IN, Activity.CHECKOUT}),
        ):
            for state in (State.NEVER, State.OUTDATED, State.WITHDRAWN):
                with self.subTest(kind=kind, state=state):
                    states = dict.fromkeys(texts.KINDS, State.CURRENT) | {kind: state}
                    self.assertEqual(set(stopped(states)), expected)
                    self.assertEqual(missing(states, Activity.HAND_IN), (kind,))
        self.assertEqual(stopped(dict.fromkeys(texts.KINDS, State.CURRENT)), ())
        self.assertEqual(set(stopped({})), everything)

    def test_a_name_is_compared_without_case_and_spacing(self) -> None:
        self.assertEqual(plain_name("  Robin   EXAMPLE "), plain_name("robin example"))
        self.assertNotEqual(plain_name("Robin Example"), plain_name("Robin Exampel"))


class TheTexts(unittest.TestCase):
    def test_each_kind_has_a_summary_and_a_whole_text(self) -> None:
        for kind, text in texts.all_current(TODAY).items():
            with self.subTest(kind=kind):
                self.assertTrue(3 <= len(text.summary) <= 8)
                self.assertGreater(len(text.body), 5)
                self.assertRegex(text.sha256, r"^[0-9a-f]{64}$")
                self.assertTrue(text.changes)

    def test_policy10_they_name_the_fda_warning_and_never_promise(self) -> None:
        treatment = texts.current("treatment", TODAY).text
        for words in ("off-label", "10 October 2023", "has not approved", "compounded", "988", "911", "140 over 90"):
            self.assertIn(words, treatment)
        for kind, text in texts.all_current(TODAY).items():
            with self.subTest(kind=kind):
                self.assertIsNone(re.search(r"FDA[- ]approved|proven safe|guarantee|cure", text.text, re.I))

    def test_a_version_holds_from_its_day_and_leaves_the_older_one_readable(self) -> None:
        self.assertEqual(texts.current("treatment", date(2026, 1, 31)).version, "2026.1")
        self.assertEqual(texts.current("treatment", date(2026, 2, 1)).version, "2026.2")
        self.assertEqual(texts.current("treatment", date(2020, 1, 1)).version, "2026.1")
        self.assertEqual(texts.load("treatment", "2026.1").summary, ())
        self.assertRaises(KeyError, texts.current, "nothing", TODAY)

    def test_five_questions_each_with_one_right_answer_and_an_explanation(self) -> None:
        asked = texts.questions("2026.2")
        self.assertEqual(len(asked), 5)
        self.assertEqual(len({question.key for question in asked}), 5)
        self.assertGreater(len({question.right for question in asked}), 1)
        for question in asked:
            self.assertTrue(1 <= question.right <= len(question.options) == 3)
            self.assertGreater(len(question.explain), 60)
        said = " ".join(question.prompt + question.explain for question in asked)
        for words in ("driv", "adult", "not approved", "988", "911", "blood pressure", "stop at any time"):
            self.assertIn(words, said.lower() if words.islower() else said)
        self.assertEqual(texts.questions("2026.1"), ())
