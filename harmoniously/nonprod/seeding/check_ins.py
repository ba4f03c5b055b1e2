"""What the invented patients answer in their check-ins."""

from collections.abc import Mapping
from datetime import datetime
from random import Random

from harmoniously.nonprod.seeding.answers import spread
from treatment.models import CheckIn
from treatment.rules.check_pages import item_key
from treatment.rules.checkin import SIDE_EFFECTS
from treatment.rules.rhythm import Kind
from treatment.services import checkins

Pages = dict[str, dict[str, object]]
QUIET_EVENING: Pages = {"now": {"feeling": "tired"}, "signs": {"signs": []}, "sitter": {"sitter_there": True}}
_LENGTHS = {"phq9": 9, "gad7": 7}


def answers_to(row: CheckIn, totals: Mapping[str, int], rng: Random) -> Pages:
    """All pages of the questionnaires with these totals, or quiet answers to the questions of the month."""
    if row.kind == Kind.MONTH:
        reading = {"systolic": rng.randint(114, 134), "diastolic": rng.randint(70, 86), "heart_rate": 70}
        return {
            "bladder": dict.fromkeys(SIDE_EFFECTS[14:], 0),
            "craving": {"craving": 0},
            "extra": {"ketamine_extra": False},
            "substances": {"substances": []},
            "pressure": dict(reading),
        }
    pages: Pages = {}
    for key in row.instruments:
        given = spread(totals[key], _LENGTHS[key], 3, rng, last=0 if key == "phq9" else None)
        pages |= {item_key(key, at): {"answer": points} for at, points in enumerate(given, 1)}
    return pages


def send(row: CheckIn, pages: Pages, *, now: datetime) -> None:
    """Answer a check-in: all pages but the last at once, the last one and the sending by the service."""
    *earlier, last = pages
    row.answers = {key: pages[key] for key in earlier}
    row.save(update_fields=["answers"])
    user = row.patient.user
    row, _ = checkins.save_page(check_in=row, page=last, answers=pages[last], by=user, now=now)
    checkins.answer_check_in(check_in=row, by=user, now=now)
