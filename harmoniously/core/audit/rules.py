"""What kind of thing an action was, by its name: for whoever looks for something in the trail. Pure."""

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """The kinds, each action being of one."""

    READ = "read"
    TAKEN_OUT = "taken_out"
    REFUSED = "refused"
    EMERGENCY = "emergency"
    SIGN_IN = "sign_in"
    CHANGE = "change"


_READ = frozenset({"viewed", "listed", "searched", "looked_up", "compared", "letter_opened", "outcome_opened"})
# Readings whose verb elsewhere begins something ("safety_hold.opened") or settles it ("supply_flag.read").
_READINGS = frozenset(
    {
        "appointment.opened",
        "audit_trail.checks_viewed",
        "calendarfeed.read",
        "guest.opened",
        "journalentry.read",
        "room.opened",
        "sitter_invitation.opened",
        "visitnote.opened",
    }
)
_TAKEN_OUT = frozenset({"exported", "printed", "downloaded", "letter_downloaded", "permission_downloaded"})
_REFUSED = frozenset({"refused", "not_found"})
# A prescriber's answer to an application, and no refusal of access.
_ANSWERS = frozenset({"eligibility.refused"})
_SIGN_IN = ("session.", "account.")


def kind_of(action: str) -> Kind:
    """The kind of an action such as "patient.viewed"; what reads nothing and takes nothing out is a change."""
    verb = action.rpartition(".")[2]
    if verb in _REFUSED and action not in _ANSWERS:
        return Kind.REFUSED
    if action.startswith("emergencyaccess."):
        return Kind.EMERGENCY
    if action.startswith(_SIGN_IN):
        return Kind.SIGN_IN
    if verb in _TAKEN_OUT:
        return Kind.TAKEN_OUT
    return Kind.READ if verb in _READ or action in _READINGS else Kind.CHANGE


def wanted(actions: Iterable[str], *, kind: Kind | None, text: str) -> list[str]:
    """Of all actions there are, those of a kind that begin with a text, whatever its case."""
    beginning = text.casefold()
    return [name for name in actions if name.startswith(beginning) and (kind is None or kind_of(name) is kind)]
