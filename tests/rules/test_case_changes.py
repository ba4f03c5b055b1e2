"""What changed between two versions of a patient's answers, and both definitions of treatment resistance."""

from harmoniously.core.questions.said import Entry, Question, Shown, Transcript
from telemedicine.reviews.rules.changes import answers_changed, findings_changed
from telemedicine.reviews.rules.resistance import different_medicines, distinct_classes


def question(key, *answer, points=None):
    return Question(key, f"{key}?", answer or ("Not answered",), answered=bool(answer), points=points)


def page(key, *questions, entries=None, used=True):
    return Shown(key, "Section", f"Title of {key}", key, entries or (Entry("", "", questions),), used=used)


def entry(key, *answers):
    return Entry(key, f"entry {key}", tuple(question(f"q{at}", one) for at, one in enumerate(answers)))


def said(*pages):
    return Transcript("en", "1", pages)


ZOLOFT, PROZAC, CELEXA = entry("a", "Zoloft", "10"), entry("b", "Prozac", "8"), entry("c", "Celexa", "6")
# name, before, after, (kind, page, entry, before, after) of every change
ANSWERS = [
    ("nothing", said(page("p", question("q", "x"))), said(page("p", question("q", "x"))), []),
    (
        "one answer",
        said(page("p", question("q", "x"), question("r", "y"))),
        said(page("p", question("q", "z"), question("r", "y"))),
        [("changed", "p", "", ("x",), ("z",))],
    ),
    (
        "an answer that was open",
        said(page("p", question("q"))),
        said(page("p", question("q", "x"))),
        [("added", "p", "", (), ("x",))],
    ),
    (
        "an answer taken back",
        said(page("p", question("q", "x"))),
        said(page("p", question("q"))),
        [("removed", "p", "", ("x",), ())],
    ),
    (
        "an entry in the middle that went: those after it did not change",
        said(page("l", entries=(ZOLOFT, PROZAC, CELEXA))),
        said(page("l", entries=(ZOLOFT, CELEXA))),
        [("removed", "l", "entry b", ("q0? Prozac", "q1? 8"), ())],
    ),
    (
        "the same entries in another order",
        said(page("l", entries=(ZOLOFT, PROZAC))),
        said(page("l", entries=(PROZAC, ZOLOFT))),
        [],
    ),
    (
        "an entry that came, and one that changed",
        said(page("l", entries=(ZOLOFT,))),
        said(page("l", entries=(entry("a", "Zoloft", "5"), PROZAC))),
        [("changed", "l", "entry a", ("10",), ("5",)), ("added", "l", "entry b", (), ("q0? Prozac", "q1? 8"))],
    ),
    (
        "a page that another answer opened, read by its points",
        said(page("p", question("q", "x"))),
        said(page("p", question("q", "x")), page("i", question("1", "Several days", points=1), question("2"))),
        [("added", "i", "", (), ("1",))],
    ),
    (
        "a page that came and was left empty",
        said(page("p", question("q", "x"))),
        said(page("p", question("q", "x")), page("r", question("s"))),
        [],
    ),
    (
        "a page that another answer closed",
        said(page("p", question("q", "x"))),
        said(page("p", question("q", "x"), used=False)),
        [("removed", "p", "", ("q? x",), ())],
    ),
    (
        "the signature, which is new with every version",
        said(page("consent", question("signature", "Robin"))),
        said(page("consent", question("signature", "robin"))),
        [],
    ),
]


def test_what_changed_between_two_versions_of_the_answers():
    """UX-19"""
    for name, before, after, expected in ANSWERS:
        found = [(one.kind, one.page, one.entry, one.before, one.after) for one in answers_changed(before, after)]
        assert found == expected, name


def finding(code, tier="review", about="x", **facts):
    return {"code": code, "tier": tier, "about": about, "facts": facts}


def test_what_changed_between_two_sets_of_findings():
    """UX-19: the same finding with other facts or in another tier changed; two medicines of one kind are two."""
    old = [
        finding("bp", about="blood_pressure", systolic=150),
        finding("medicine.benzo", about="alprazolam", medicine="Xanax"),
        finding("medicine.benzo", about="alprazolam", medicine="alprazolam"),
        finding("mi", tier="exclude"),
        finding("same"),
    ]
    new = [
        finding("same"),
        finding("mi", tier="review"),
        finding("bp", about="blood_pressure", systolic=141),
        finding("medicine.benzo", about="alprazolam", medicine="alprazolam"),
        finding("new"),
    ]
    found = [
        (one.kind, (one.before or {}).get("code"), (one.after or {}).get("code")) for one in findings_changed(old, new)
    ]
    assert found == [
        ("changed", "mi", "mi"),
        ("changed", "bp", "bp"),
        ("added", None, "new"),
        ("removed", "medicine.benzo", None),
    ]
    assert findings_changed(new, new) == []


def trial(verdict, ingredient="sertraline", group="SSRI", medicine="typed"):
    return {"verdict": verdict, "ingredient": ingredient, "class": group, "medicine": medicine}


FAILED = trial("failed_adequate")
SAME_CLASS = trial("failed_adequate", "escitalopram")
OTHER_CLASS = trial("failed_adequate", "bupropion", "NDRI")
BORDERLINE = trial("borderline", "bupropion", "NDRI")
NAMELESS = trial("unknown", None, None, "zolft")
# stored status, trials, indications, status by classes, status by medicines
DEFINITIONS = [
    ("not_met", [FAILED], ["depression"], "not_met", "not_met"),
    ("not_met", [FAILED, SAME_CLASS], ["depression"], "not_met", "met"),
    ("met", [FAILED, OTHER_CLASS], ["depression"], "met", "met"),
    ("undetermined", [FAILED, BORDERLINE], ["depression"], "undetermined", "undetermined"),
    # A second period of the same class can make it two medicines and never two classes.
    ("not_met", [FAILED, trial("unknown", "escitalopram")], ["depression"], "not_met", "undetermined"),
    ("not_met", [FAILED, trial("too_short", "escitalopram")], ["depression"], "not_met", "not_met"),
    ("undetermined", [FAILED, NAMELESS], ["depression"], "undetermined", "undetermined"),
    ("not_met", [NAMELESS, NAMELESS], ["depression"], "not_met", "not_met"),
    ("not_met", [], ["depression"], "not_met", "not_met"),
    ("undetermined", None, ["depression"], "undetermined", "undetermined"),
    ("undetermined", [FAILED], ["ptsd"], "not_applicable", "not_applicable"),
    ("met", [FAILED, OTHER_CLASS], ["postpartum_depression", "ptsd"], "met", "met"),
]


def test_both_definitions_of_treatment_resistance():
    """Policy section 2: the house rule as decided, and the European wording beside it."""
    for stored, trials, indications, classes, medicines in DEFINITIONS:
        result = {"status": stored, "trials": trials or []}
        case = {"indications": indications, "antidepressant_trials": trials}
        found = distinct_classes(result, case, 2), different_medicines(result, case, 2)
        assert [one.status for one in found] == [classes, medicines], (trials, indications)
