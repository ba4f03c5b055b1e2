"""The zone database is the pinned one, on every machine (FI-13)."""

import zoneinfo
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pytest

from harmoniously.core.common.states import ZONES


def test_the_system_zone_files_are_never_read() -> None:
    assert zoneinfo.TZPATH == ()
    assert Path("requirements.txt").read_text().count(f"tzdata=={metadata.version('tzdata')}") == 1


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_we_offer_is_in_the_pinned_package(zone: str) -> None:
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() is not None
