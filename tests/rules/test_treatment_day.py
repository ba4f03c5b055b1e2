"""The day of a session and the day after: gate, alerts, release, check-in, each number at its edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.rules.tables import each
from treatment import policy
from treatment.rules import checkin, readiness, rhythm, safety
from treatment.rules.readiness import GateFacts, GateVerdict, Reading
from treatment.rules.rhythm import Kind
from treatment.rules.safety import Measured, ReleaseAnswers, SessionFacts

POLICY = policy.load()
NOW = datetime(2026, 11, 4, 18, 0, tzinfo=UTC)


def pair(systolic=120, diastolic=80, rate=70, at=NOW):
    return (Reading(at, systolic, diastolic, rate), Reading(at, systolic, diastolic, rate))


READY = GateFacts(
    licensed_there=True,
    sitter_confirmed=True,
    sitter_adult=True,
    sitter_reachable=True,
    address_confirmed=True,
    food_ok=True,
    liquids_ok=True,
    alcohol_or_cannabis=False,
    new_medicine=False,
    illness=False,
    pregnancy_possible=False,
    will_not_drive=True,
    risk="none",
    prescription_valid=True,
    consents_in_force=True,
    sessions_at_home=1,
    hours_since_last=None,
    seated=True,
    rounds=(pair(),),
)


def gate(**changes):
    found = readiness.assess_gate(replace(READY, **changes), POLICY)
    return found.verdict, [item.code for item in found.reasons]


def test_a_calm_day_is_released():
    assert gate() == (GateVerdict.RELEASED, [])


@each(
    ("changes", "verdict", "code"),
    [
        ({"sitter_confirmed": False}, GateVerdict.WAIT, "sitter_not_confirmed"),
        ({"sitter_adult": False}, GateVerdict.HELD, "sitter_not_adult"),
        ({"sitter_reachable": False}, GateVerdict.WAIT, "sitter_not_reachable"),
        ({"address_confirmed": False}, GateVerdict.WAIT, "address_not_confirmed"),
        ({"food_ok": False}, GateVerdict.WAIT, "fasting_not_met"),
        ({"liquids_ok": False}, GateVerdict.WAIT, "liquids_not_met"),
        ({"alcohol_or_cannabis": True}, GateVerdict.HELD, "alcohol_or_cannabis"),
        ({"new_medicine": True}, GateVerdict.HELD, "new_medicine"),
        ({"illness": True}, GateVerdict.HELD, "illness"),
        ({"pregnancy_possible": True}, GateVerdict.HELD, "pregnancy_possible"),
        ({"will_not_drive": False}, GateVerdict.WAIT, "driving_planned"),
        ({"seated": False}, GateVerdict.WAIT, "not_seated"),
        ({"risk": "high"}, GateVerdict.HELD, "risk_high"),
        ({"risk": "moderate"}, GateVerdict.HELD, "risk_moderate"),
        ({"risk": "incomplete"}, GateVerdict.HELD, "risk_incomplete"),
        ({"risk": "something else"}, GateVerdict.HELD, "risk_incomplete"),
        ({"risk": "low"}, GateVerdict.RELEASED, "risk_low"),
        ({"consents_in_force": False}, GateVerdict.WAIT, "consent_missing"),
        ({"prescription_valid": False}, GateVerdict.HELD, "prescription_not_valid"),
        ({"sessions_at_home": 0}, GateVerdict.HELD, "no_supply"),
        ({"safety_hold": True}, GateVerdict.HELD, "safety_hold"),
        ({"unreleased_session": True}, GateVerdict.HELD, "unreleased_session"),
        ({"hours_since_last": 71.99}, GateVerdict.WAIT, "interval_too_short"),
        ({"rounds": ()}, GateVerdict.WAIT, "bp_missing"),
        ({"rounds": (pair()[:1],)}, GateVerdict.WAIT, "bp_second_reading"),
    ],
)
def test_each_item_alone_keeps_the_dose_back_or_is_noted(changes, verdict, code):
    assert gate(**changes) == (verdict, [code])


@each(
    "name",
    [
        "sitter_adult",
        "sitter_confirmed",
        "sitter_reachable",
        "address_confirmed",
        "food_ok",
        "liquids_ok",
        "alcohol_or_cannabis",
        "new_medicine",
        "illness",
        "pregnancy_possible",
        "will_not_drive",
        "risk",
        "seated",
    ],
)
def test_an_unanswered_item_never_releases(name):
    assert gate(**{name: None})[0] is GateVerdict.WAIT


@each("hours", [72, 72.01, None])
def test_72_hours_are_enough(hours):
    assert gate(hours_since_last=hours)[0] is GateVerdict.RELEASED


@each(
    ("systolic", "diastolic", "verdict", "code"),
    [
        (139, 89, GateVerdict.RELEASED, None),
        (140, 90, GateVerdict.RELEASED, None),
        (141, 90, GateVerdict.WAIT, "bp_repeat"),
        (140, 91, GateVerdict.WAIT, "bp_repeat"),
        (159, 99, GateVerdict.WAIT, "bp_repeat"),
        (160, 80, GateVerdict.HELD, "bp_clinician"),
        (161, 80, GateVerdict.HELD, "bp_clinician"),
        (120, 100, GateVerdict.HELD, "bp_clinician"),
        (179, 119, GateVerdict.HELD, "bp_clinician"),
        (180, 80, GateVerdict.HELD, "bp_emergency"),
        (181, 80, GateVerdict.HELD, "bp_emergency"),
        (160, 120, GateVerdict.HELD, "bp_emergency"),
    ],
)
def test_blood_pressure_at_its_edges(systolic, diastolic, verdict, code):
    assert gate(rounds=(pair(systolic, diastolic),)) == (verdict, [code] if code else [])


@each(
    ("rate", "code"),
    [(49, "heart_rate_low"), (50, None), (51, None), (109, None), (110, None), (111, "heart_rate_high")],
)
def test_heart_rate_at_its_edges(rate, code):
    assert gate(rounds=(pair(rate=rate),))[1] == ([code] if code else [])


def test_one_high_reading_of_two_is_enough_to_repeat():
    mixed = (Reading(NOW, 150, 80, 70), Reading(NOW, 120, 80, 70))
    assert gate(rounds=(mixed,))[1] == ["bp_repeat"]


@each(
    ("rounds", "verdict", "code"),
    [
        (1, GateVerdict.WAIT, "bp_repeat"),
        (2, GateVerdict.WAIT, "bp_repeat"),
        (3, GateVerdict.HELD, "bp_still_high"),
        (4, GateVerdict.HELD, "bp_still_high"),
    ],
)
def test_it_is_repeated_at_most_twice(rounds, verdict, code):
    assert gate(rounds=(pair(145, 85),) * rounds) == (verdict, [code])


def test_a_repeat_that_passes_releases_and_an_urgent_reading_stays_urgent():
    assert gate(rounds=(pair(145, 85), pair()))[0] is GateVerdict.RELEASED
    assert gate(rounds=(pair(165, 85), pair()))[0] is GateVerdict.HELD


@each(
    ("minutes", "code"),
    [(9.99, "bp_repeat_early"), (10, None), (15, None), (15.01, "bp_repeat_late")],
)
def test_the_wait_before_a_repeat(minutes, code):
    found = readiness.check_repeat_time([pair(145, 85)], taken_at=NOW + timedelta(minutes=minutes), policy=POLICY)
    assert [item.code for item in found] == ([code] if code else [])


def session(minutes=0.0, checks=(), readings=(), released=None):
    return SessionFacts(
        started_at=NOW,
        baseline=Measured(NOW, 120, 80),
        readings=tuple(Measured(NOW + timedelta(minutes=at), top, low) for at, top, low in readings),
        sitter_checks=tuple(NOW + timedelta(minutes=at) for at in checks),
        released_at=released,
    )


def alerts(minutes, **changes):
    found = safety.session_alerts(session(**changes), now=NOW + timedelta(minutes=minutes), policy=POLICY)
    return [item.code for item in found]


@each(
    ("systolic", "diastolic", "expected"),
    [
        (159, 104, []),
        (160, 80, ["session_bp_rise"]),
        (161, 80, ["session_bp_rise"]),
        (120, 105, ["session_bp_rise"]),
        (179, 80, ["session_bp_rise"]),
        (180, 80, ["session_bp_high", "session_bp_rise"]),
        (120, 109, ["session_bp_rise"]),
        (120, 110, ["session_bp_high", "session_bp_rise"]),
    ],
)
def test_readings_that_alert(systolic, diastolic, expected):
    reading = Measured(NOW, systolic, diastolic)
    found = safety.reading_alerts(reading, Measured(NOW, 120, 80), POLICY)
    assert [item.code for item in found] == expected


@each(
    ("minutes", "checks", "expected"),
    [
        (15, (), []),
        (20, (), []),
        (20.01, (), ["sitter_check_missed"]),
        (35, (15,), []),
        (35.01, (15,), ["sitter_check_missed"]),
    ],
)
def test_a_missed_sitter_check_alerts(minutes, checks, expected):
    assert alerts(minutes, checks=checks) == expected


@each(("minutes", "expected"), [(239.99, []), (240, ["no_release"]), (241, ["no_release"])])
def test_no_release_by_240_minutes_alerts(minutes, expected):
    assert alerts(minutes, checks=(230,)) == expected


def test_a_released_session_is_quiet():
    assert alerts(300, released=NOW + timedelta(minutes=130)) == []


def release(minutes, systolic=120, oriented=True, walking=True, measured=None):
    facts = session(readings=((minutes if measured is None else measured, systolic, 80),))
    found = safety.release_conditions(
        facts, ReleaseAnswers(oriented, walking), now=NOW + timedelta(minutes=minutes), policy=POLICY
    )
    return found.allowed, [item.code for item in found.reasons]


def test_release_from_120_minutes():
    assert release(120) == (True, [])
    assert release(121) == (True, [])
    assert release(119.9)[1] == ["release_too_early", "release_reading_missing"]


@each(("systolic", "allowed"), [(99, False), (100, True), (101, True), (139, True), (140, True), (141, False)])
def test_the_systolic_is_within_20_of_the_start(systolic, allowed):
    assert release(125, systolic)[0] is allowed


@each("answers", [{"oriented": False}, {"walking": False}, {"oriented": None}, {"walking": None}])
def test_release_only_when_oriented_and_walking(answers):
    assert not release(125, **answers)[0]


def test_an_earlier_reading_does_not_release():
    assert release(125, measured=50)[1] == ["release_reading_missing"]


@each(
    ("minutes", "phase"),
    [(0, "hold"), (9, "hold"), (10, "dissolve"), (14, "dissolve"), (15, "peak"), (44, "peak"), (45, "fading")]
    + [(74, "fading"), (75, "balance"), (119, "balance"), (120, "rest"), (500, "rest")],
)
def test_phases(minutes, phase):
    assert safety.phase_at(safety.Window(10, 15, 45, 75, 120), minutes) == phase


@each(
    ("minutes", "readings", "due"),
    [
        (39.9, (), ""),
        (40, (), "first"),
        (50, ((41, 120, 80),), ""),
        (50, ((20, 120, 80),), "first"),
        (119.9, ((41, 120, 80),), ""),
        (120, ((41, 120, 80),), "release"),
        (125, ((121, 120, 80),), ""),
        (125, ((121, 140, 80),), ""),
        (125, ((121, 141, 80),), "release"),
        (125, ((121, 141, 80), (124, 100, 80)), ""),
    ],
)
def test_which_reading_is_due(minutes, readings, due):
    found = session(readings=readings)
    assert safety.vitals_due(found, now=NOW + timedelta(minutes=minutes), policy=POLICY) == due


def test_the_moments_of_a_check_in():
    times = rhythm.after_dose(Kind.DAY, NOW, POLICY)
    assert [moment - NOW for moment in (times.due_at, times.second_reminder_at, times.follow_up_at)] == [
        timedelta(hours=24),
        timedelta(hours=48),
        timedelta(hours=72),
    ]


CALM = checkin.CheckInAnswers(
    side_effects=dict.fromkeys(checkin.SIDE_EFFECTS, 0),
    mood="same",
    risk="none",
    mania_signs=False,
    psychosis_signs=False,
)


def flags(**changes):
    found = checkin.check_in_flags(replace(CALM, **changes), POLICY)
    return [item.code for item in found.reasons], found.hold, found.crisis


@each(
    ("effect", "rating", "expected"),
    [
        ("headache", 2, []),
        ("headache", 3, ["side_effect_severe"]),
        ("confusion", 1, []),
        ("confusion", 2, ["side_effect_severe"]),
        ("trouble_speaking", 2, ["side_effect_severe"]),
        ("urinary_pain", 0, []),
        ("urinary_pain", 1, ["bladder_sign"]),
        ("urinary_blood", 3, ["bladder_sign"]),
    ],
)
def test_side_effects_that_a_person_reads(effect, rating, expected):
    assert flags(side_effects={**CALM.side_effects, effect: rating})[0] == expected


def test_an_unanswered_side_effect_is_a_reason():
    missing = {name: 0 for name in checkin.SIDE_EFFECTS if name != "nausea"}
    assert flags(side_effects=missing)[0] == ["side_effect_unanswered"]


@each(
    ("changes", "codes", "hold", "crisis"),
    [
        ({"mood": "better"}, [], False, False),
        ({"mood": "worse"}, ["mood_worse"], False, False),
        ({"mood": None}, ["mood_unanswered"], False, False),
        ({"mania_signs": True}, ["mania_signs"], True, False),
        ({"psychosis_signs": True}, ["psychosis_signs"], True, False),
        ({"mania_signs": None}, ["sign_unanswered"], False, False),
        ({"risk": "low"}, ["risk_low"], False, False),
        ({"risk": "moderate"}, ["risk_moderate"], True, False),
        ({"risk": "high"}, ["risk_high"], True, True),
        ({"risk": "incomplete"}, ["risk_incomplete"], True, False),
        ({"risk": None}, ["risk_incomplete"], True, False),
        ({"phq9_before": 10, "phq9_now": 14}, [], False, False),
        ({"phq9_before": 10, "phq9_now": 15}, ["phq9_worse"], False, False),
        ({"phq9_before": 10, "phq9_now": 16}, ["phq9_worse"], False, False),
        ({"phq9_before": None, "phq9_now": 16}, [], False, False),
    ],
)
def test_answers_that_a_person_reads(changes, codes, hold, crisis):
    assert flags(**changes) == (codes, hold, crisis)


@each(
    ("sessions", "days", "due"),
    [(0, None, True), (1, 13, False), (2, 3, True), (0, 13, False), (0, 14, True), (0, 15, True)],
)
def test_questionnaires_come_every_two_sessions_or_fourteen_days(sessions, days, due):
    assert rhythm.questionnaire_due(sessions_since=sessions, days_since=days, policy=POLICY) is due
