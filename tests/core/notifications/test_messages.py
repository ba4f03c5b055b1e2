"""Every message: no clinical word, short enough, says who writes and how to stop."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from harmoniously.core.notifications import messages, rules, samples, templates

# The longest that is put in: a private link with its token, the longest time.
LONGEST = {
    "when_at": "2026-09-30T16:30:00+00:00",
    "until_at": "2026-09-30T15:30:00+00:00",
    "link": "https://care.harmoniously.example/s/" + "x" * 43 + "/",
}
NAMES = sorted(messages.TEMPLATES)
# Colleagues are written to in English.
SPOKEN = [*((name, "en") for name in NAMES), *((name, "es") for name in sorted(templates.TEMPLATES))]
STOP = {"en": "Reply STOP to opt out, HELP for help.", "es": "Responda STOP para no recibir mas, HELP para ayuda."}


@pytest.fixture
def said(name, language):
    with translation.override(language):
        return messages.render(name, LONGEST, zone="America/Puerto_Rico")


@pytest.mark.parametrize(("name", "language"), SPOKEN)
def test_a_message_says_nothing_about_health_who_writes_and_how_to_stop_in_two_segments(said, language) -> None:
    page = render_to_string("notifications/email.html", {"words": said})
    for text in (said.subject, said.text, said.sms, page):
        assert messages.forbidden_words(text) == []
    assert rules.sms_segments(said.sms) <= 2
    assert settings.CLINIC_NAME in said.sms and settings.CLINIC_NAME in said.subject
    assert said.sms.endswith(STOP[language])
    assert said.link in said.sms and said.link in said.text


@pytest.mark.parametrize("name", NAMES)
def test_a_message_may_hold_nothing_but_the_clinic_a_time_and_a_link(name: str) -> None:
    assert messages.TEMPLATES[name].needs <= {"when", "until", "link"}


def test_the_names_other_apps_use_are_all_there() -> None:
    assert set(NAMES) == {
        "appointment_confirmed",
        "appointment_reminder",
        "appointment_starting",
        "time_offered",
        "appointment_cancelled",
        "session_reminder",
        "check_in_due",
        "check_in_second_reminder",
        "message_waiting",
        "action_needed",
        "staff_alert",
        "record_opened",
        "sitter_invitation",
        "visit_invitation",
        "receipt",
        "account_notice",
        "account_invitation",
        "account_recovery",
        "account_recovery_link",
        "account_recovered",
        "recovery_agreed",
        "recovery_stopped",
        "licence_ends",
        "staff_invitation",
    }


def test_the_guard_knows_the_words() -> None:
    assert messages.forbidden_words("Your KETAMINE dose") == ["ketamine", "dose"]
    assert messages.forbidden_words("Su DEPRESIÓN y su presión") == ["depresi", "presion"]


def test_the_html_part_escapes_and_links() -> None:
    words = messages.render("receipt", {"link": "https://x.example/?a=1&b=<2>"}, zone="America/New_York")
    page = render_to_string("notifications/email.html", {"words": words})
    assert 'href="https://x.example/?a=1&amp;b=&lt;2&gt;"' in page


def test_the_registered_samples_are_the_templates() -> None:
    written = (settings.BASE_DIR / "docs" / "10dlc.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line.startswith("| `")] == list(samples.lines())
