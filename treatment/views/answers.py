"""What a script of a session page gets for what it sent: a word for the person, or why it was not taken."""

from typing import Any
from uuid import uuid4

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse

from treatment.forms import HelpForm


def by_script(request: HttpRequest) -> bool:
    """Whether the page itself sends what was kept on the device, rather than a person a form."""
    return "application/json" in request.headers.get("Accept", "")


def taken(text: str = "") -> HttpResponse:
    """It is kept here now; `text` is what to tell the people in the room at once."""
    return JsonResponse({"text": text})


def refused(form: BaseForm | None = None, text: str = "") -> HttpResponse:
    """It cannot be taken and is not to be sent again; why."""
    mistakes = [str(words) for found in form.errors.values() for words in found] if form else []
    return JsonResponse({"text": " ".join(mistakes) or text}, status=422)


def keyed(request: HttpRequest) -> dict[str, Any]:
    """The key and the moment of a call for help. One that is not well formed is a call all the same."""
    form = HelpForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    return {"key": data.get("key") or uuid4(), "after": data.get("after")}
