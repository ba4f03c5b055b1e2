"""How findings are shown to the patient: what stands in the way, what we need, what a clinician looks at. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDER = ("crisis", "exclude", "information", "review", "note")


@dataclass(frozen=True, slots=True)
class Groups:
    """The plain sentences of a decision by tier, each once."""

    crisis: tuple[str, ...]
    exclude: tuple[str, ...]
    information: tuple[str, ...]
    review: tuple[str, ...]
    note: tuple[str, ...]


def grouped(findings: Sequence[Mapping[str, Any]]) -> Groups:
    """The patient's sentences by tier, in the order in which they were found."""
    texts: dict[str, list[str]] = {tier: [] for tier in ORDER}
    for finding in findings:
        told = texts[finding["tier"]]
        if finding["patient_text"] not in told:
            told.append(finding["patient_text"])
    return Groups(**{tier: tuple(told) for tier, told in texts.items()})
