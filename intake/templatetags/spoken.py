"""Findings in the reader's language."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from harmoniously.core.accounts import languages
from intake.spoken import told

register = template.Library()


@register.filter
def spoken(text: str) -> str | SafeString:
    """A finding's sentences for the reader; marked with `lang` where they stay in English on a Spanish page."""
    found = told(text)
    if found.language == languages.current():
        return found.text
    return format_html('<span lang="{}">{}</span>', found.language, found.text)
