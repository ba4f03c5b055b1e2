"""Every message: no clinical word, short enough, says who writes and how to stop."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from harmoniously.core.notifications import messages, rules, samples

# The longest that is put in: a private link with its token, the longest time.
LONGEST = {
    "when": "Wednesday 30 September, 12:30 pm Atlantic (AST)",
    "until": "Wednesday 30 September, 11:30 am Atlantic (AST)",
    "link": "https://care.harmoniously.example/s/" + "x" * 43 + "/",
}
NAMES = sorted(messages.TEMPLATES)


@pytest.mark.parametrize("name", NAMES)
def test_no_message_says_anything_about_health(name: str) -> None:
    words = messages.render(name, LONGEST, zone="America/New_York")
    page = render_to_string("notifications/email.html", {"words": words})
    for text in (words.subject, words.text, words.sms, page):
        assert messages.forbidden_words(text) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_text_fits_two_segments(name: str) -> None:
    assert rules.sms_segments(messages.render(name, LONGEST, zone="America/New_York").sms) <= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_message_names_the_clinic_and_a_text_says_how_to_stop(name: str) -> None:
    words = messages.render(name, LONGEST, zone="America/New_York")
    assert settings.CLINIC_NAME in words.sms
    assert settings.CLINIC_NAME in words.subject
    assert words.sms.endswith("Reply STOP to opt out, HELP for help.")
    assert words.link in words.sms and words.link in words.text


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
        "licence_ends",
        "staff_invitation",
    }


def test_the_guard_knows_the_words() -> None:
    assert messages.forbidden_words("Your KETAMINE dose") == ["ketamine", "dose"]


def test_the_html_part_escapes_and_links() -> None:
    words = messages.render("receipt", {"link": "https://x.example/?a=1&b=<2>"}, zone="America/New_York")
    page = render_to_string("notifications/email.html", {"words": words})
    assert 'href="https://x.example/?a=1&amp;b=&lt;2&gt;"' in page


def test_the_registered_samples_are_the_templates() -> None:
    written = (settings.BASE_DIR / "docs" / "10dlc.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line.startswith("| `")] == list(samples.lines())
