# `make demo` runs the practice, `make test` proves it; both prepare what they need. `make help` lists the rest.
.POSIX:
.SUFFIXES:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Always through the interpreter: the scripts beside it break in a path with spaces.
PY := .venv/bin/python
SERVICES := $(PY) -m harmoniously.nonprod.with_services --
TESTENV := DJANGO_ENV=test PYTHONTZPATH=
PYTEST := $(TESTENV) $(PY) -m pytest -q
# Whoever tells Python to keep no compiled modules would have every process here compile all of ours and every test again.
PYTHONDONTWRITEBYTECODE :=
export PORT DEMO_HOST DEMO_DIR PYTHONDONTWRITEBYTECODE

.PHONY: help setup messages demo demo-reset test lint format types rules fast journeys screenshots lock clean check chromium

help:  ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup:  ## .venv with the locked packages
	@PYTHON="$(PYTHON)" sh .ci/setup.sh

demo: setup  ## the whole practice with invented people; Ctrl-C stops it (PORT=…, DEMO_HOST=…)
	@exec $(PY) manage.py demo --with-parent

demo-reset: setup  ## forget the demo's data
	@$(PY) manage.py demo_reset

lint: setup  ## format and lint
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

format: setup  ## put the code into its format
	$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format --quiet .

types: setup  ## mypy with django-stubs
	$(TESTENV) $(PY) -m mypy

check: setup  ## import layers, migrations, settings of production
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-cache
	$(SERVICES) env $(TESTENV) $(PY) manage.py makemigrations --check --dry-run
	env -i PATH="$$PATH" HOME="$$HOME" PYTHONTZPATH= $$(grep -v '^#' .ci/production.env) \
		$(PY) manage.py check --deploy --fail-level WARNING

rules: setup  ## the pure rules, under 2 s
	@# Pure Python needs no plugin, and each costs a moment in every test; the two that watch threads and destructors,
	@# which no rule has, collect garbage for longer than the rules take. Without them little is left to collect.
	$(TESTENV) PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PY) -c 'import gc; gc.disable(); import pytest; raise SystemExit(pytest.main())' \
		-q --noconftest -o addopts= -p no:threadexception -p no:unraisableexception --import-mode=importlib \
		--strict-markers tests/rules

fast: setup  ## every test without browser, under 90 s
	$(SERVICES) env $(PYTEST) -n 2 --dist worksteal -m "not stack and not journey" --ignore=tests/journeys --ignore=tests/rules tests

chromium: setup
	@sh .ci/chromium.sh

journeys: chromium  ## the demo as it is started, and Chromium through the running stack
	$(SERVICES) env $(PYTEST) -n 2 --dist loadgroup -p no:randomly tests/journeys tests/system/test_demo.py tests/treatment/test_offline.py

messages: setup  ## take new texts into the Spanish catalogue and compile it; names what has no Spanish yet
	@$(TESTENV) $(PY) manage.py messages

screenshots: chromium  ## pictures of every page into .screenshots (of the demo at BASE_URL, else of a new one; ARGS=…)
	@if [ -n "$$BASE_URL" ]; then exec $(PY) tests/screenshots.py $(ARGS); \
	else exec $(PY) -m tests.running_demo $(PY) tests/screenshots.py $(ARGS); fi

test:  ## everything; needs nothing prepared
	@$(MAKE) setup
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) check
	@$(MAKE) rules
	@$(MAKE) fast
	@$(MAKE) journeys

lock: setup  ## resolve the dependencies of pyproject.toml again
	@sh .ci/lock.sh

clean:  ## remove what the tools leave; keeps the demo's data
	rm -rf .cache .static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
