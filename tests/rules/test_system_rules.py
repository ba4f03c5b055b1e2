"""Each limit of the running service: on it is within, beyond it is not."""

from datetime import timedelta

from harmoniously.portal.system import rules
from harmoniously.portal.system.rules import Limit, Standing
from tests.rules.tables import each

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@each(
    ("limit", "look", "mend"),
    [
        (rules.OLDEST_DUE, MINUTE, 5 * MINUTE),
        (rules.SCHEDULE, 2 * MINUTE, 5 * MINUTE),
        (rules.WATCH, MINUTE, 5 * MINUTE),
        (rules.TEXTS, MINUTE, 10 * MINUTE),
        (rules.REFUND, HOUR, 24 * HOUR),
        (rules.PAYMENT, 2 * HOUR, 24 * HOUR),
        (rules.BACKUP, 26 * HOUR, 72 * HOUR),
        (rules.ACCESS_REVIEW, 0 * HOUR, 30 * 24 * HOUR),
        (rules.of_work(10 * SECOND), MINUTE, 5 * MINUTE),
        (rules.of_work(30 * SECOND), 90 * SECOND, 5 * MINUTE),
        (rules.of_work(MINUTE), 3 * MINUTE, 10 * MINUTE),
        (rules.of_work(HOUR), 3 * HOUR, 10 * HOUR),
    ],
)
def test_an_age_on_its_limit_is_within_it(limit: Limit[timedelta], look: timedelta, mend: timedelta) -> None:
    found = [rules.by(age, limit) for age in (look - SECOND, look, look + SECOND, mend, mend + SECOND)]
    assert found == [Standing.WELL, Standing.WELL, Standing.LOOK, Standing.LOOK, Standing.MEND]


@each(
    ("limit", "look", "mend"),
    [(rules.UNKNOWN_SENDS, 0, 20), (rules.FAILED_SENDS, 0, 50), (rules.QUEUE, 50, 500), (rules.HELD, 50, 500)],
)
def test_so_is_a_number(limit: Limit[int], look: int, mend: int) -> None:
    found = [rules.by(number, limit) for number in (look, look + 1, mend, mend + 1)]
    assert found == [Standing.WELL, Standing.LOOK, Standing.LOOK, Standing.MEND]


def test_a_sign_that_was_never_given_is_no_good_news_but_for_a_backup() -> None:
    assert rules.of_sign(None, rules.SCHEDULE) is Standing.MEND
    assert rules.of_backup(None) is Standing.UNKNOWN
    assert rules.of_backup(rules.BACKUP.look + SECOND) is Standing.LOOK


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    well, unknown, look, mend = Standing.WELL, Standing.UNKNOWN, Standing.LOOK, Standing.MEND
    assert rules.worst([well, look, mend]) is mend
    assert rules.worst([well, unknown, look]) is look
    assert rules.worst([well, unknown]) is unknown
    assert rules.worst([]) is well
