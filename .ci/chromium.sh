#!/bin/sh
# Makes sure there is a Chromium for the journeys: the system's, else Debian's package as root, else Playwright's own.
set -eu
cd "$(dirname "$0")/.."

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
has_own() {
    .venv/bin/python - <<'PYTHON'
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not Path(playwright.chromium.executable_path).exists())
PYTHON
}
has_own && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's Chromium …"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; then
        exit 0
    fi
fi
echo "Installing Playwright's Chromium …"
if .venv/bin/python -m playwright install chromium && has_own; then
    exit 0
fi
cat >&2 <<'TEXT'
There is no Chromium, and none could be installed. The journeys need one:
  Debian, Ubuntu:  sudo apt-get install chromium
  elsewhere:       .venv/bin/python -m playwright install --with-deps chromium
The tests without browser need none: make fast
TEXT
exit 1
