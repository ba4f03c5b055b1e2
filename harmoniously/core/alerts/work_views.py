"""Staff pages: the coordinators' worklist and what is done with many lines at once."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.alerts import presenting, together, working
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts import work_selectors as selectors
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpKind
from harmoniously.core.alerts.follow_ups import others_hands
from harmoniously.core.alerts.together import Outcome
from harmoniously.core.alerts.work_forms import KeyForm, TogetherForm
from harmoniously.core.alerts.work_selectors import View
from harmoniously.core.alerts.working import Doer
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock

PAGE_SIZE = 50
# So many refusals are named after something was done to many.
NAMED = 8


@staff_with(Permission.WORK_FOLLOW_UPS)
@require_GET
def worklist(request: StaffRequest) -> HttpResponse:
    """Whom to reach today, the most urgent first: who, why, since when, what to do next, and who has it."""
    return _list_page(request, View.of(request.GET))


def _list_page(request: StaffRequest, view: View, form: TogetherForm | None = None, status: int = 200) -> HttpResponse:
    user, now = request.user, clock.now()
    page = Paginator(selectors.listed(view, by=user, now=now), PAGE_SIZE).get_page(view.page or 1)
    view = replace(view, page=str(page.number) if page.number > 1 else "")
    rows = list(page.object_list)
    for row in rows:
        row.next_step = presenting.next_step(row)
        row.late = rules.is_overdue(row.kind, due_at=row.due_at, now=now)
        row.mine = row.owner_id == user.pk
        row.taken = others_hands(row, user) is not None
    record(actor=user, action="worklist.viewed", now=now, patients=sorted({str(row.patient_id) for row in rows}))
    context = {
        "rows": rows,
        "page": page,
        "view": view,
        "tabs": _tabs(view, selectors.totals(by=user, now=now)),
        "kinds": FollowUpKind.choices,
        "form": form or TogetherForm(),
        "ticked": form.data.getlist("ticked") if form and isinstance(form.data, QueryDict) else [],
        "all": request.GET.get("all") == str(page.number),
        "undo": selectors.undoable(user, now),
        "keys": _keys(),
        "now": now,
    }
    return render(request, "alerts/worklist.html", context, status=status)


def _tabs(view: View, totals: dict[str, int]) -> list[dict[str, Any]]:
    """The ways to look at the list, each with how much is there."""
    ways = (
        (_("All"), View(), "due"),
        (_("Mine"), View(owner="mine"), "mine"),
        (_("Nobody’s"), View(owner="nobody"), "nobody"),
        (_("Overdue"), View(show="overdue"), "overdue"),
        (_("Put off"), View(show="snoozed"), "snoozed"),
        (_("Due later"), View(show="later"), "later"),
    )
    here = View(owner=view.owner, show=view.show)  # of whatever kind, on whichever page
    return [
        {"title": title, "url": f"?{way.query}", "count": totals[count], "active": way == here}
        for title, way, count in ways
    ]


def _keys() -> list[tuple[str, str]]:
    return [
        ("j k", _("next and previous line")),
        ("Enter", _("opens the line")),
        ("x", _("ticks the line")),
        ("a", _("ticks all lines of this page")),
        ("t", _("goes to “Take it”")),
        ("n", _("goes where the next step is done")),
        ("w", _("goes to what is done with the ticked lines")),
        ("z", _("goes to “Undo”")),
    ]


def view_of(request: StaffRequest) -> View:
    """How the list was looked at that led here: an address says it, or a form."""
    return View.of(QueryDict(request.POST.get("view", "")) if request.method == "POST" else request.GET)


def back_to_list(request: StaffRequest, row: FollowUp | None = None) -> HttpResponse:
    """The list as it was looked at, at the line of a follow-up."""
    query = view_of(request).query
    address = f"{reverse('admin:worklist')}?{query}" if query else reverse("admin:worklist")
    return redirect(f"{address}#row-{row.pk}" if row is not None else address)


@staff_with(Permission.WORK_FOLLOW_UPS)
@require_POST
def do_together(request: StaffRequest) -> HttpResponse:
    """Send a reminder, give to a colleague, or close with one note: each ticked line for which that is safe."""
    form = TogetherForm(request.POST)
    if not form.is_valid():
        return _list_page(request, view_of(request), form, status=422)
    data, doer = form.cleaned_data, Doer(request.user, clock.now(), form.batch())
    pks = data["ticked"][:PAGE_SIZE]
    if data["does"] == TogetherForm.REMIND:
        _say(request, together.remind_all(pks=pks, doer=doer), _("Reminders on their way: %(count)d."))
    elif data["does"] == TogetherForm.ASSIGN:
        said = _("Given to %(name)s: %%(count)d.") % {"name": data["to"].display_name.replace("%", "%%")}
        _say(request, together.assign_all(pks=pks, to=data["to"], doer=doer), said)
    else:
        closed = together.close_all(pks=pks, note=data["note"], doer=doer, seen=data["seen"])
        _say(request, closed, _("Closed: %(count)d."))
    return back_to_list(request)


def _say(request: StaffRequest, outcome: Outcome, done: str) -> None:
    """For how many it was done, and for whom not and why."""
    if outcome.done:
        messages.success(request, done % {"count": outcome.done})
    if not outcome.refused:
        return
    count = len(outcome.refused)
    head = ngettext("Not done for %(count)d:", "Not done for %(count)d:", count) % {"count": count}
    lines = [f"{row.patient.display_name}: {why}" for row, why in outcome.refused[:NAMED]]
    messages.warning(request, " ".join([head, *lines, *(["…"] if count > NAMED else [])]))


@staff_with(Permission.WORK_FOLLOW_UPS)
@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    """Take back what was done last, within ten seconds."""
    form = KeyForm(request.POST)
    if form.is_valid():
        done, left = working.undo(batch=form.cleaned_data["key"], by=request.user, now=clock.now())
        if done:
            messages.success(request, _("Taken back: %(count)d.") % {"count": done})
        if left or not done:
            words = _("Not everything was taken back: the ten seconds are over, or it went on since.")
            messages.warning(request, words)
    else:
        messages.warning(request, _("There is nothing to take back."))
    return back_to_list(request)
