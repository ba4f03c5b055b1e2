"""Where a visit stands: to the minute, and what the patient did at the door before what the clock says."""

from datetime import UTC, datetime, timedelta

from telemedicine.rules.standing import LATE_AFTER, LONGEST, PRESSING, Standing, VisitFacts, since, standing_of
from telemedicine.rules.visits import CLOSES_AFTER
from tests.rules.tables import each

NINE = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ENDS = NINE + timedelta(minutes=25)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AT_DOOR = {"placed_at": NINE - MINUTE, "licensed": True}
IN_ROOM = {**AT_DOOR, "entered_at": NINE - MINUTE}


def visit(status="booked", **more):
    return VisitFacts(status, NINE, ENDS, **more)


@each(
    ("facts", "after_start", "standing"),
    [
        ({"status": "held"}, -HOUR, Standing.HELD),
        ({}, -HOUR, Standing.BOOKED),
        ({"confirmed_at": NINE - HOUR}, -HOUR, Standing.CONFIRMED),
        ({}, LATE_AFTER - SECOND, Standing.BOOKED),
        ({}, LATE_AFTER, Standing.LATE),
        ({"confirmed_at": NINE - HOUR}, LATE_AFTER, Standing.LATE),
        ({}, CLOSES_AFTER - SECOND, Standing.LATE),
        ({}, CLOSES_AFTER, Standing.NOT_CLOSED),
        (IN_ROOM, CLOSES_AFTER, Standing.NOT_CLOSED),
        # At the door.
        ({**IN_ROOM, "there": True}, -MINUTE, Standing.WAITING),
        ({**IN_ROOM, "there": True}, LATE_AFTER, Standing.WAITING),
        (IN_ROOM, LATE_AFTER, Standing.LEFT),
        (AT_DOOR, -MINUTE, Standing.TELEPHONE),
        ({**IN_ROOM, "there": True, "wants_telephone": True}, -MINUTE, Standing.TELEPHONE),
        ({**IN_ROOM, "there": True, "licensed": False}, -MINUTE, Standing.BLOCKED),
        # Begun: it lasts as long as it lasts, and is "over" to nobody until it was closed.
        ({**IN_ROOM, "started_at": NINE}, 2 * MINUTE, Standing.GOING_ON),
        ({**IN_ROOM, "started_at": NINE}, ENDS - NINE, Standing.GOING_ON),
        ({**IN_ROOM, "started_at": NINE}, ENDS - NINE + LONGEST - SECOND, Standing.GOING_ON),
        ({**IN_ROOM, "started_at": NINE}, ENDS - NINE + LONGEST, Standing.NOT_CLOSED),
        # Over, whatever the clock and the door say.
        ({**IN_ROOM, "status": "completed", "started_at": NINE}, -HOUR, Standing.DONE),
        ({"status": "no_show"}, LATE_AFTER, Standing.MISSED),
        ({**IN_ROOM, "status": "cancelled", "there": True}, 0 * HOUR, Standing.CANCELLED),
    ],
)
def test_where_a_visit_stands(facts, after_start, standing):
    assert standing_of(visit(**facts), NINE + after_start) == standing


def test_since_when_is_what_made_it_so():
    waiting = visit(**{**IN_ROOM, "placed_at": NINE - 2 * MINUTE}, there=True)
    assert since(waiting, Standing.WAITING) == NINE - MINUTE
    assert since(waiting, Standing.TELEPHONE) == NINE - 2 * MINUTE
    assert since(visit(started_at=NINE + MINUTE), Standing.GOING_ON) == NINE + MINUTE
    assert (since(visit(), Standing.LATE), since(visit(), Standing.NOT_CLOSED)) == (NINE, ENDS)
    assert since(visit(), Standing.BOOKED) is None
    assert all(since(waiting, standing) for standing in PRESSING if standing != Standing.GOING_ON)
