"""The sample texts for the carriers' registration (10DLC), made from the templates so that they cannot differ."""

from collections.abc import Iterator

from harmoniously.core.common import clock
from harmoniously.core.notifications import messages, rules

EXAMPLE = {
    "when": "Tuesday 3 March, 4:30 pm Eastern (EST)",
    "until": "Monday 2 March, 6:00 pm Eastern (EST)",
    "link": "https://clinic.example/visits/",
}


def lines() -> Iterator[str]:
    """One line of the table for every template: name, text, segments."""
    for name in sorted(messages.TEMPLATES):
        text = messages.render(name, EXAMPLE, zone=clock.PRACTICE_ZONE).sms
        yield f"| `{name}` | {text} | {rules.sms_segments(text)} |"
