"""How the practice is set up: pages for administrators. What they show of a person is a record number at most."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.states import STATE_CHOICES
from harmoniously.core.documents.consents import texts
from harmoniously.portal.practice import overview, published, states, words_out
from harmoniously.portal.practice.forms import SwitchForm

PAGE = 50


@staff_with(Permission.MANAGE_PEOPLE)
@require_safe
def setup(request: StaffRequest) -> HttpResponse:
    """The way to everything that administrators keep or look up, with what needs somebody."""
    return render(request, "staff/setup/index.html", {"title": _("Setup"), "marks": overview.marks(clock.now())})


@staff_with(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def states_served(request: StaffRequest) -> HttpResponse:
    """Every state; one of them with its switch and its history when the address names it."""
    if request.method == "POST":
        return _switch(request)
    code = request.GET.get("state", "")
    if code and code not in dict(STATE_CHOICES):
        raise Http404
    return _states(request, code)


def _states(request: StaffRequest, code: str, form: SwitchForm | None = None, status: int = 200) -> HttpResponse:
    now = clock.now()
    rows = states.states(now)
    chosen = next((row for row in rows if row.code == code), None)
    record(actor=request.user, action="states.viewed", now=now)
    if chosen is not None and form is None:
        form = SwitchForm(initial={"state": code, "is_open": "0" if chosen.is_open else "1"})
    context: dict[str, Any] = {
        "title": chosen.name if chosen else _("States"),
        "rows": [chosen] if chosen else rows,
        "chosen": chosen,
        "form": form,
        "history": states.history_of(code) if chosen else [],
        "zone": clock.PRACTICE_ZONE,
    }
    return render(request, "staff/setup/states.html", context, status=status)


def _switch(request: StaffRequest) -> HttpResponse:
    form = SwitchForm(request.POST)
    code = request.POST.get("state", "")
    if not form.is_valid():
        return _states(request, code if code in dict(STATE_CHOICES) else "", form, 422)
    try:
        switched = states.switch_state(by=request.user, now=clock.now(), **form.cleaned_data)
    except RuleViolation as error:
        form.add_error(None, error.message)
        return _states(request, code, form, 422)
    said = _("New patients are taken in %(state)s.") if form.cleaned_data["is_open"] else _no_longer(switched is None)
    messages.success(request, said % {"state": dict(STATE_CHOICES)[code]})
    return redirect(f"{reverse('admin:setup_states')}?state={code}")


def _no_longer(already: bool) -> str:
    if already:
        return _("No new patients are taken in %(state)s; that was so before.")
    return _("No new patients are taken in %(state)s from now on. Whoever is in care goes on.")


@staff_with(Permission.MANAGE_PEOPLE)
@require_safe
def prices(request: StaffRequest) -> HttpResponse:
    """What is charged, since when, and what was charged before."""
    rows = words_out.prices(clock.today(clock.PRACTICE_ZONE, clock.now()))
    return render(request, "staff/setup/prices.html", {"title": _("Prices"), "rows": rows, "zone": clock.PRACTICE_ZONE})


@staff_with(Permission.MANAGE_PEOPLE)
@require_safe
def agreements(request: StaffRequest) -> HttpResponse:
    """Every agreement and version; with one chosen its words, and who has to sign the words in force anew."""
    now = clock.now()
    today = clock.today(clock.PRACTICE_ZONE, now)
    rows = published.agreements(today)
    kind, version = request.GET.get("kind", ""), request.GET.get("version", "")
    chosen = next((row for row in rows if (row.text.kind, row.text.version) == (kind, version)), None)
    if (kind or version) and chosen is None:
        raise Http404
    context: dict[str, Any] = {"title": _("Agreements"), "rows": rows, "chosen": chosen, "zone": clock.PRACTICE_ZONE}
    if chosen is not None and chosen.in_force:
        page = Paginator(published.to_sign_anew(kind, today), PAGE).get_page(request.GET.get("page"))
        context["page"] = page
    context["questions"] = texts.questions(version) if chosen and kind == texts.ASKED_ABOUT else ()
    record(actor=request.user, action="agreements.listed", now=now, kind=kind)
    return render(request, "staff/setup/agreements.html", context)


@staff_with(Permission.MANAGE_PEOPLE)
@require_safe
def policies(request: StaffRequest) -> HttpResponse:
    """Every policy and version, and how two versions of one differ."""
    rows = published.policies()
    family, old, new = (request.GET.get(name, "") for name in ("policy", "old", "new"))
    held = {row.version for row in rows if row.family == family}
    context: dict[str, Any] = {"title": _("Policies"), "rows": rows, "families": _choices(rows)}
    if family or old or new:
        if not {old, new} <= held or not held:
            raise Http404
        context |= {"family": family, "old": old, "new": new, "compared": published.COMPARED}
        context["differences"] = published.differences(published.FAMILIES[family][1], old, new)
        if family == "intake":
            record(actor=request.user, action="policies.compared", now=clock.now(), old=old, new=new)
            context["tally"] = published.tally(old, new)
    return render(request, "staff/setup/policies.html", context)


def _choices(rows: list[published.PolicyFile]) -> list[tuple[str, Any, list[str]]]:
    return [
        (family, title, [row.version for row in rows if row.family == family])
        for family, (title, _root) in published.FAMILIES.items()
    ]


@staff_with(Permission.MANAGE_PEOPLE)
@require_safe
def message_texts(request: StaffRequest) -> HttpResponse:
    """Every message in every language, as it goes out, with what the check for clinical words finds in it now."""
    rows = words_out.samples()
    context = {
        "title": _("Messages"),
        "rows": rows,
        "wrong": [row for row in rows if row.is_wrong],
        "most": words_out.MOST_SEGMENTS,
    }
    return render(request, "staff/setup/messages.html", context)
