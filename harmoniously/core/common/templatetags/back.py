"""The way back to the case on a page that was opened from it (harmoniously/core/common/returning.py)."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from harmoniously.core.common import returning

register = template.Library()


@register.simple_tag(takes_context=True)
def back_query(context: Context) -> str:
    """Behind the address of a link that goes on with the same work: it still knows the way back."""
    return returning.query(returning.word_on(context))


@register.simple_tag(takes_context=True)
def keep_back(context: Context) -> SafeString:
    """The same in a form that is sent to another address."""
    word = returning.word_on(context)
    return format_html('<input type="hidden" name="{}" value="{}">', returning.NAME, word) if word else SafeString()
