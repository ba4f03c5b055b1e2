"""The prescriber's pages after a session: one check-in with its flags, and the course of a patient in numbers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST, INSTRUMENTS
from treatment import access, outcome_table, outcome_words, policy, services, words
from treatment.check_in_names import TITLES
from treatment.check_in_words import FEELINGS, HEADS, flag_words
from treatment.forms import MOOD_WORDS, RATINGS
from treatment.models import CheckIn
from treatment.rules.check_pages import Page, pages_of
from treatment.rules.rhythm import Kind
from treatment.selecting import check_ins as selecting
from treatment.selecting.outcomes import outcomes_of

SHOWN = 15
_SIGNS = {
    "mania_signs": gettext_lazy("Signs of mania"),
    "psychosis_signs": gettext_lazy("Signs of psychosis"),
    "mood": gettext_lazy("Mood"),
}


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def check_in(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One check-in: its flags with why, the scores beside those before, and every answer."""
    row = access.check_in_for(request.user, pk)
    title = _("%(what)s, %(name)s") % {"what": row.get_kind_display(), "name": row.patient.display_name}
    context = {
        "check_in": row,
        "patient": row.patient,
        "title": title,
        "zone": row.zone,
        "flags": flag_words(row),
        "scores": [{"name": INSTRUMENTS[key].name, **pair} for key, pair in row.scores.items()],
        "answers": _answers(row),
        "may_read": can(request.user, Permission.PRESCRIBE),
    }
    return render(request, "treatment/staff/check_in.html", context)


def _answers(row: CheckIn) -> list[dict[str, str]]:
    found = []
    for page in pages_of(Kind(row.kind), row.instruments, row.answers):
        given = row.answers.get(page.key)
        if given is not None:
            found += [_answer(page, name, given) for name in page.names]
    return found


def _answer(page: Page, name: str, given: Mapping[str, Any]) -> dict[str, str]:
    value = given.get(name)
    if page.instrument:
        instrument = INSTRUMENTS[page.instrument]
        item = instrument.items[page.item - 1]
        options = {one.value: one.label for one in item.options or instrument.options}
        text = options.get(value, _("Not answered")) if value is not None else _("Not answered")
        return {"question": f"{instrument.name} {page.item}. {item.text}", "answer": text}
    asked = {item.key: item.text for item in CSSRS_SINCE_LAST.items}
    question = words.SIDE_EFFECTS.get(name) or _SIGNS.get(name) or asked.get(name) or HEADS[page.key][0]
    if page.key == "pressure":
        question = {"systolic": _("Upper number"), "diastolic": _("Lower number"), "heart_rate": _("Heart rate")}[name]
    return {"question": str(question), "answer": _said(name, value)}


def _said(name: str, value: Any) -> str:
    if value is None:
        return _("Not answered")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        table = words.SIGNS if name == "signs" else words.SUBSTANCES
        return ", ".join(str(table.get(code, code)) for code in value) or _("None")
    if name in words.SIDE_EFFECTS or name == "craving":
        return str(dict(RATINGS).get(str(value), value))
    return str(FEELINGS.get(value) or MOOD_WORDS.get(value) or value)


@require_POST
@staff_with(Permission.PRESCRIBE)
def read_check_in(request: StaffRequest, pk: UUID) -> HttpResponse:
    """I have read what this check-in tells of."""
    row = access.check_in_for(request.user, pk)
    try:
        services.review_check_in(check_in=row, by=request.user, now=clock.now(), seen=request.POST.get("seen", ""))
        messages.success(request, _("Marked as read."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return returning.onward(request, "admin:check_in", row.pk)
    return returning.done(request, row.patient_id, "admin:check_in", row.pk)


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def outcomes(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The course of a patient: every scale on one axis of time, the dose of each session, check-ins and their flags."""
    patient = access.patient_for(request.user, patient_id)
    found, rules, now = outcomes_of(patient), policy.load(), clock.now()
    moments = found.moments
    span = (moments[0], max(moments[-1], now)) if moments else None
    shown = [
        *outcome_words.scales(found, rules, span),
        outcome_words.doses(found, span),
        outcome_words.pressure(found, rules, span),
        outcome_words.bladder(found, span),
    ]
    check_ins = list(selecting.check_ins_of(patient)[:SHOWN])
    context = {
        "patient": patient,
        "title": _("Course of %(name)s") % {"name": patient.display_name},
        "zone": patient.zone,
        "charts": [one for one in shown if one is not None],
        "table": outcome_table.build(found, patient.zone),
        "check_ins": [{"row": row, "title": TITLES[Kind(row.kind)], "flags": flag_words(row)} for row in check_ins],
    }
    return render(request, "treatment/staff/outcomes.html", context)
