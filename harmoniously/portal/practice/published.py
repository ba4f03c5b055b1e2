"""The files that the practice decides and writes by: policies and agreements, each version with what it changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from harmoniously.core.alerts import policy as alert_policy
from harmoniously.core.common.encryption import DecryptionError
from harmoniously.core.common.published import digests, published_bytes
from harmoniously.core.documents.consents import texts
from harmoniously.core.documents.consents.texts import ConsentText
from harmoniously.core.documents.models import ConsentAct, ConsentEvent, ConsentKind
from intake import policy as intake_policy
from intake.case import CaseError
from intake.policy_diff import Tally, compare
from intake.selectors import newest_decisions
from treatment import policy as treatment_policy

# How many stored decisions a page goes through; the command goes through all.
COMPARED = 300
FAMILIES = {
    "intake": (_("Eligibility"), intake_policy.POLICIES),
    "treatment": (_("Treatment"), treatment_policy.POLICIES),
    "alerts": (_("Alerts"), alert_policy.POLICIES),
}


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One published version of one policy."""

    family: str
    title: Any
    version: str
    since: date
    sha256: str
    in_force: bool


def policies() -> list[PolicyFile]:
    """Every published version of every policy, the newest first."""
    in_force = {
        "intake": intake_policy.load_policy().version,
        "treatment": treatment_policy.load().version,
        "alerts": alert_policy.CURRENT_VERSION,
    }
    found = []
    for family, (title, root) in FAMILIES.items():
        for name, sha256 in digests(root).items():
            if "/" in name:
                continue
            raw = _parsed(root, name)
            since, version = raw.get("effective_on") or raw["effective_from"], raw["version"]
            found.append(PolicyFile(family, title, version, since, sha256, version == in_force[family]))
    return sorted(found, key=lambda row: (row.family != "intake", row.family != "treatment", row.version))


def _parsed(root: Path, name: str) -> Mapping[str, Any]:
    return tomllib.loads(published_bytes(root, name).decode("utf-8-sig"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that two versions give differently; empty where one of them does not have it."""

    key: str
    old: str
    new: str


def differences(root: Path, old: str, new: str) -> list[Difference]:
    """What two versions in a folder say differently, value by value, in the order of their keys."""
    before, after = (dict(_flat(_parsed(root, f"{name}.toml"))) for name in (old, new))
    keys = [*before, *(key for key in after if key not in before)]
    found = [Difference(key, before.get(key, ""), after.get(key, "")) for key in keys]
    return [row for row in found if row.old != row.new]


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        place = f"{before}.{key}" if before else key
        if isinstance(value, Mapping):
            yield from _flat(value, place)
        elif isinstance(value, list):
            yield place, ", ".join(str(item) for item in value)
        else:
            yield place, str(value)


def tally(old: str, new: str) -> Tally:
    """What the other version would make of the newest decisions that count today: counts and codes, nobody's facts."""
    before, after = (intake_policy.find_policy(name) for name in (old, new))
    counted = Tally()
    for row in newest_decisions(COMPARED):
        counted.decisions += 1
        try:
            change = compare(row.facts, before, after)
        except (CaseError, DecryptionError, ValueError):
            counted.unreadable += 1
        else:
            counted.add(change)
    return counted


@dataclass(frozen=True, slots=True)
class Agreement:
    """One text of one version, with how many patients its signature stands for now."""

    text: ConsentText
    since: date
    in_force: bool
    planned: bool
    signed: int

    @property
    def title(self) -> str:
        return str(ConsentKind(self.text.kind).label)


def agreements(today: date) -> list[Agreement]:
    """Every text of every version, by kind and then the newest first. One query."""
    standing = {
        (kind, sha256): number
        for kind, sha256, number in _standing().values_list("kind", "text_sha256").annotate(Count("pk")).order_by()
    }
    current, found = texts.all_current(today), []
    for kind in texts.KINDS:
        for since, version in reversed(texts.versions()):
            if texts.has(kind, version):
                text = texts.load(kind, version)
                signed = standing.get((kind, text.sha256), 0)
                in_force = text.sha256 == current[kind].sha256
                found.append(Agreement(text, since, in_force, since > today, signed))
    return found


def _standing() -> QuerySet[ConsentEvent]:
    """The signatures that stand: nothing was signed or taken back after them."""
    later = ConsentEvent.objects.filter(
        patient=OuterRef("patient"), kind=OuterRef("kind"), sequence__gt=OuterRef("sequence")
    ).exclude(act=ConsentAct.READ)
    return ConsentEvent.objects.filter(~Exists(later), act=ConsentAct.SIGNED)


def to_sign_anew(kind: str, today: date) -> QuerySet[ConsentEvent]:
    """Whose standing signature is of other words than those in force, by record number; never what is in the record."""
    text = texts.current(kind, today)
    rows = _standing().filter(kind=kind).exclude(text_sha256=text.sha256).select_related("patient")
    return rows.only("kind", "version", "at", "patient__mrn").order_by("patient__mrn")
