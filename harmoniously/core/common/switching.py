"""Language and appearance are switched on any page; what stands unsaved in the forms that carry it goes along.

The buttons of the switches send the page's own form (``components/carry.html``, and ``carries`` in the context names
it). So do the two-minute check, the intake, the agreements and the messages; other forms do not, and a file that was
chosen cannot. The switch answers with 307, so the browser posts the same answers to the page itself, which shows them
again and saves nothing. It needs no script, and nothing is kept on the way.
"""

from django.forms import BaseForm
from django.http import HttpRequest

CARRY = "carry"  # the field with the address to go back to; it stands in forms that go along
LANGUAGE, THEME = "language", "theme"  # the switches, and the buttons that they are pressed with


def was_switched(request: HttpRequest, *forms: BaseForm) -> bool:
    """Whether this POST only comes back from a switch; the forms then show what was typed, without a reproach."""
    if CARRY not in request.POST or not {LANGUAGE, THEME} & request.POST.keys():
        return False
    for form in forms:
        form.errors.clear()
    return True
