"""The care team's side of the messages."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import offer
from telemedicine.access import person
from telemedicine.conversation import access, rules, selectors, sending, services, staff_services
from telemedicine.conversation.forms import MessageForm, NewThreadForm
from telemedicine.conversation.staff_forms import CloseForm, HandOverForm
from telemedicine.models import Message, Thread, Topic
from telemedicine.models.message import ADMINISTRATIVE
from telemedicine.staff_views.schedule import zone_for

PAGE = 50
BEYOND = 20
TABS = ("mine", "all", "closed")


def _reader(request: HttpRequest) -> User:
    readers = (Permission.VIEW_CLINICAL, Permission.WORK_FOLLOW_UPS)
    if not any(can(request.user, permission) for permission in readers):
        raise Http404
    return person(request)


@require_safe
def threads(request: HttpRequest) -> HttpResponse:
    """Who wrote, what has waited longest first. The words are one step further: opening them is a read of its own."""
    user, now = _reader(request), clock.now()
    which = request.GET.get("show", "")
    which = which if which in TABS else "mine"
    page = Paginator(selectors.listed(user, which, now), PAGE).get_page(request.GET.get("page"))
    beyond = list(selectors.beyond(user, now)[:BEYOND]) if which != "closed" else []
    for row in (*page.object_list, *beyond):
        _promise(row, now)
    record(actor=user, action="threads.viewed", now=now, shown=len(page.object_list) + len(beyond))
    context = {
        "title": _("Messages"),
        "page": page,
        "which": which,
        "tabs": [
            {"title": _("For me and the team"), "url": "?show=mine", "active": which == "mine"},
            {"title": _("All open"), "url": "?show=all", "active": which == "all"},
            {"title": _("Closed"), "url": "?show=closed", "active": which == "closed"},
        ],
        "beyond": beyond,
        "takes": can(user, Permission.REVIEW_CASES),
        "zone": zone_for(request),
    }
    return render(request, "telemedicine/staff/threads.html", context)


def _promise(row: Any, now: Any) -> None:
    """Until when an answer was promised, on the patient's calendar, and whether that day is over."""
    row.answer_by, row.late = None, False
    if row.waiting_since is not None:
        zone = row.patient.zone
        row.answer_by = rules.answer_by(clock.today(zone, row.waiting_since))
        row.late = clock.today(zone, now) > row.answer_by


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What one wrote to patients whose conversations one may still read: read or not."""
    user, now = _reader(request), clock.now()
    rows = selectors.sent_by(user).filter(thread__in=selectors.visible_to(user, now))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    record(actor=user, action="sent.viewed", now=now, shown=len(page.object_list))
    context = {"title": _("Sent messages"), "page": page, "zone": zone_for(request)}
    return render(request, "telemedicine/staff/sent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def of_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's conversations that the reader may see, and a form to begin another."""
    user, now = _reader(request), clock.now()
    patient = access.patient_to_write_to(user, patient_id, now)
    form = NewThreadForm(**sending.given(request))
    offer(form, "topic", _topics(user, patient, now))
    status = 200
    if request.method == "POST":

        def keep(words: services.Words) -> Message:
            topic = form.cleaned_data["topic"]
            return services.begin(patient=patient, topic=topic, words=words, by=user, now=now)

        status, message = 422, sending.send(request, form, patient, user, now, keep)
        if message is not None:
            return _sent(request, message)
    rows = selectors.counted(selectors.visible_to(user, now).filter(patient=patient), user, now)
    context = {
        "title": _("Messages with %(name)s") % {"name": patient.display_name},
        "patient": patient, "form": form, "rows": rows, "zone": zone_for(request),
    }  # fmt: skip
    return render(request, "telemedicine/staff/patient_threads.html", context, status=status)


def _sent(request: HttpRequest, message: Message) -> HttpResponse:
    """On to the conversation, where it stands; on a case it does not, so that it is said there."""
    if returning.word_of(request):
        messages.success(request, _("Sent. The patient is told that a message is waiting."))
    return returning.done(request, message.patient_id, "admin:message_thread", message.thread_id)


