"""Where a video visit stands, and what two browsers may tell each other."""

from telemedicine.rules.calls import Seat, Stage, guest_stage_of, is_signal, stage_of, yields
from telemedicine.rules.visits import Door

ME, OTHER = "a" * 32, "b" * 32
OFFER = {"type": "offer", "sdp": "v=0"}
WAY = {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": None}


def test_vid_03_nobody_connects_before_the_clinician_admits_or_outside_the_window() -> None:
    ready = {"booked": True, "door": Door.OPEN, "agreed": True, "licensed": True, "admitted": True}
    rows = [
        ({}, Stage.OPEN),
        ({"admitted": False}, Stage.WAITING),
        ({"booked": False}, Stage.OVER),
        ({"door": Door.EARLY}, Stage.CLOSED),
        ({"door": Door.LATE}, Stage.CLOSED),
        ({"agreed": False, "admitted": False}, Stage.CLOSED),
        ({"licensed": False}, Stage.CLOSED),
    ]
    assert [(row, stage_of(**{**ready, **row})) for row, wanted in rows if stage_of(**{**ready, **row}) != wanted] == []


def test_vid_02_the_third_person_finds_nothing_without_the_patients_consent_and_the_clinicians_admission() -> None:
    ready = {"visit": Stage.OPEN, "door": Door.OPEN, "invited": True, "agreed": True, "admitted": True}
    rows = [
        ({}, Stage.OPEN),
        ({"admitted": False}, Stage.WAITING),
        ({"visit": Stage.WAITING}, Stage.WAITING),
        ({"visit": Stage.CLOSED}, Stage.WAITING),  # the patient has not said where they are
        ({"agreed": False}, Stage.ASKED),
        ({"invited": False}, Stage.OVER),
        ({"visit": Stage.OVER}, Stage.OVER),
        ({"door": Door.LATE}, Stage.OVER),
        ({"door": Door.EARLY}, Stage.CLOSED),
        ({"door": Door.EARLY, "invited": False}, Stage.OVER),
    ]
    wrong = [(row, wanted) for row, wanted in rows if guest_stage_of(**{**ready, **row}) != wanted]
    assert wrong == []
    # Of each two exactly one gives way.
    assert [one for one in Seat for other in Seat if one != other and yields(one, other) == yields(other, one)] == []


def test_vid_04_only_the_four_messages_of_a_call_are_carried() -> None:
    to = {"at": "clinician", "from": ME, "to": OTHER}
    hello = {"kind": "hello", "at": "guest", "from": ME}
    good = [
        hello,
        {"kind": "welcome", **to},
        {"kind": "description", **to, "description": OFFER},
        {"kind": "candidate", **to, "candidate": WAY},
        {"kind": "candidate", **to, "candidate": {"candidate": ""}},
    ]
    bad = [
        None, [], "hello", 3, {}, {"kind": []}, {"kind": "chat", "text": "x"}, {"kind": "hello"},
        {"kind": "hello", "from": ME}, {**hello, "at": "everybody"}, {**hello, "at": ["guest"]},
        {**hello, "by": "clinician"},
        {**hello, "to": OTHER},
        {**hello, "from": "<script>"},
        {**hello, "from": "a" * 41},
        {**hello, "from": ME + "\n"},
        {"kind": "description", **to, "description": {"type": "rollback", "sdp": ""}},
        {"kind": "description", **to, "description": {"type": ["offer"], "sdp": ""}},
        {"kind": "description", **to, "description": {**OFFER, "more": 1}},
        {"kind": "description", **to, "description": {"type": "offer", "sdp": {"v": 0}}},
        {"kind": "candidate", **to, "candidate": {**WAY, "url": "x"}},
        {"kind": "candidate", **to, "candidate": {**WAY, "sdpMLineIndex": True}},
        {"kind": "candidate", **to, "candidate": {**WAY, "sdpMLineIndex": -1}},
        {"kind": "candidate", **to, "candidate": {**WAY, "sdpMid": 5}},
        {"kind": "candidate", **to, "candidate": {"candidate": "\ud800"}},
        {"kind": "candidate", **to, "candidate": {}},
        {"kind": "candidate", **to, "candidate": None},
    ]  # fmt: skip
    assert [message for message in good if not is_signal(message)] == []
    assert [message for message in bad if is_signal(message)] == []
