"""The names that a name box knows, and what it offers for one that it does not know. Nothing is applied by itself."""

import re
from collections.abc import Iterable
from functools import cache

from intake.names import FORMS, Match
from intake.policy import Policy, load_policy
from intake.rules.trials import catalogue_key

_LETTERS = re.compile(r"[^\W\d_]+")
MOST_OFFERED = 4

Known = tuple[tuple[str, str], ...]  # the name, and the ingredient where the name is another one


@cache
def antidepressant_names() -> Known:
    """Antidepressants by brand and ingredient, and the other treatments that people name beside them."""
    policy = load_policy()
    return _listed([*policy.antidepressants, *policy.other_treatments], policy)


@cache
def medicine_names() -> Known:
    """Every medicine that the policy knows, over-the-counter ones and supplements included."""
    policy = load_policy()
    return _listed([key for key in policy.spellings if key not in policy.other_treatments], policy)


def _listed(keys: Iterable[str], policy: Policy) -> Known:
    found = {}
    for key in keys:
        plain, *names = policy.spellings[key]
        found[plain] = ""
        for name in names:
            found.setdefault(name, plain)
    return tuple(sorted(found.items(), key=lambda row: row[0].casefold()))


def near_antidepressants(typed: str) -> tuple[str, ...] | None:
    """As near_names, antidepressants first; several medicines in one line are not one trial, so each is offered."""
    policy = load_policy()
    match = policy.names.match(typed)
    if match.recognised:
        return None if catalogue_key(match, policy) else _each(match, policy)
    return tuple(
        sorted(
            near_names(typed) or (),
            key=lambda name: not policy.names.match(name).keys & policy.antidepressants.keys(),
        )
    )


def _each(match: Match, policy: Policy) -> tuple[str, ...]:
    parts = sorted({part for key in match.keys for part in policy.components.get(key, (key,))})
    return tuple(policy.spellings[part][0] for part in parts if part in policy.spellings)[:MOST_OFFERED]


def near_names(typed: str) -> tuple[str, ...] | None:
    """None for a known name; else known names with a near spelling, best first, with the release form as typed."""
    policy = load_policy()
    match = policy.names.match(typed)
    if match.recognised:
        return None
    near = policy.names.suggest(typed)
    near = near or tuple(name for word in match.unmatched for name in policy.names.suggest(word))
    forms = [word for word in _LETTERS.findall(typed) if word.casefold() in FORMS]
    return tuple(dict.fromkeys(_with_forms(name, forms, policy) for name in near))[:MOST_OFFERED]


def _with_forms(name: str, forms: list[str], policy: Policy) -> str:
    whole = " ".join([name, *forms])
    same = policy.names.match(whole).keys == policy.names.match(name).keys
    return whole if forms and same else name
