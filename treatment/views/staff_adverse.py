"""Adverse events on the staff site: the list of what has to be looked at, one event, and the report for FDA."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from harmoniously.core.documents.pdf import render as render_pdf
from treatment import access, policy
from treatment import adverse_words as words
from treatment.adverse_forms import DismissForm, FollowForm, RecordForm, SubmittedForm
from treatment.medwatch import medwatch_data
from treatment.models import AdverseEvent, AdverseEventNote, EventStatus
from treatment.rules import adverse as rules
from treatment.selecting import adverse as selectors
from treatment.services import adverse as services

clinicians = staff_with(Permission.VIEW_CLINICAL)
PAGE = 50
TONES = {
    EventStatus.REPORTED: "caution",
    EventStatus.OPEN: "info",
    EventStatus.FOLLOWING: "info",
    EventStatus.RESOLVED: "success",
    EventStatus.FATAL: "danger",
}


@require_safe
@clinicians
def events(request: StaffRequest) -> HttpResponse:
    """The events of the reader's own patients: first what has to be looked at, by its day."""
    now = clock.now()
    page = Paginator(selectors.events_for(request.user, now), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    patients = sorted({str(row.patient_id) for row in rows})
    record(actor=request.user, action="adverse_events.listed", now=now, patients=patients)
    context = {"title": _("Adverse events"), "page": page, "rows": [_line(row, now) for row in rows]}
    return render(request, "treatment/staff/events.html", context)


def _line(event: AdverseEvent, now: Any) -> dict[str, Any]:
    judged = event.assessment
    return {
        "event": event,
        "term": words.TERMS[judged.term],
        "grade": judged.grade or "–",
        "tone": TONES.get(EventStatus(event.status), "neutral"),
        "late": event.look_due_at is not None and event.look_due_at <= now,
        "unsent": event.serious and event.submitted_on is None and event.status != EventStatus.DISMISSED,
        "zone": event.patient.zone,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@clinicians
def record_event(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Record an event of a patient in care; above the form what is known already."""
    patient = access.patient_for(request.user, patient_id)
    now = clock.now()
    data = request.POST if request.method == "POST" else None
    local = clock.local(now, patient.zone).replace(tzinfo=None, second=0, microsecond=0)
    initial = {"token": uuid4(), "onset": local}
    form = RecordForm(data, sessions=selectors.sessions_to_name(patient), initial=initial)
    if data is not None and form.is_valid():
        try:
            event = services.record_event(
                patient=patient,
                token=form.cleaned_data["token"],
                told=form.told(patient.zone),
                by=request.user,
                now=now,
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Recorded. The next look is planned."))
            return returning.done(request, patient.pk, "admin:adverse_event", event.pk)
    context = {
        "title": _("Adverse events of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "rows": [_line(row, now) for row in selectors.events_of(patient)],
        "zone": patient.zone,
    }
    return render(request, "treatment/staff/record_event.html", context, status=200 if data is None else 422)


@require_http_methods(["GET", "HEAD", "POST"])
@clinicians
def event(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One event: how it is judged, what was written, and the next step."""
    row = access.adverse_event_for(request.user, pk)
    if request.method != "POST":
        return _page(request, row)
    now = clock.now()
    form = FollowForm(request.POST, event=row, zone=row.patient.zone, now=now)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    try:
        version = form.cleaned_data["version"]
        saved = services.follow_up(event=row, version=version, step=form.step(), by=request.user, now=now)
    except Conflict as refusal:
        return _conflict(request, row, form, refusal)
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return _page(request, row, form=form, status=422)
    for item in rules.contradictions(saved.assessment, now=now):
        messages.warning(request, str(words.NOTES[item.code]))
    messages.success(request, _("Saved."))
    return returning.done(request, row.patient_id, "admin:adverse_event", row.pk)


def _conflict(request: StaffRequest, row: AdverseEvent, form: FollowForm, refusal: Conflict) -> HttpResponse:
    """What a colleague wrote stands above, what was typed here is kept and can be saved after reading it."""
    row.refresh_from_db()
    typed = {**request.POST.dict(), "criteria": request.POST.getlist("criteria"), "version": str(row.version)}
    again = FollowForm(typed, event=row, zone=row.patient.zone, now=clock.now())
    again.is_valid()
    again.add_error(None, refusal.message)
    return _page(request, row, form=again, status=409)


def _page(
    request: StaffRequest, row: AdverseEvent, *, form: FollowForm | None = None, status: int = 200, **forms: Any
) -> HttpResponse:
    now, zone, judged = clock.now(), row.patient.zone, row.assessment
    context = {
        "title": _("%(term)s, %(name)s") % {"term": words.TERMS[judged.term], "name": row.patient.display_name},
        **_line(row, now),
        "patient": row.patient,
        "facts": [(words.NAMES[name], words.value_text(name, value)) for name, value in row.judgement.items()],
        "stops": bool(selectors.stopping(selectors.may_stop().filter(pk=row.pk))),
        "notes": [_told(note, zone) for note in row.notes.select_related("author__clinician")],
        "form": form or FollowForm(event=row, zone=zone, now=now),
        "dismiss_form": DismissForm(initial={"version": row.version}),
        "submitted_form": SubmittedForm(initial={"on": clock.today(zone, now)}),
        "may_send": row.serious and row.status not in (EventStatus.REPORTED, EventStatus.DISMISSED),
        "may_dismiss": row.status in (EventStatus.REPORTED, EventStatus.OPEN) and row.submitted_on is None,
        "report_source": policy.load().source("adverse.report_days"),
        **forms,
    }
    return render(request, "treatment/staff/event.html", context, status=status)


def _told(note: AdverseEventNote, zone: str) -> dict[str, Any]:
    author = getattr(note.author, "clinician", None)
    return {
        "who": str(author) if author else _("The patient"),
        "at": note.at,
        "words": note.words,
        "changes": [
            _("%(name)s: %(before)s → %(after)s")
            % {"name": words.NAMES[name], "before": _value(name, pair[0], zone), "after": _value(name, pair[1], zone)}
            for name, pair in note.changes.items()
        ],
    }


def _value(name: str, value: Any, zone: str) -> str:
    if name == "onset_at" and value:
        return clock.describe(datetime.fromisoformat(value), zone)
    if name == "status" and value:
        return str(EventStatus(value).label)
    return words.value_text(name, value)


@require_POST
@clinicians
def dismiss(request: StaffRequest, pk: UUID) -> HttpResponse:
    """It is no adverse event."""
    row = access.adverse_event_for(request.user, pk)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, dismiss_form=form)
    try:
        data = form.cleaned_data
        services.dismiss(event=row, version=data["version"], text=data["text"], by=request.user, now=clock.now())
    except (Conflict, IllegalMove) as refusal:
        row.refresh_from_db()
        form = DismissForm({**request.POST.dict(), "version": str(row.version)})
        form.add_error(None, refusal.message)
        return _page(request, row, status=409, dismiss_form=form)
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return _page(request, row, status=422, dismiss_form=form)
    else:
        messages.success(request, _("Noted: no adverse event. It stays on record with your reason."))
    return returning.done(request, row.patient_id, "admin:adverse_event", row.pk)


@require_POST
@clinicians
def submitted(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A person sent the report to FDA."""
    row = access.adverse_event_for(request.user, pk)
    form = SubmittedForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, submitted_form=form)
    try:
        services.note_submitted(event=row, sent=form.sent(), by=request.user, now=clock.now())
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return _page(request, row, status=422, submitted_form=form)
    else:
        messages.success(request, _("Noted as sent to FDA."))
    return returning.done(request, row.patient_id, "admin:adverse_event", row.pk)


@require_safe
@clinicians
def report(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What Form FDA 3500 asks, with what is on record; a person copies it into the form."""
    row = access.adverse_event_for(request.user, pk, action="adverseevent.printed")
    if not row.serious or row.status == EventStatus.DISMISSED:
        raise Http404
    data = medwatch_data(row, reporter=request.user, now=clock.now())
    response = HttpResponse(render_pdf("medwatch", data), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="report.pdf"'
    return response


@require_POST
@clinicians
def from_flag(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make an event of one finding of a check-in."""
    check_in = access.check_in_for(request.user, pk)
    place = request.POST.get("flag", "")
    if not place.isdigit() or int(place) >= len(check_in.flags):
        raise Http404
    flag = check_in.flags[int(place)]
    made = services.record_flag(
        check_in=check_in, code=flag["code"], facts=flag["facts"], by=request.user, now=clock.now()
    )
    messages.success(request, _("Recorded from the check-in. Complete how you judge it."))
    return redirect("admin:adverse_event", pk=made.pk)
