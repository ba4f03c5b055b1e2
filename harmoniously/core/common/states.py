"""The states and the district, with the zone that most of each keeps."""

from typing import NamedTuple


class State(NamedTuple):
    """A two-letter code, its name and the IANA zone that most of its people live in."""

    code: str
    name: str
    zone: str


_E, _C, _M, _P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
US_STATES: tuple[State, ...] = (
    State("AL", "Alabama", _C),
    State("AK", "Alaska", "America/Anchorage"),
    State("AZ", "Arizona", "America/Phoenix"),
    State("AR", "Arkansas", _C),
    State("CA", "California", _P),
    State("CO", "Colorado", _M),
    State("CT", "Connecticut", _E),
    State("DE", "Delaware", _E),
    State("DC", "District of Columbia", _E),
    State("FL", "Florida", _E),
    State("GA", "Georgia", _E),
    State("HI", "Hawaii", "Pacific/Honolulu"),
    State("ID", "Idaho", "America/Boise"),
    State("IL", "Illinois", _C),
    State("IN", "Indiana", "America/Indiana/Indianapolis"),
    State("IA", "Iowa", _C),
    State("KS", "Kansas", _C),
    State("KY", "Kentucky", _E),
    State("LA", "Louisiana", _C),
    State("ME", "Maine", _E),
    State("MD", "Maryland", _E),
    State("MA", "Massachusetts", _E),
    State("MI", "Michigan", "America/Detroit"),
    State("MN", "Minnesota", _C),
    State("MS", "Mississippi", _C),
    State("MO", "Missouri", _C),
    State("MT", "Montana", _M),
    State("NE", "Nebraska", _C),
    State("NV", "Nevada", _P),
    State("NH", "New Hampshire", _E),
    State("NJ", "New Jersey", _E),
    State("NM", "New Mexico", _M),
    State("NY", "New York", _E),
    State("NC", "North Carolina", _E),
    State("ND", "North Dakota", _C),
    State("OH", "Ohio", _E),
    State("OK", "Oklahoma", _C),
    State("OR", "Oregon", _P),
    State("PA", "Pennsylvania", _E),
    State("RI", "Rhode Island", _E),
    State("SC", "South Carolina", _E),
    State("SD", "South Dakota", _C),
    State("TN", "Tennessee", _C),
    State("TX", "Texas", _C),
    State("UT", "Utah", _M),
    State("VT", "Vermont", _E),
    State("VA", "Virginia", _E),
    State("WA", "Washington", _P),
    State("WV", "West Virginia", _E),
    State("WI", "Wisconsin", _C),
    State("WY", "Wyoming", _M),
)
STATE_CHOICES: list[tuple[str, str]] = [(state.code, state.name) for state in US_STATES]
ZONE_OF_STATE: dict[str, str] = {state.code: state.zone for state in US_STATES}
ZONES: tuple[str, ...] = (
    "America/New_York",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Chicago",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
