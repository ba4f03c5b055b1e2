"""What a patient's permission lets go out: exactly its parts, to its recipient, until its day (45 CFR 164.508)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from treatment.rules.reasons import Reason, Weight, reason

# The parts that a letter can have, in their order. What substances somebody uses is in none of them (42 CFR part 2).
PARTS = ("course", "scores", "events", "medicines", "summary")
LONGEST = timedelta(days=365)
_SOURCE = "45 CFR 164.508(c)"


@dataclass(frozen=True)
class Permission:
    """A signed permission. Days are the patient's own."""

    parts: Sequence[str]
    expires_on: date
    revoked: bool = False


def refusals(permission: Permission, *, today: date) -> tuple[Reason, ...]:
    """Why nothing may go out under a permission; empty when something may. Its last day still counts."""
    found = []
    if permission.revoked:
        found.append(reason("permission_revoked", Weight.REFUSE, _SOURCE))
    if today > permission.expires_on:
        found.append(reason("permission_expired", Weight.REFUSE, _SOURCE))
    if not permission.parts or not set(permission.parts) <= set(PARTS):
        found.append(reason("permission_parts", Weight.REFUSE, _SOURCE))
    return tuple(found)


def may_last_until(day: date, *, today: date) -> bool:
    """Whether a permission may be given until that day: from today to a year from now (house)."""
    return today <= day <= today + LONGEST


def allowed(parts: Collection[str]) -> tuple[str, ...]:
    """The parts that a letter has, in its own order."""
    return tuple(part for part in PARTS if part in parts)
