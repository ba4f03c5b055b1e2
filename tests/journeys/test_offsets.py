"""The same wall clock wherever a time is counted: Python, PostgreSQL and Chromium agree on offsets (FI-13, BUG-23).

Times are rendered by Python alone, from the pinned `tzdata` (no query asks PostgreSQL for a local time, see
tests/test_repository.py); the browser shows what the page says. So a difference would reach nobody today. It would be
the first sign that one of the three has an old book of zones.
"""

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from playwright.sync_api import Browser

from harmoniously.core.common.states import ZONES

pytestmark = pytest.mark.journey
# Every other zone of the country, and of its territories.
COUNTRY = (
    "America/Adak", "America/Indiana/Knox", "America/Indiana/Marengo", "America/Indiana/Petersburg",
    "America/Indiana/Tell_City", "America/Indiana/Vevay", "America/Indiana/Vincennes", "America/Indiana/Winamac",
    "America/Juneau", "America/Kentucky/Louisville", "America/Kentucky/Monticello", "America/Menominee",
    "America/Metlakatla", "America/Nome", "America/North_Dakota/Beulah", "America/North_Dakota/Center",
    "America/North_Dakota/New_Salem", "America/Sitka", "America/St_Thomas", "America/Yakutat", "Pacific/Guam",
    "Pacific/Midway", "Pacific/Pago_Pago", "Pacific/Saipan",
)  # fmt: skip
# A traveller's: those with a change of law or of half an hour among them.
ABROAD = (
    "Africa/Johannesburg", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Halifax", "America/Havana",
    "America/Mexico_City", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Tijuana",
    "America/Toronto", "America/Vancouver", "America/Edmonton", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "Atlantic/Reykjavik", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin",
    "Europe/Lisbon", "Europe/London", "Pacific/Auckland",
)  # fmt: skip
# Laws that the pinned book knows and those of some systems do not yet. Nobody of ours lives there; whoever travels
# there is shown Python's time, which is the right one.
KNOWN_TO_DIFFER = {
    "America/Havana": "no winter time in 2026",
    "America/Vancouver": "summer time for good since 2026",
    "America/Edmonton": "summer time for good since 2026",
}
DAYS = 731
SECOND = timedelta(seconds=1)
# Seconds east of Greenwich for each zone and moment. Chromium says "GMT-05:00", and "GMT" for none.
IN_POSTGRES = """
SELECT zone, array_agg(extract(epoch FROM to_timestamp(moment) AT TIME ZONE zone
                               - to_timestamp(moment) AT TIME ZONE 'UTC')::int ORDER BY place)
FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS asked (zone, moment, place) GROUP BY zone
"""
IN_CHROMIUM = r"""(asked) => Object.fromEntries(Object.entries(asked).map(([timeZone, moments]) => {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return [timeZone, moments.map((moment) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d+):(\d+))?/.exec(format.format(moment * 1000));
    return sign ? Number(sign + 1) * (hours * 3600 + minutes * 60) : 0;
  })];
}))"""


def moments(zone: ZoneInfo, start: datetime) -> list[int]:
    """Every day of 24 months, and the seconds around each change that Python knows."""
    days = [start + timedelta(days=number) for number in range(DAYS)]
    found = [day.timestamp() for day in days]
    for before, after in zip(days, days[1:], strict=False):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            change = _change(zone, before, after)
            found += [(change + step).timestamp() for step in (-SECOND, timedelta(0), SECOND)]
    return [int(moment) for moment in found]


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of the new offset."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // (2 * SECOND) * SECOND
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after


def offset(name: str, moment: int) -> int:
    """Seconds east of Greenwich, as every page of ours counts."""
    found = datetime.fromtimestamp(moment, ZoneInfo(name)).utcoffset()
    assert found is not None
    return round(found.total_seconds())


def test_python_postgresql_and_chromium_agree_on_sixty_zones_for_two_years(browser: Browser) -> None:
    zones = dict.fromkeys((*ZONES, *COUNTRY, *ABROAD))
    assert len(zones) == 60
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    asked = {name: moments(ZoneInfo(name), start) for name in zones}
    assert sum(len(each) - DAYS for each in asked.values()) > 300, "the changes were not found"
    flat = [(name, moment) for name, each in asked.items() for moment in each]
    with psycopg2.connect(os.environ["DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute(IN_POSTGRES, [[name for name, _moment in flat], [moment for _name, moment in flat]])
        theirs = dict(cursor.fetchall())
    database.close()
    page = browser.new_page()
    shown = page.evaluate(IN_CHROMIUM, asked)
    page.close()
    wrong = {
        name: f"{who} {name} {datetime.fromtimestamp(moment, UTC)}: {found} s, Python {offset(name, moment)} s"
        for who, answers in (("PostgreSQL", theirs), ("Chromium", shown))
        for name, each in asked.items()
        for moment, found in zip(each, answers[name], strict=True)
        if found != offset(name, moment)
    }
    assert [told for name, told in wrong.items() if name not in KNOWN_TO_DIFFER] == []
