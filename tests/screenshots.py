"""Pictures of every page of every role, from a running demo: BASE_URL=http://127.0.0.1:8000 make screenshots.

The pages are the addresses that take no arguments, and whatever the pages of a role link to: one page for each URL
name. Each is taken at 390 and 1440 px, light and dark, into .screenshots/<role>/. What a designer would see first is
also printed: sideways scrolling, console errors, and with --axe what axe finds (WCAG 2.2 A and AA).

make screenshots ARGS=--readme takes the two pictures of README.md anew, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmoniously.settings")

import django  # noqa: E402

django.setup()

from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse  # noqa: E402
from django.urls.exceptions import Resolver404  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")
SKIPPED = (
    "/static/",
    "/demo/be/",
    "/demo/clock/",
    "/webhooks/",
    "/accounts/logout/",
    "/admin/logout/",
    "/admin/jsi18n/",
)
PUBLIC = "public"
# File, persona, size, and the link on their queue that leads to it.
README = (
    ("home.png", "patient", {"width": 390, "height": 844}, ""),
    ("case.png", "prescriber", {"width": 1440, "height": 900}, "main tbody a[href*='/cases/']"),
)
AXE = CHECKOUT / "tests" / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")


def plain_addresses(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the URL configuration that takes no arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        text = prefix + str(entry.pattern).replace("^", "").replace("$", "").replace(r"\Z", "")
        if "<" in text or "(" in text:
            continue
        if isinstance(entry, URLResolver):
            yield from plain_addresses(entry, text)
        elif isinstance(entry, URLPattern):
            yield text


def page_key(address: str) -> str:
    """The URL name an address belongs to; pages of one name are photographed once."""
    try:
        return resolve(urlsplit(address).path).view_name.replace(":", "-")
    except Resolver404:
        return ""


def sign_in(context: BrowserContext, base: str, key: str) -> str:
    """Be the persona, by the button of the demo page; where it led."""
    page = context.new_page()
    page.goto(urljoin(base, "/demo/"))
    page.locator(f'form[action$="/demo/be/{key}/"] button').click()
    page.wait_for_load_state()
    landed = page.url
    page.close()
    return landed


def personas(browser: Browser, base: str) -> list[str]:
    """The keys of the demo's personas."""
    page = browser.new_page()
    page.goto(urljoin(base, "/demo/"))
    actions = page.locator('form[action*="/demo/be/"]').evaluate_all(
        "all => all.map(form => form.getAttribute('action'))"
    )
    page.close()
    return [action.strip("/").split("/")[-1] for action in actions]


def pages_of(page: Page, base: str, start: str, limit: int) -> dict[str, str]:
    """Walk from the start and the plain addresses along the links of the pages: URL name to address."""
    waiting = [start, *(urljoin(base, address) for address in plain_addresses())]
    found: dict[str, str] = {}
    while waiting and len(found) < limit:
        address = waiting.pop(0).split("#")[0]
        path, key = urlsplit(address).path, page_key(address)
        if not key or key in found or not address.startswith(base) or path.startswith(SKIPPED):
            continue
        answer = page.request.get(address, max_redirects=0)
        if answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
            found[key] = address
            page.goto(address)
            links = page.locator("a[href]").evaluate_all("all => all.map(link => link.href)")
            waiting += [link for link in links if link.startswith(base)]
    return found


def photograph(page: Page, address: str, file: Path, with_axe: bool) -> list[str]:
    """Take one picture; what is wrong with the page."""
    wrong: list[str] = []
    page.on(
        "console", lambda message: wrong.append(f"console: {message.text[:160]}") if message.type == "error" else None
    )
    page.goto(address)
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(file), full_page=True)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        wrong.append(f"scrolls sideways by {over} px")
    return wrong + (axe(page) if with_axe else [])


def axe(page: Page) -> list[str]:
    """What axe finds. It is brought in through the debugger, since the page's policy rightly refuses it."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    script = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, preload: false}})"
    found = page.evaluate(
        f"{script}.then(all => all.violations.map(v => v.id + ' ' + v.nodes.map(n => n.target).join(', ')))"
    )
    session.detach()
    return [f"axe: {text[:200]}" for text in found]


def take(browser: Browser, base: str, role: str, options: argparse.Namespace) -> int:
    """Every page of one role in every size and scheme; how many complaints there were."""
    with browser.new_context() as context:
        start = base if role == PUBLIC else sign_in(context, base, role)
        found = pages_of(context.new_page(), base, start, options.limit)
        state = context.storage_state()
    complaints = 0
    for scheme in options.schemes:
        for width in options.widths:
            size = {"width": width, "height": 900}
            with browser.new_context(storage_state=state, viewport=size, color_scheme=scheme) as context:
                for key, address in found.items():
                    page = context.new_page()
                    wrong = photograph(page, address, options.into / role / f"{key}-{width}-{scheme}.png", options.axe)
                    page.close()
                    complaints += len(wrong)
                    for line in wrong:
                        print(f"{role} {urlsplit(address).path} {width} {scheme}: {line}")
    print(f"{role}: {len(found)} pages")
    return complaints


def for_readme(browser: Browser, base: str) -> None:
    """The first screen of a patient's home and of the case that waits first, in few colours."""
    for name, persona, size, link in README:
        with browser.new_context(viewport=size, color_scheme="light") as context:
            start = sign_in(context, base, persona)
            page = context.new_page()
            page.goto(urljoin(base, reverse("admin:review_queue")) if link else start)
            if link:
                page.locator(link).first.click()
                page.wait_for_load_state()
            file = CHECKOUT / "docs" / "images" / name
            page.screenshot(path=str(file))
            Image.open(file).quantize(64).save(file, optimize=True)
            print(f"{file}: {page.url}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axe", action="store_true", help="also say what axe finds")
    parser.add_argument("--into", type=Path, default=CHECKOUT / ".screenshots")
    parser.add_argument("--role", action="append", help="only this persona (may be repeated); 'public' is nobody")
    parser.add_argument("--widths", type=int, nargs="+", default=list(WIDTHS))
    parser.add_argument("--schemes", nargs="+", default=list(SCHEMES), choices=SCHEMES)
    parser.add_argument("--limit", type=int, default=120, help="at most so many pages for a role")
    parser.add_argument("--readme", action="store_true", help="only the pictures of README.md")
    options = parser.parse_args()
    base = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/") + "/"
    own = next((path for path in CHROMIUM if Path(path).exists()), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-quic"])
        if options.readme:
            for_readme(browser, base)
        roles = [] if options.readme else options.role or [PUBLIC, *personas(browser, base)]
        complaints = sum(take(browser, base, role, options) for role in roles)
        browser.close()
    print(f"{complaints} complaints; pictures in {options.into}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
