"""What is serious, what cannot both be true, and by when somebody looks (21 CFR 312.32(a), CTCAE v5.0, house days)."""

from datetime import UTC, datetime, timedelta

from treatment import policy as policies
from treatment.rules import adverse
from treatment.rules.adverse import Action, Assessment, Causality, Criterion, Outcome
from treatment.rules.reasons import Weight

NOW = datetime(2026, 11, 4, 17, tzinfo=UTC)
POLICY = policies.load()
DEATH, THREAT, HOSPITAL = Criterion.DEATH, Criterion.LIFE_THREATENING, Criterion.HOSPITALIZATION


def event(term="headache", onset=NOW, criteria=(), grade=None, causality=None, action=None):
    return Assessment(term, onset, frozenset(criteria), grade, causality, action)


def test_every_criterion_alone_makes_an_event_serious_and_no_grade_does():
    for criterion in Criterion:
        assert event(criteria=[criterion]).serious, criterion
    for grade in (None, *adverse.GRADES):
        assert not event(grade=grade).serious, grade


def test_what_cannot_both_be_true_is_refused():
    later, rows = NOW + timedelta(seconds=1), []
    rows += [(event(grade=grade), set()) for grade in (None, 1, 2, 3)]
    rows += [(event(grade=4), {"grade_4_not_serious"}), (event(grade=4, criteria=[HOSPITAL]), set())]
    rows += [(event(grade=5), {"death_and_grade"}), (event(grade=5, criteria=[DEATH]), set())]
    rows += [(event(grade=3, criteria=[DEATH]), {"death_and_grade"}), (event(criteria=[DEATH]), set())]
    rows += [(event(grade=0), {"grade_unknown"}), (event(grade=6), {"grade_unknown"})]
    rows += [(event(onset=NOW), set()), (event(onset=later), {"onset_in_future"})]
    rows += [(event(term="harm"), {"term_unknown"}), (event(grade=3, criteria=[HOSPITAL]), set())]
    for given, codes in rows:
        found = adverse.contradictions(given, now=NOW)
        assert {item.code for item in found if item.weight is Weight.REFUSE} == codes, given
    for grade, noted in ((3, True), (4, False)):
        found = adverse.contradictions(event(grade=grade, criteria=[THREAT]), now=NOW)
        assert bool([item for item in found if item.code == "threat_and_low_grade"]) is noted, grade


def test_an_event_ends_only_when_it_is_judged_and_fatal_only_with_a_death():
    judged = {"grade": 3, "causality": Causality.POSSIBLE, "action": Action.PAUSED}
    for missing in judged:
        codes = [item.code for item in adverse.closing(event(**{**judged, missing: None}), Outcome.RESOLVED)]
        assert codes == ["not_judged"], missing
    died = event(**{**judged, "grade": 5}, criteria=[DEATH])
    for given, outcome, codes in (
        (event(**judged), Outcome.RESOLVED, []),
        (event(**judged), Outcome.FATAL, ["fatal_and_death"]),
        (died, Outcome.FATAL, []),
        (died, Outcome.NOT_RESOLVED, ["fatal_and_death"]),
    ):
        assert [item.code for item in adverse.closing(given, outcome)] == codes, (given, outcome)


def test_the_days_of_looking_again_come_from_the_policy():
    assert adverse.first_look(serious=True, known_at=NOW, policy=POLICY) == NOW + timedelta(hours=24)
    assert adverse.first_look(serious=False, known_at=NOW, policy=POLICY) == NOW + timedelta(hours=24)
    assert adverse.next_look(serious=True, at=NOW, policy=POLICY) == NOW + timedelta(days=7)
    assert adverse.next_look(serious=False, at=NOW, policy=POLICY) == NOW + timedelta(days=14)
    assert adverse.report_by(serious=True, known_at=NOW, policy=POLICY) == NOW + timedelta(days=7)
    assert adverse.report_by(serious=False, known_at=NOW, policy=POLICY) is None


def test_every_finding_of_a_check_in_has_a_term():
    for code, facts, term in (
        ("side_effect_severe", {"effect": "confusion", "rating": "3"}, "confusion"),
        ("bladder_sign", {"effect": "urinary_blood", "rating": "1"}, "urinary_blood"),
        ("mania_signs", {}, "mania"),
        ("risk_moderate", {}, "suicidal_thoughts"),
        ("something_new", {"effect": "nobody_knows"}, "other"),
    ):
        assert adverse.term_of_flag(code, facts) == term, code
    assert [adverse.grade_of_rating(rating) for rating in ("0", "1", "3", "4", "")] == [None, 1, 3, None, None]


def test_what_stops_the_treatment_until_a_prescriber_has_read_it_or_it_is_over():
    """Policy 5 and 9: an exclusion stops as long as it lives, what is serious or dangerous until it is read."""
    for term, criteria, live, read, stops in (
        ("psychosis", [], True, True, True),
        ("psychosis", [], False, True, False),
        ("psychosis", [], False, False, True),
        ("headache", [], True, False, False),
        ("headache", [HOSPITAL], True, False, True),
        ("headache", [HOSPITAL], False, False, True),
        ("headache", [HOSPITAL], True, True, False),
        ("suicidal_thoughts", [], True, False, True),
        ("suicidal_thoughts", [], True, True, False),
    ):
        given = event(term=term, criteria=criteria)
        assert adverse.stops_treatment(given, live=live, read=read) is stops, (term, criteria, live, read)
    for term in adverse.EXCLUDING | adverse.SUICIDAL:
        assert term in adverse.TERMS
        assert adverse.stops_treatment(event(term=term), live=True, read=False), term
