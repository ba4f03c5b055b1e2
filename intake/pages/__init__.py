"""The intake questionnaire as data: sections, pages, fields, and when each is shown."""

from harmoniously.core.questions.specs import Questionnaire
from intake.pages import about, conditions, consent, feelings, health, home, substances, treatments

INTAKE = Questionnaire(
    version="2026.2",
    sections=(
        about.SECTION,
        feelings.REASONS,
        feelings.SECTION,
        treatments.SECTION,
        health.SECTION,
        home.SECTION,
    ),
    pages=(
        *about.PAGES,
        *feelings.PAGES,
        *treatments.PAGES,
        *conditions.PAGES,
        *substances.PAGES,
        *health.PAGES,
        *home.PAGES,
    ),
)
SECTIONS = (*INTAKE.sections, consent.SECTION)
# How long all of it takes, to the nearest five: every page that names a time names this one.
MINUTES = 5 * round(sum(section.minutes for section in SECTIONS) / 5)
