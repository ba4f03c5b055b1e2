"""The sample texts for the carriers' registration (10DLC), made from the templates so that they cannot differ."""

from collections.abc import Iterator

from harmoniously.core.common import clock
from harmoniously.core.notifications import messages, rules

EXAMPLE = {
    "when_at": "2026-03-03T21:30:00+00:00",
    "until_at": "2026-03-02T23:00:00+00:00",
    "link": "https://clinic.example/visits/",
}


def lines() -> Iterator[str]:
    """One line of the table for every template: name, text, segments."""
    for name in sorted(messages.TEMPLATES):
        text = messages.render(name, EXAMPLE, zone=clock.PRACTICE_ZONE).sms
        yield f"| `{name}` | {text} | {rules.sms_segments(text)} |"