def _topics(user: User, patient: Patient, now: Any) -> list[tuple[str, Any]]:
    """What this person may begin a conversation about."""
    cares = selectors.reader(user, patient, now).cares
    return [(topic.value, topic.label) for topic in Topic if cares or topic in ADMINISTRATIVE]


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One conversation, and a box to answer in."""
    user, now = _reader(request), clock.now()
    found = access.thread_for(user, pk, now)
    form = MessageForm(**sending.given(request))
    if request.method == "POST":

        def keep(words: services.Words) -> Message:
            return services.reply(thread=found, words=words, by=user, now=now)

        written = sending.send(request, form, found.patient, user, now, keep)
        if written is not None:
            return _sent(request, written)
    return _page(request, found, user, form=form)


def _page(
    request: HttpRequest,
    found: Thread,
    user: User,
    *,
    form: MessageForm | None = None,
    over: HandOverForm | None = None,
) -> HttpResponse:
    now = clock.now()
    paginator = Paginator(selectors.messages_in(found).reverse(), PAGE)
    if hasattr(found, "length"):
        paginator.count = found.length or 0
    page = paginator.get_page(request.GET.get("page"))
    rows = list(page.object_list)[::-1]
    services.open_thread(thread=found, by=user, now=now, up_to=rows[-1])
    _promise(found, now)
    form = form or MessageForm()
    bound = form.is_bound or (over is not None and over.is_bound)
    context = {
        "title": _("Messages with %(name)s") % {"name": found.patient.display_name},
        "patient": found.patient,
        "thread": found,
        "form": form,
        "over": over or _over_form(found, now),
        "page": page,
        "rows": rows,
        "handed": list(found.hand_overs.select_related("by__clinician", "to__clinician")),
        "theirs": found.assigned_to is not None and not getattr(found, "answers", True),
        "zone": zone_for(request),
    }
    return render(request, "telemedicine/staff/thread.html", context, status=422 if bound else 200)


def _over_form(found: Thread, now: Any, data: Any = None) -> HandOverForm:
    people = selectors.colleagues(found, now)
    return HandOverForm(data, people=people, administrative=found.administrative)


@require_POST
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give it to a colleague with a note."""
    user, now = _reader(request), clock.now()
    if access.gave_away(user, pk, now):
        return redirect("admin:messages")
    found = access.thread_for(user, pk, now)
    over = _over_form(found, now, request.POST)
    if over.is_valid():
        try:
            staff_services.hand_over(thread=found, by=user, now=now, **over.chosen())
        except RuleViolation as refused:
            over.add_error(None, refused.message)
        else:
            messages.success(request, _("Handed over with your note."))
            still = selectors.visible_to(user, now).filter(pk=found.pk).exists()
            return redirect("admin:message_thread", found.pk) if still else redirect("admin:messages")
    return _page(request, found, user, over=over)


@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Nothing more is expected."""
    user, now = _reader(request), clock.now()
    found = access.thread_for(user, pk, now)
    try:
        shown = CloseForm(request.POST)
        shown.is_valid()
        staff_services.close(thread=found, shown=shown.cleaned_data.get("shown"), by=user, now=now)
    except RuleViolation as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Closed. When the patient writes again, it opens by itself."))
    return redirect("admin:message_thread", found.pk)


@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on with it."""
    user, now = _reader(request), clock.now()
    found = access.thread_for(user, pk, now)
    staff_services.reopen(thread=found, by=user, now=now)
    return redirect("admin:message_thread", found.pk)


@require_POST
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A prescriber takes what waits of a patient in nobody's care."""
    user, now = _reader(request), clock.now()
    if selectors.visible_to(user, now).filter(pk=pk).exists():
        return redirect("admin:message_thread", pk)
    found = access.thread_to_take(user, pk, now)
    staff_services.take(thread=found, by=user, now=now)
    messages.success(request, _("You care for this patient from now on, and answer here."))
    return redirect("admin:message_thread", found.pk)


@require_safe
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A file of a conversation that one may read, to be saved."""
    return sending.attachment(access.file_for(_reader(request), pk, clock.now()))
