"""Where a video visit stands, and what two browsers may tell each other."""

from telemedicine.rules.calls import Stage, is_signal, stage_of
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


def test_vid_04_only_the_four_messages_of_a_call_are_carried() -> None:
    to = {"from": ME, "to": OTHER}
    good = [
        {"kind": "hello", "from": ME},
        {"kind": "welcome", **to},
        {"kind": "description", **to, "description": OFFER},
        {"kind": "candidate", **to, "candidate": WAY},
        {"kind": "candidate", **to, "candidate": {"candidate": ""}},
    ]
    bad = [
        None, [], "hello", 3, {}, {"kind": []}, {"kind": "chat", "text": "x"}, {"kind": "hello"},
        {"kind": "hello", "from": ME, "to": OTHER},
        {"kind": "hello", "from": "<script>"},
        {"kind": "hello", "from": "a" * 41},
        {"kind": "hello", "from": ME + "\n"},
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
