"""Patients can read everything in Spanish (UX-23): nothing is missing, nothing is stale, findings are said whole."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.common import clock
from harmoniously.core.questions import wording
from harmoniously.core.questions.forms import form_for
from harmoniously.core.questions.instruments import INSTRUMENTS, PHQ9
from harmoniously.core.questions.services import record_assessment
from harmoniously.core.questions.specs import Context
from harmoniously.nonprod.catalogue import po, upkeep
from harmoniously.nonprod.catalogue.extract import Key
from harmoniously.portal.home_views import BANDS
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.pages import INTAKE
from intake.policy import load_policy
from intake.spoken import told
from tests.cast import NOON
from tests.rules.random_cases import random_case

WITH_SPANISH = {"phq9", "gad7", "cssrs"}


def test_ux_23_every_text_of_a_patient_has_its_spanish() -> None:
    assert upkeep.problems() == []


@pytest.mark.parametrize(
    ("text", "said", "wrong"),
    [
        ("Call %(name)s", "Llame a %(name)s", False),
        ("Call %(name)s", "Llame a %(nombre)s", True),
        ("Call %(name)s", "Llame", True),
        ("Call {name}", "Llame a {name}", False),
        ("Call {name}", "Llame", True),
        (" or ", "o", True),
        ("100 %", "100 %", False),
    ],
)
def test_ux_23_a_translation_that_does_not_fit_is_found(text: str, said: str, wrong: bool) -> None:
    assert bool(upkeep.misfit(Key(text), (said,))) is wrong


def test_ux_23_a_catalogue_is_read_as_it_was_written(tmp_path: Path) -> None:
    catalogue = {
        Key('Say "yes"\nnow'): ('Diga "sí"\nahora',),
        Key("one day", "%(n)s days"): ("un día", "%(n)s días"),
        Key("May", context="month"): ("mayo",),
    }
    file = tmp_path / "es.po"
    file.write_text(po.as_po(catalogue, {}), encoding="utf-8")
    assert po.read(file) == catalogue


def test_ux_23_every_finding_is_said_whole_in_spanish() -> None:
    policy = load_policy()
    texts = {one.patient_text for seed in range(400) for one in assess(read_case(random_case(seed)), policy).findings}
    assert len(texts) > 150
    with translation.override("es"):
        assert [text for text in texts if told(text).language != "es"] == []
        assert told("Nobody wrote this sentence. Your prescriber will look at it.").language == "en"
        said = told("You take St. John's <b>wort</b>. It can make ketamine weaker.").text
    assert said == "Usted toma St. John's <b>wort</b>. Puede hacer más débil la ketamina."


def test_ux_23_instruments_keep_their_values_in_spanish() -> None:
    for instrument in INSTRUMENTS.values():
        spanish = instrument.in_language("es")
        assert spanish.language == ("es" if instrument.key in WITH_SPANISH else "en")
        assert [item.key for item in spanish.items] == [item.key for item in instrument.items]
        assert [option.value for option in spanish.options] == [option.value for option in instrument.options]
        assert [bool(item.hint) for item in spanish.items] == [bool(item.hint) for item in instrument.items]


def test_ux_23_the_bands_of_a_score_are_said_in_spanish() -> None:
    """They stand beside the chart on the patient's home."""
    assert {band.name for band in PHQ9.bands} == set(BANDS)
    with translation.override("es"):
        assert [name for name, words in BANDS.items() if str(words) == name] == []


def test_ux_23_a_moment_reads_well_in_spanish() -> None:
    with translation.override("es"):
        words = clock.describe(NOON, "America/New_York")
        assert words.endswith("hora del Este (EST)") or words.endswith("hora del Este (EDT)")
        assert clock.long_date_words(NOON.date()).count(" de ") == 2


@pytest.mark.parametrize(
    "onward", ["//evil.example/", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)"]
)
def test_ux_23_the_language_switch_leads_nowhere_else(onward: str) -> None:
    assert Client().post("/language/", {"language": "es", "next": onward}).headers["Location"] == "/"


def test_ux_23_a_visitor_chooses_and_stays_on_the_page() -> None:
    # No `db` fixture: neither the switch nor the public pages need the database.
    visitor = Client()
    answer = visitor.post("/language/", {"language": "es", "next": "/crisis/?a=b"})
    assert answer.headers["Location"] == "/crisis/?a=b"
    cookie = visitor.cookies["language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("es", True, "Lax")
    page = visitor.get("/crisis/").content.decode()
    assert '<html lang="es"' in page
    assert "Llame al 988" in page
    assert 'value="en" lang="en">English</button>' in page
    assert '<html lang="es"' in visitor.get("/no-such-page/").content.decode() or settings.DEBUG
    visitor.post("/language/", {"language": "xx", "next": "/"})
    assert visitor.cookies["language"].value == "es"


def test_ux_23_an_account_keeps_its_language_and_staff_pages_stay_english(
    patient: Patient, patient_client: Client, prescriber_client: Client
) -> None:
    patient_client.post("/language/", {"language": "es", "next": "/home/"})
    user = User.objects.get(pk=patient.user_id)
    assert languages.of_reader(user) == "es"
    del patient_client.cookies["language"]  # another device
    assert '<html lang="es"' in patient_client.get("/intake/").content.decode()

    prescriber_client.cookies["language"] = "es"
    assert '<html lang="en"' in prescriber_client.get("/admin/").content.decode()


def test_ux_23_a_score_keeps_in_which_language_it_was_asked(patient: Patient) -> None:
    used = {"phq9": {"items": [1] * 9, "_language": "es"}, "gad7": {"items": [1] * 7}}
    assert [wording.language_of(used, (key,)) for key in ("phq9", "gad7", "pcl5")] == ["es", "en", "en"]
    page = INTAKE.by_key["phq9"]
    with translation.override("es"):
        form = form_for(page, context=Context(used={}, today=NOON.date()), data={f"items_{n}": "1" for n in range(9)})
        assert form.is_valid()
        assert form.answers()["_language"] == "es"
        assert form.fields["items_0"].label == "Poco interés o placer en hacer cosas"
        assert not wording.about_language(page)
        assert wording.about_language(INTAKE.by_key["pcl5"])
    row = record_assessment(
        patient=patient, instrument="phq9", answers=[1] * 9, context="intake", language="es", by=patient.user, now=NOON
    )
    assert (row.language, row.total) == ("es", 9)
