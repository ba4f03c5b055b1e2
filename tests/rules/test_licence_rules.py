"""When a licence that ends is warned of: one day before each limit, on it, and one day after."""

import unittest
from datetime import date, timedelta

from harmoniously.core.accounts.licences import Standing, days_left, standing, step

TODAY = date(2026, 11, 4)


class Warnings(unittest.TestCase):
    def test_60_30_and_7_days_before_the_last_day_which_still_counts(self) -> None:
        for left, due, stands in (
            (400, None, Standing.GOOD),
            (61, None, Standing.GOOD),
            (60, 60, Standing.ENDS),
            (59, 60, Standing.ENDS),
            (31, 60, Standing.ENDS),
            (30, 30, Standing.ENDS_SOON),
            (29, 30, Standing.ENDS_SOON),
            (8, 30, Standing.ENDS_SOON),
            (7, 7, Standing.ENDS_NOW),
            (6, 7, Standing.ENDS_NOW),
            (1, 7, Standing.ENDS_NOW),
            (0, 7, Standing.ENDS_NOW),
            (-1, None, Standing.EXPIRED),
            (-400, None, Standing.EXPIRED),
        ):
            last = TODAY + timedelta(days=left)
            found = (days_left(last, TODAY), step(last, TODAY), standing(last, TODAY))
            self.assertEqual(found, (left, due, stands))
