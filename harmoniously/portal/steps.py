"""What the home page shows as the one next thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NextStep:
    """The one thing on the home page: what, when, where, and in a few words why."""

    title: str
    text: str
    url: str = ""
    action: str = ""
    kind: str = ""
