"""The one queue of the prescriber, and the page on which something is handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews.record import zone_of
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work import access, services, words
from telemedicine.work.colleagues import colleagues
from telemedicine.work.forms import HandOverForm
from telemedicine.work.lines import Reader, hands_of, hands_on_case, lines
from telemedicine.work.neighbours import neighbour
from telemedicine.work.reading import Counts, Read, Show, read, show_of
from telemedicine.work.services import Item

PAGE = 50
# Further than anybody leafs, and short of what a database takes for a number.
MOST_PAGES = 1_000_000
# From then on the page says that a licence ends.
LICENCE_ENDS_SOON = timedelta(days=30)
KEYS = (
    ("j", gettext_lazy("next line")),
    ("k", gettext_lazy("line before")),
    ("Enter", gettext_lazy("opens the line")),
    ("c", gettext_lazy("goes to Claim or Give back; Enter presses it")),
    ("h", gettext_lazy("opens the page on which you hand it over")),
)
prescriber_page = staff_with(Permission.REVIEW_CASES)


@dataclass(frozen=True, slots=True)
class Listed:
    """One part of the queue: the page that was asked for is there, any other is read."""

    user: User
    now: datetime
    show: Show
    first: int
    known: Read

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        if part.start == self.first:
            return self.known.rows
        return read(self.user, self.now, self.show, part.start, part.stop).rows

    def count(self) -> int:
        """Asked by the paginator."""
        return self.known.counts.of(self.show)


def _page(user: User, now: datetime, show: Show, number: str | None) -> tuple[Any, Counts]:
    """The page that is asked for, the last one where there are not as many; and the counts of every part."""
    first = PAGE * (int(number) - 1) if number and number.isdecimal() and 0 < int(number) < MOST_PAGES else 0
    known = read(user, now, show, first, first + PAGE)
    listed: Any = Listed(user, now, show, first, known)
    return Paginator(listed, PAGE).get_page(number), known.counts


@prescriber_page
@require_safe
def review_queue(request: StaffRequest) -> HttpResponse:
    """Everything that waits for this prescriber, the most urgent first, or one part of it."""
    return _queue(request, request.GET)


def _queue(request: StaffRequest, asked: QueryDict, *, status: int = 200, problem: str = "") -> HttpResponse:
    now, user = clock.now(), request.user
    show = show_of(asked.get("show"))
    page, counts = _page(user, now, show, asked.get("page"))
    # The menu beside the page need not count them again (portal/staff_context.py).
    request.queue_total = counts.total  # type: ignore[attr-defined]
    found = lines(page, Reader(user, zone_of(user), now))
    record(actor=user, action="review_queue.viewed", now=now, shown=len(found), page=page.number, part=show.name)
    held = reviews.licences(user, now)
    context = {
        "title": _("Review queue"),
        "page": page,
        "lines": found,
        "show": show,
        "problem": problem,
        "parts": _tabs(words.PARTS, counts, show),
        "kinds": _tabs(words.KINDS, counts, show, only_some=True),
        "states": [licence.state for licence in held],
        "ending": _ending(held, user.clinician.zone if held else "", now),
        "keys": KEYS,
    }
    return render(request, "telemedicine/work/queue.html", context, status=status)


def _tabs(names: dict[Any, Any], counts: Counts, show: Show, *, only_some: bool = False) -> list[dict[str, Any]]:
    url = reverse("admin:review_queue")
    known = [(str(name), title, counts.of(Show(name))) for name, title in names.items()]
    return [
        {"title": title, "url": f"{url}?show={name}", "count": count, "active": name == show.name}
        for name, title, count in known
        if count or not only_some or name == show.name
    ]


def _ending(held: list[Licence], zone: str, now: Any) -> list[Licence]:
    """The licences that end soon."""
    if not held:
        return []
    last = clock.today(zone, now) + LICENCE_ENDS_SOON
    return [licence for licence in held if licence.expires_on <= last]


@prescriber_page
@require_safe
def next_line(request: StaffRequest) -> HttpResponse:
    """On to what stands behind the line of the page that asks."""
    return _to_neighbour(request, 1)


@prescriber_page
@require_safe
def previous_line(request: StaffRequest) -> HttpResponse:
    """Back to what stands before it."""
    return _to_neighbour(request, -1)


def _to_neighbour(request: StaffRequest, step: int) -> HttpResponse:
    """The queue is asked only when somebody goes on; nothing here says whether there is such a line."""
    of, at = request.GET.get("of", ""), _key(request.GET.get("at", ""))
    kind = Kind(of) if of in set(Kind) else Kind.APPLICATION
    found = neighbour(request.user, kind, at, step, clock.now())
    if found is not None:
        return redirect(found)
    messages.info(request, _("That was the last line of the queue.") if step > 0 else _("That was the first line."))
    return redirect("admin:review_queue")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@prescriber_page
def work_item(request: StaffRequest, kind: str, pk: UUID) -> HttpResponse:
    """Whose hands it is in, and handing it over."""
    now = clock.now()
    item = access.item_for(request.user, kind, pk, now)
    people = colleagues(item, request.user, now)
    form = HandOverForm(request.POST if request.method == "POST" else None, colleagues=people)
    if not form.is_bound:
        return _item(request, item, form)
    if not form.is_valid():
        return _item(request, item, form, status=422)
    to = form.cleaned_data["to"]
    try:
        services.hand_over(item=item, to=to, by=request.user, now=now)
    except Conflict as refusal:
        return _item(request, item, form, status=409, problem=refusal.message)
    except RuleViolation as refusal:
        form.add_error("to", refusal.message)
        return _item(request, item, form, status=422)
    words_said = _("Handed over to %(name)s. It stands in their queue, marked with your name.")
    messages.success(request, words_said % {"name": to})
    return redirect("admin:review_queue")


def _item(
    request: StaffRequest, item: Item, form: HandOverForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    review = getattr(item.row, "review", None) if item.is_case else None
    claimed = {} if item.is_case else hands_of([item.row.pk], request.user)
    subject = item.patient.pk if item.kind in words.BY_PATIENT else item.row.pk
    context = {
        "title": _("Hand over: %(name)s") % {"name": item.patient.display_name},
        "item": item,
        "what": words.KINDS[item.kind],
        "url": reverse(words.PAGES[item.kind], args=[subject]),
        "hands": claimed.get(item.row.pk) or hands_on_case(review, request.user),
        "form": form,
        "problem": problem,
        "zone": zone_of(request.user),
    }
    return render(request, "telemedicine/work/item.html", context, status=status)


@require_POST
@prescriber_page
def claim_work(request: StaffRequest, kind: str, pk: UUID) -> HttpResponse:
    """Take it in hand."""
    said = _("It is in your hands. Colleagues see your name beside it.")
    return _act(request, kind, pk, services.claim, said)


@require_POST
@prescriber_page
def release_work(request: StaffRequest, kind: str, pk: UUID) -> HttpResponse:
    """Give it back."""
    return _act(request, kind, pk, services.release, _("It is in nobody’s hands again."))


def _act(request: StaffRequest, kind: str, pk: UUID, act: Callable[..., None], said: str) -> HttpResponse:
    """Do one thing to one line, and come back to it. A refusal shows the queue as it is now, with the reason."""
    now = clock.now()
    item = access.item_for(request.user, kind, pk, now)
    try:
        act(item=item, by=request.user, now=now)
    except Conflict as refusal:
        return _queue(request, request.POST, status=409, problem=refusal.message)
    except RuleViolation as refusal:
        return _queue(request, request.POST, status=422, problem=refusal.message)
    messages.success(request, said)
    back = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
    return redirect(f"{reverse('admin:review_queue')}?{urlencode(back)}#w-{pk}")
