#!/bin/sh
# Makes .venv and installs the locked packages; does nothing when that was done for this lock already.
# Needs Python 3.11 or newer with venv. PYTHON=… chooses one; else it is `python3`, or the first of its kin that was
# compiled with optimisations where that one was not.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A Python that was compiled without its optimisations, as pyenv does by default, takes a tenth longer for every page
# and every test. A distribution optimises its own without saying so in the configuration.
is_optimised() {
    "$1" -c 'import ensurepip, sysconfig, sys, venv
said = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
sys.exit(not (said or sys.base_prefix == "/usr"))' >/dev/null 2>&1
}

candidates="python3 python3.12 python3.11 python3.13 python3.14 python /usr/bin/python3"

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" && { printf '%s\n' "$PYTHON"; return 0; }
        say "PYTHON=$PYTHON is not Python 3.11 or newer."
        return 1
    fi
    for name in $candidates; do
        new_enough "$name" && is_optimised "$name" && { printf '%s\n' "$name"; return 0; }
    done
    for name in $candidates; do
        new_enough "$name" && { printf '%s\n' "$name"; return 0; }
    done
    if command -v python3 >/dev/null 2>&1; then
        say "Python 3.11 or newer is needed; this machine has $(python3 --version 2>&1)."
    else
        say "Python 3.11 or newer is needed; this machine has none."
    fi
    say "Install one (Debian: apt-get install python3 python3-venv), or name it: make demo PYTHON=/path/to/python3.12"
    return 1
}

# The stamp holds the lock that was installed, so that a changed lock, or a moved checkout, installs again.
stamp=.venv/installed
wanted="$(pwd)
$(cat requirements-dev.txt)"
if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null
then
    exit 0
fi

python=$(find_python) || exit 1
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "$("$python" --version 2>&1) lacks its venv module. Install it (Debian: apt-get install python3-venv) and run again."
    exit 1
fi
if ! { mkdir -p .venv && [ -w .venv ]; }; then
    say "$(pwd) cannot be written by this user (or the disk is full); .venv must go there. Use a checkout that you own."
    exit 1
fi
rm -f "$stamp"
if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    say "Making .venv with $("$python" --version 2>&1) …"
    "$python" -m venv --clear .venv || { say "The virtual environment could not be made (see above)."; exit 1; }
fi
say "Installing the packages of requirements-dev.txt into .venv …"
if ! .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input \
    --only-binary :all: --require-hashes --requirement requirements-dev.txt
then
    say ""
    say "The packages could not be installed (see above). Most often the network or the disk is the reason:"
    say "  free space here: $(df -Pk . | awk 'NR == 2 { printf "%d MB", $4 / 1024 }') (about 700 MB are needed)"
    say "  a package without a wheel for this machine ($(uname -sm), $(.venv/bin/python --version 2>&1)): use Python 3.12 or 3.11"
    exit 1
fi
.venv/bin/python .ci/fetch_redis.py || exit 1
printf '%s\n' "$wanted" >"$stamp"
