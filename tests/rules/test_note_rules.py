"""VID, visit notes: which codes a visit's time suggests, what a signature needs, when a note is late. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from telemedicine.notes.rules.codes import Seen, Wrong, check, choices, instead, prolonged_units, suggest
from telemedicine.notes.rules.templates import TEMPLATES, contradicts, missing
from telemedicine.notes.rules.writing import is_late, latest_end, may_write

AT = datetime(2026, 11, 5, 18, tzinfo=UTC)
# (what, minutes, of psychotherapy, decision, suggested): one below, on and one above each threshold of CPT 2024.
SUGGESTED = [
    *(("new", minutes, None, "", code) for minutes, code in [
        (14, ""), (15, "99202"), (29, "99202"), (30, "99203"), (44, "99203"), (45, "99204"), (59, "99204"),
        (60, "99205"), (74, "99205"), (75, "99205 99417"), (600, "99205 99417"),
    ]),
    *(("old", minutes, None, "", code) for minutes, code in [
        (0, ""), (9, ""), (10, "99212"), (19, "99212"), (20, "99213"), (29, "99213"), (30, "99214"), (39, "99214"),
        (40, "99215"), (41, "99215"), (54, "99215"), (55, "99215 99417"), (56, "99215 99417"),
    ]),
    *(("talk", None, minutes, "", code) for minutes, code in [
        (15, ""), (16, "90832"), (37, "90832"), (38, "90834"), (52, "90834"), (53, "90837"), (90, "90837"),
    ]),
    # Beside psychotherapy no minute decides the evaluation: without a decision only the add-on is suggested.
    *(("old", 40, minutes, "low", code) for minutes, code in [
        (15, "99215"), (16, "99213 90833"), (37, "99213 90833"), (38, "99213 90836"), (52, "99213 90836"),
        (53, "99213 90838"),
    ]),
    ("old", 40, 20, "", "90833"),
    ("old", None, None, "", ""),
    ("old", 12, None, "moderate", "99214"),
    ("old", 41, None, "moderate", "99215"),
    ("new", None, None, "straightforward", "99202"),
    # Prolonged service goes by time, never beside psychotherapy; too short a psychotherapy is none.
    ("old", 75, 16, "high", "99215 90833"),
    ("old", 75, 15, "high", "99215 99417"),
    ("therapist", 60, 60, "high", "90837"),
    ("therapist first", 60, 60, "high", "90791"),
]  # fmt: skip
WHO = {
    "new": {"kind": "evaluation", "prescriber": True, "new_patient": True},
    "old": {"kind": "check_in", "prescriber": True, "new_patient": False},
    "talk": {"kind": "integration", "prescriber": True, "new_patient": False},
    "therapist": {"kind": "check_in", "prescriber": False, "new_patient": True},
    "therapist first": {"kind": "evaluation", "prescriber": False, "new_patient": True},
}


def test_codes_follow_the_minutes_of_the_published_table():
    wrong = []
    for what, minutes, therapy, decision, codes in SUGGESTED:
        seen = Seen(**WHO[what], minutes=minutes, therapy_minutes=therapy, decision=decision)
        found = " ".join(one.code for one in suggest(seen))
        if found != codes or check(found.split(), seen) not in (None, Wrong.ADD_ON_ALONE):
            wrong.append((what, minutes, therapy, decision, found))
    assert wrong == []


def test_codes_that_exclude_each_other_are_refused():
    new, old, talk, first = (Seen(**WHO[name]) for name in ("new", "old", "talk", "therapist first"))
    for codes, seen, wanted in [
        ([], old, None),
        (["99213"], old, None),
        (["99213", "90836"], replace(old, therapy_minutes=40), None),
        (["90836"], old, Wrong.ADD_ON_ALONE),
        (["99213", "99214"], old, Wrong.TWO_OF_A_KIND),
        (["99203"], old, Wrong.UNKNOWN),
        (["99213"], new, Wrong.UNKNOWN),
        (["99213"], talk, Wrong.UNKNOWN),
        (["90834"], replace(talk, therapy_minutes=40), None),
        (["90834", "90837"], talk, Wrong.TWO_OF_A_KIND),
        (["00000"], talk, Wrong.UNKNOWN),
        (["90792"], new, None),
        (["90792", "99203"], new, Wrong.NOT_BESIDE),
        (["90792", "90833"], new, Wrong.NOT_BESIDE),
        (["90791"], new, Wrong.UNKNOWN),
        (["90792"], old, Wrong.UNKNOWN),
        (["90791"], first, None),
        (["90792"], first, Wrong.UNKNOWN),
        (["90791", "90834"], first, Wrong.NOT_BESIDE),
        (["99215", "99417"], replace(old, minutes=54), Wrong.NOT_PROLONGED),
        (["99215", "99417"], replace(old, minutes=55), None),
        (["99205", "99417"], replace(new, minutes=74), Wrong.NOT_PROLONGED),
        (["99205", "99417"], replace(new, minutes=75), None),
        (["99214", "99417"], replace(old, minutes=90), Wrong.NOT_PROLONGED),
        (["99215", "99417", "90833"], replace(old, minutes=90), Wrong.NOT_PROLONGED),
        (["99417"], replace(old, minutes=90), Wrong.NOT_PROLONGED),
        (["99214", "90833"], old, Wrong.OTHER_MINUTES),
        (["99214", "90833"], replace(old, therapy_minutes=15), Wrong.OTHER_MINUTES),
        (["99214", "90833"], replace(old, therapy_minutes=16), None),
        (["99214", "90833"], replace(old, therapy_minutes=37), None),
        (["99214", "90833"], replace(old, therapy_minutes=38), Wrong.OTHER_MINUTES),
        (["90837"], replace(talk, therapy_minutes=52), Wrong.OTHER_MINUTES),
        (["90837"], replace(talk, therapy_minutes=53), None),
    ]:
        assert check(codes, seen) == wanted, codes
    for minutes, units in [(54, 0), (55, 1), (69, 1), (70, 2)]:
        assert prolonged_units(["99215"], minutes) == units
    assert [one.code for one in instead(new)] == ["90792"]
    assert instead(old) == instead(first) == ()
    for who in (talk, first):
        assert not any(one.code.startswith("99") for one in choices(who)), "no evaluation and management in therapy"
    assert not {one.code for one in choices(talk)} & {one.code for one in choices(old)}


def test_no_note_is_signed_without_a_risk_assessment():
    for kind, template in TEMPLATES.items():
        whole = dict.fromkeys(template.names, "x")
        assert missing(template, whole) == (), kind
        for name in ("risk", "risk_level", "mental_suicidal", "mental_homicidal", "plan", template.opening[0]):
            assert missing(template, {**whole, name: " \n"}) == (name,), (kind, name)
    assert not TEMPLATES["integration"].prescribing
    for ideation, level, wrong in [
        ("plan", "moderate", True), ("intent", "none", True), ("plan", "high", False), ("method", "low", False),
    ]:  # fmt: skip
        assert contradicts({"mental_suicidal": ideation, "risk_level": level}) is wrong


def test_a_note_belongs_to_a_visit_that_began_and_is_late_after_a_day():
    for status, began, allowed in [
        ("booked", None, False), ("booked", AT, True), ("completed", AT, True),
        ("cancelled", AT, False), ("no_show", None, False), ("held", None, False),
    ]:  # fmt: skip
        assert may_write(status=status, started_at=began) is allowed, status
    for seconds, late in [(-1, False), (0, False), (1, True)]:
        assert is_late(ended_at=AT, now=AT + timedelta(days=1, seconds=seconds)) is late
    hour = timedelta(hours=1)
    for started_at, over in [(None, AT + 1.5 * hour), (AT - hour / 4, AT + 1.5 * hour), (AT + hour, AT + 2.5 * hour)]:
        assert latest_end(starts_at=AT, ends_at=AT + hour, started_at=started_at) == over
