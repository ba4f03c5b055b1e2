"""What a note of each kind of visit asks for. Pure; words are telemedicine.notes.wording's.

A note is a flat mapping of these names to text; a name that is missing was left empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "2026.1"
NOT_ASSESSED = "not_assessed"

# The mental state with its choices, the unremarkable one first (the usual headings of the mental status examination).
MENTAL_STATE: dict[str, tuple[str, ...]] = {
    "appearance": ("kempt", "unkempt", "unusual"),
    "behaviour": ("cooperative", "guarded", "restless", "slowed", "agitated", "intoxicated"),
    "speech": ("normal", "slow", "fast", "pressured", "quiet", "slurred"),
    "mood": ("even", "low", "anxious", "irritable", "elevated", "empty"),
    "affect": ("full", "restricted", "flat", "labile", "incongruent"),
    "process": ("linear", "circumstantial", "tangential", "racing", "disorganised"),
    "content": ("unremarkable", "ruminating", "hopeless", "obsessional", "overvalued", "delusional"),
    "suicidal": ("denied", "wish_to_be_dead", "thoughts", "method", "intent", "plan"),
    "homicidal": ("denied", "thoughts", "plan"),
    "perception": ("unremarkable", "dissociation", "illusions", "hallucinations"),
    "cognition": ("intact", "inattentive", "forgetful", "disoriented"),
    "insight": ("good", "partial", "poor"),
    "judgement": ("good", "partial", "poor"),
}
# Both are asked at every visit: nothing is chosen until somebody chooses, "could not be assessed" included.
ALWAYS_ASKED = ("suicidal", "homicidal")
RISK_LEVELS = ("none", "low", "moderate", "high")
# What a person says who is in acute danger: no lower level than this fits (C-SSRS: intent or plan is high).
ACUTE = ("intent", "plan")
# The levels that stop sessions and shipments (house policy, section 4).
STOPPING = ("moderate", "high")
# The hold, cleared at this visit, with which the level was dealt with: its key and that level. Empty: it is new.
DEALT_WITH = "risk_dealt_with"
LONGEST = 20_000  # characters of one section


@dataclass(frozen=True)
class Template:
    """The sections of one kind of visit, in order; `opening` are the texts before the mental state.

    `prescribing` says whether doses, the order and the decisions of the day stand in it.
    """

    kind: str
    opening: tuple[str, ...]
    prescribing: bool = True

    @property
    def texts(self) -> tuple[str, ...]:
        """Every free text, in order."""
        return (*self.opening, "mental_words", "risk", "assessment", "plan")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a note of this kind may hold."""
        return (*self.texts, *(f"mental_{name}" for name in MENTAL_STATE), "risk_level", DEALT_WITH)

    @property
    def required(self) -> tuple[str, ...]:
        """What must not be empty when the note is signed; the risk never is."""
        asked = tuple(f"mental_{name}" for name in ALWAYS_ASKED)
        return (self.opening[0], *asked, "risk_level", "risk", "assessment", "plan")


TEMPLATES = {
    one.kind: one
    for one in (
        Template("evaluation", ("history", "home")),
        Template("check_in", ("interval",)),
        Template("integration", ("since", "themes", "work"), prescribing=False),
    )
}


def missing(template: Template, sections: Mapping[str, str]) -> tuple[str, ...]:
    """The names that still have to be filled in before signing, in the order of the note."""
    return tuple(name for name in template.required if not sections.get(name, "").strip())


def contradicts(sections: Mapping[str, str]) -> bool:
    """Whether intent or a plan stands in the mental state beside a risk that is not high."""
    return sections.get("mental_suicidal") in ACUTE and sections.get("risk_level") not in ("", None, "high")


def risk_said(sections: Mapping[str, str]) -> str:
    """The level of risk that a draft says: intent or a plan is high, whatever else stands in it or does not yet."""
    return "high" if sections.get("mental_suicidal") in ACUTE else sections.get("risk_level", "")


def covers(raised: str, level: str) -> bool:
    """Whether what was raised already says this level."""
    return raised in RISK_LEVELS and RISK_LEVELS.index(raised) >= RISK_LEVELS.index(level)
