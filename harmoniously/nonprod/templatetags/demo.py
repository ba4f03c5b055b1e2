"""The demo's own time, for the bar on the staff site."""

from django import template

from harmoniously.core.common import clock

register = template.Library()


@register.simple_tag
def demo_time() -> str:
    """The moment it is in the demo."""
    return clock.describe(clock.now(), clock.PRACTICE_ZONE)


@register.simple_tag
def demo_is_moved() -> bool:
    """Whether the clock stands anywhere but at the real time."""
    return bool(clock.demo_offset())
