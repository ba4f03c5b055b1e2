"""The patient's messages: all conversations, one of them, a new one, what was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.plans import newest_plan
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.switching import was_switched
from telemedicine.conversation import access, rules, selectors, sending, services
from telemedicine.conversation.forms import MessageForm, NewThreadForm
from telemedicine.models import Message, Thread

PAGE = 30


@require_safe
@patient_only
def threads(request: PatientRequest) -> HttpResponse:
    """Every conversation, what is new first."""
    own_page(request, "threads")
    page = Paginator(selectors.threads_of(request.patient), PAGE).get_page(request.GET.get("page"))
    return render(request, "telemedicine/messages.html", {"page": page, "zone": request.patient.zone})


@require_safe
@patient_only
def sent(request: PatientRequest) -> HttpResponse:
    """What one sent, newest first: read or not."""
    own_page(request, "sent")
    page = Paginator(selectors.sent_by(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "telemedicine/messages_sent.html", {"page": page, "zone": request.patient.zone})


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def new(request: PatientRequest) -> HttpResponse:
    """Begin a conversation."""
    now, patient, status = clock.now(), request.patient, 200
    form = NewThreadForm(**sending.given(request))
    if request.method == "POST" and not was_switched(request, form):

        def keep(words: services.Words) -> Message:
            topic = form.cleaned_data["topic"]
            return services.begin(patient=patient, topic=topic, words=words, by=request.user, now=now)

        status, message = 422, sending.send(request, form, patient, request.user, now, keep)
        if message is not None:
            return _after(message)
    own_page(request, "new_thread")
    return render(request, "telemedicine/message_new.html", _above(request, now) | {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def thread(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One conversation, newest last, and a box to write in."""
    now, patient, status = clock.now(), request.patient, 200
    found = access.own_thread(patient, pk)
    form = MessageForm(**sending.given(request))
    if request.method == "POST" and not was_switched(request, form):

        def keep(words: services.Words) -> Message:
            return services.reply(thread=found, words=words, by=request.user, now=now)

        status, message = 422, sending.send(request, form, patient, request.user, now, keep)
        if message is not None:
            return _after(message)
    page = Paginator(selectors.messages_in(found).reverse(), PAGE).get_page(request.GET.get("page"))
    # The rows are read before they are marked, so that what is new shows as new.
    rows = list(page.object_list)[::-1]
    services.open_thread(thread=found, by=request.user, now=now, up_to=rows[-1])
    context = _above(request, now) | {"thread": found, "form": form, "page": page, "rows": rows}
    return render(request, "telemedicine/message_thread.html", context, status=status)


def _above(request: PatientRequest, now: datetime) -> dict[str, Any]:
    """What stands above the box: when an answer comes, and that nobody watches it."""
    zone = request.patient.zone
    return {
        "patient": request.patient,
        "zone": zone,
        "clinic_phone": settings.CLINIC_PHONE,
        "answer_by": rules.answer_by(clock.today(zone, now)),
        "answer_within": rules.ANSWER_WITHIN,
        "carries": "message",
    }


def _after(message: Message) -> HttpResponse:
    """Back to the conversation; whoever wrote words that may mean danger sees first where help is."""
    if message.from_patient and suggests_crisis(message.body):
        return redirect("telemedicine:message_help", message.thread_id)
    return redirect("telemedicine:message_thread", message.thread_id)


@require_safe
@patient_only
def help_first(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What to do now, and that the message is kept."""
    found: Thread = access.own_thread(request.patient, pk)
    own_page(request, "message_help")
    context = {
        "thread": found,
        "phone": request.patient.phone,
        "clinic_phone": settings.CLINIC_PHONE,
        "has_plan": newest_plan(request.patient) is not None,
    }
    return render(request, "telemedicine/message_help.html", context)


@require_safe
@patient_only
def file(request: PatientRequest, pk: UUID) -> HttpResponse:
    """A file of one's own conversation, to be saved."""
    return sending.attachment(access.file_for(request.user, pk, clock.now()))
