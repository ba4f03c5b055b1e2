"""What everyone can see: true without an account, without a database, without JavaScript, and without anybody else."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.views.defaults import server_error

PAGES = ("/", "/how-it-works/", "/prices/", "/safety/", "/crisis/", "/privacy/", "/check/", "/styleguide/")
ERRORS = ("403.html", "403_csrf.html", "404.html", "500.html", "503.html")
STATIC = Path(settings.BASE_DIR) / "static"


class Loads(HTMLParser):
    """Everything a page makes the browser fetch, every link, and everything a strict policy would refuse."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.buttons: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or re.match(r"on[a-z]+$", name)]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inline.append(tag)
        if tag in {"script", "img", "source", "iframe", "video"} and given.get("src"):
            self.fetched.append(given["src"] or "")
        if tag in {"link", "use"}:
            self.fetched.append(given.get("href") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "button":
            self.buttons.append(given)


def page_of(address: str) -> Loads:
    return Loads(Client().get(address).content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_opens_without_an_account_and_without_the_database(address: str) -> None:
    # No `db` fixture: a query would fail the test.
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_carries_the_headers_that_no_page_may_lack(address: str) -> None:
    headers = Client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("address", PAGES)
def test_loads_nothing_from_another_host_and_nothing_inline(address: str) -> None:
    page = page_of(address)
    assert page.inline == []
    assert [source for source in page.fetched if not re.match(r"/(?!/)", source)] == []


@pytest.mark.parametrize("address", PAGES)
def test_leads_only_to_itself_and_to_help(address: str) -> None:
    own = re.compile(r"(/(?!/)|#|\?|tel:|sms:)")
    assert [link for link in page_of(address).links if not own.match(link)] == []


@pytest.mark.parametrize("address", PAGES[:-1])
def test_does_its_work_without_javascript(address: str) -> None:
    assert [button for button in page_of(address).buttons if button.get("type") == "button"] == []


@pytest.mark.parametrize("address", PAGES)
def test_has_the_crisis_numbers_and_one_heading(address: str) -> None:
    text = Client().get(address).content.decode()
    assert_crisis_bar(text)
    assert len(re.findall(r"<h1[ >]", text)) == 1


def assert_crisis_bar(text: str) -> None:
    words = " ".join(re.sub(r"<[^>]+>", "", text).split())
    assert "In crisis? Call or text 988. Emergency: 911" in words
    for address in ("tel:988", "sms:988", "tel:911", "/crisis/"):
        assert f'href="{address}"' in text


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_need_nothing_and_keep_the_crisis_numbers(name: str) -> None:
    text = render_to_string(name)
    assert_crisis_bar(text)
    assert Loads(text).inline == []


def test_an_unknown_address_is_a_404_with_the_crisis_numbers() -> None:
    answer = Client().get("/no-such-page/")
    assert answer.status_code == 404
    assert_crisis_bar(answer.content.decode())


def test_a_crash_is_a_500_with_the_crisis_numbers() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert_crisis_bar(answer.content.decode())


def test_says_what_the_fda_says() -> None:
    text = Client().get("/safety/").content.decode()
    assert "10 October 2023" in text
    assert "not approved by the FDA for any psychiatric disorder" in text
    assert "Compounded products are not evaluated" in text


@pytest.mark.parametrize("address", PAGES[:-1])
def test_promises_nothing_that_is_not_so(address: str) -> None:
    text = Client().get(address).content.decode().lower()
    for claim in ("fda-approved", "proven safe", "guarantee", "cure", "!</"):
        assert claim not in text


def test_the_price_and_the_refund_stand_before_any_question() -> None:
    for address in ("/", "/prices/"):
        assert "$149" in Client().get(address).content.decode()
    assert "All of it back if the prescriber declines" in Client().get("/prices/").content.decode()


def test_styles_fit_their_budget() -> None:
    assert sum(file.stat().st_size for file in (STATIC / "css").glob("*.css")) <= 40 * 1024


def test_fonts_fit_their_budget_and_bring_their_licence() -> None:
    fonts = list((STATIC / "vendor").rglob("*.woff2"))
    assert len(fonts) == 2
    assert sum(font.stat().st_size for font in fonts) <= 120_000
    assert all((font.parent / "OFL.txt").is_file() for font in fonts)


def test_scripts_of_a_page_fit_their_budget() -> None:
    htmx = Path(str(finders.find("django_htmx/htmx-2.min.js")))
    assert htmx.stat().st_size + (STATIC / "js" / "app.js").stat().st_size <= 60 * 1024


def test_every_address_in_the_styles_is_there() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        for target in re.findall(r'url\("([^"]+)"\)', sheet.read_text()):
            found = finders.find(str((Path("css") / target).as_posix()).replace("css/../", ""))
            assert found, f"{sheet.name}: {target}"


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("auto", ""), ("pink", "")])
def test_the_appearance_is_kept_in_a_cookie(chosen: str, kept: str) -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": chosen, "next": "/prices/"})
    assert answer.headers["Location"] == "/prices/"
    assert client.cookies["theme"].value == kept
    page = client.get("/").content.decode()
    media = {"dark": 'dark.css">', "light": None, "": 'dark.css" media="(prefers-color-scheme: dark)">'}[kept]
    assert (media in page) if media else ("dark.css" not in page)


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_the_appearance_switch_leads_nowhere_else(onward: str) -> None:
    assert Client().post("/theme/", {"theme": "dark", "next": onward}).headers["Location"] == "/"


def test_the_appearance_changes_by_post_only() -> None:
    assert Client().get("/theme/").status_code == 405


def test_the_style_guide_is_not_in_production() -> None:
    with override_settings(PRODUCTION=True):
        assert Client().get("/styleguide/").status_code == 404


def test_an_invalid_form_comes_back_with_its_values_and_links_to_each_mistake() -> None:
    sent = {
        "name": "Ada Example",
        "born_0": "2",
        "born_1": "30",
        "born_2": "1985",
        "pressure_0": "80",
        "pressure_1": "120",
    }
    answer = Client().post("/styleguide/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Style guide" in text
    assert 'value="Ada Example"' in text
    assert 'role="alert"' in text
    for target in ("id_email", "id_born_0", "id_sleep_0", "id_pressure_0", "id_agree"):
        assert f'href="#{target}"' in text
        assert f'id="{target}"' in text


def test_a_field_names_its_hint_and_its_error() -> None:
    text = Client().post("/styleguide/", {}).content.decode()
    described = set(re.findall(r'aria-describedby="([^"]+)"', text))
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert "id_name_helptext id_name_error" in described
    assert {word for words in described for word in words.split()} <= ids
