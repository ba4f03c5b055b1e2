"""What both sides' pages do with a message that is sent: look at its file outside any transaction, then keep both."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts.surfacing import clinician_told, surface_unsaved
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import receiving, uploads
from telemedicine.conversation import services
from telemedicine.conversation.forms import MessageForm
from telemedicine.conversation.services import Words
from telemedicine.models import Message, MessageFile


def given(request: HttpRequest) -> dict[str, Any]:
    """What a form is made of: what was posted, also when that is nothing at all."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def send(
    request: HttpRequest, form: MessageForm, patient: Patient, by: User, now: datetime, keep: Callable[[Words], Message]
) -> Message | None:
    """The message that the form made, now or when it was sent before; with what is wrong in the form, None.

    What a patient could not send (too long, or its file refused) is held against the words all the same.
    """
    message = _send(request, form, patient, by, now, keep)
    said = [request.POST.get("body", "")] if message is None and by.pk == patient.user_id else []
    if surface_unsaved(texts=said, patient=patient, by=by, now=now):
        messages.warning(request, clinician_told(kept=False))
    return message


def _send(
    request: HttpRequest, form: MessageForm, patient: Patient, by: User, now: datetime, keep: Callable[[Words], Message]
) -> Message | None:
    if receiving.was_too_large(request):
        form.is_valid()
        form.add_error("file", uploads.words_for("size"))
        return None
    if not form.is_valid():
        return None
    token, file, body = (form.cleaned_data[name] for name in ("form_token", "file", "body"))
    done = services.sent_before(patient, token, by)
    if done is not None and done.body != body:
        # An old tab, or "back": what is new in it is a message of its own, and lost to nobody (I3, I9).
        token = uuid5(token, body)
        done = services.sent_before(patient, token, by)
    if done is not None:
        return done
    try:
        made = uploads.clean(patient=patient, file=file, letters=True, by=by, now=now) if file else None
    except RuleViolation as refused:
        form.add_error("file", refused.message)
        return None
    try:
        return keep(Words(body, token, made, form.cleaned_data["shown"]))
    except RuleViolation as refused:
        form.add_error("body", refused.message)
        return None


def attachment(found: MessageFile) -> HttpResponse:
    """The file, to be saved and never shown by our own pages."""
    upload = found.upload
    response = HttpResponse(uploads.content_of(upload), content_type=upload.media_type)
    response["Content-Disposition"] = f'attachment; filename="{upload.file_name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
