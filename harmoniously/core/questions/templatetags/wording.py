"""What a question page says about the language of its instrument."""

from django import template

from harmoniously.core.questions import wording
from harmoniously.core.questions.specs import Page, Text

register = template.Library()


@register.filter
def other_language(page: Page) -> str:
    """The language of the page's instrument where it is another than that of the page, for `lang`."""
    return wording.other_language(page)


@register.filter
def about_language(page: Page) -> Text:
    """The sentence that says so, or nothing."""
    return wording.about_language(page)
