"""Finds every text that a patient or a visitor may read, in the code, the templates and the policy."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import template as django_template

from intake.spoken import sentences

# What patients and visitors read. Staff pages are in English and stand in no catalogue.
PATIENT_FACING = (
    "harmoniously/core/accounts/**/*.py",
    "harmoniously/core/alerts/plan_models.py",
    "harmoniously/core/alerts/surfacing.py",
    "harmoniously/core/common/**/*.py",
    "harmoniously/core/documents/**/*.py",
    "harmoniously/core/notifications/**/*.py",
    "harmoniously/core/questions/**/*.py",
    "harmoniously/portal/*.py",
    "billing/**/*.py",
    "intake/**/*.py",
    "telemedicine/**/*.py",
    "templates/*.html",
    "treatment/check_in_names.py",
    "treatment/models/plan.py",
    "templates/account/**/*",
    "templates/alerts/own_plan.html",
    "templates/allauth/**/*.html",
    "templates/components/**/*.html",
    "templates/intake/**/*.html",
    "templates/mfa/**/*",
    "templates/billing/*.html",
    "templates/notifications/*.html",
    "templates/portal/*.html",
    "templates/portal/public/*.html",
    "templates/telemedicine/*.html",
    "templates/telemedicine/reviews/decision.html",
    "templates/telemedicine/reviews/_decision.html",
    "templates/usersessions/**/*",
)
# The treatment pages are in English still (ENGLISH_ONLY of the accounts).
NOT_PATIENT_FACING = (
    "**/admin*.py",
    "**/staff_*.py",
    "harmoniously/core/accounts/permission_words.py",
    "harmoniously/core/accounts/recovery_models.py",
    "harmoniously/core/common/returning.py",
    "harmoniously/core/notifications/models.py",
    "harmoniously/portal/dashboard.py",
    "harmoniously/portal/staff*.py",
    "harmoniously/portal/styleguide.py",
    "harmoniously/portal/today.py",
    "telemedicine/models/availability.py",
    "telemedicine/models/note.py",
    "telemedicine/models/work.py",
    "telemedicine/notes/*.py",
    "telemedicine/reviews/[cefmptw]*.py",
    "telemedicine/reviews/handing.py",
    "telemedicine/reviews/record_views.py",
    "telemedicine/models/referral.py",
    "telemedicine/referrals/*.py",
    "telemedicine/refills/*.py",
    "telemedicine/reviews/services.py",
    "telemedicine/reviews/deciding/*.py",
    "telemedicine/reviews/in_person.py",
    "telemedicine/models/verdict.py",
    "telemedicine/reviews/versions.py",
    "telemedicine/models/change.py",
    "telemedicine/services/changes.py",
    "telemedicine/services/hours.py",
    "telemedicine/services/keeping.py",
    "telemedicine/staff_views/*.py",
    "telemedicine/work/*.py",
    "templates/base_staff.html",
    "templates/components/keys.html",
    "templates/components/schedule_grid.html",
    "templates/intake/requests/judge.html",
    "templates/portal/styleguide.html",
)
# What a patient reads of a policy, and of the table that says when one may apply again.
POLICY_TEXTS = frozenset({"plain", "why", "change", "when", "patient"})
AGAIN_TEXTS = frozenset({"words"})
CALL = re.compile(
    r"(?<![\w.])(n?p?gettext|_)\(\s*((?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)", re.DOTALL
)
STRING = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)
LAZY = frozenset({"gettext_lazy", "ngettext_lazy", "pgettext_lazy", "npgettext_lazy", "gettext_noop"})
WITH_CONTEXT = frozenset({"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"})
WITH_PLURAL = frozenset({"ngettext", "ngettext_lazy", "npgettext", "npgettext_lazy"})


@dataclass(frozen=True, slots=True)
class Key:
    """What gettext looks a text up by."""

    text: str
    plural: str = ""
    context: str = ""


@dataclass(slots=True)
class Found:
    """Every text with the files it stands in, and the texts that are translated too early to follow the reader."""

    places: dict[Key, set[str]] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)

    def add(self, key: Key, place: str) -> None:
        if key.text:
            self.places.setdefault(key, set()).add(place)


def extract(root: Path) -> Found:
    """Every patient-facing text below `root`."""
    found = Found()
    left_out = {path for pattern in NOT_PATIENT_FACING for path in root.glob(pattern)}
    files = {path for pattern in PATIENT_FACING for path in root.glob(pattern) if path.is_file()} - left_out
    for path in sorted(files):
        place = path.relative_to(root).as_posix()
        if path.suffix == ".py" and "migrations" not in path.parts:
            _python(path.read_text(encoding="utf-8"), place, found)
        elif path.suffix in {".html", ".txt"}:
            _template(path.read_text(encoding="utf-8"), place, found)
    for pattern, names in (("intake/policies/*.toml", POLICY_TEXTS), ("intake/policies/again/*.toml", AGAIN_TEXTS)):
        for path in sorted(root.glob(pattern)):
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            _policy(table, path.relative_to(root).as_posix(), found, names)
    return found


def _key(function: str, texts: list[str]) -> Key:
    context = texts.pop(0) if function in WITH_CONTEXT else ""
    return Key(texts[0], texts[1] if function in WITH_PLURAL else "", context)


def _python(source: str, place: str, found: Found) -> None:
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    if not names:
        return
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        function = names.get(node.func.id, "") if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if not isinstance(node, ast.Call) or "gettext" not in function:
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if not texts:
            continue
        found.add(_key(function, texts), place)
        if function not in LAZY and id(node) not in inside:
            found.frozen.append(f"{place}:{node.lineno}")


def _template(source: str, place: str, found: Found) -> None:
    for function, arguments in CALL.findall(django_template.templatize(source, origin=place)):
        found.add(_key(function, [ast.literal_eval(text) for text in STRING.findall(arguments)]), place)


def _policy(table: dict[str, object], place: str, found: Found, names: frozenset[str]) -> None:
    for name, text in _texts(table, names):
        for sentence in [text] if name == "plain" else sentences(text):
            found.add(Key(sentence), place)


def _texts(table: dict[str, object], names: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, names)
        elif name in names and isinstance(value, str):
            yield name, value
