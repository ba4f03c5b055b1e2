"""The day before: a list to tick off, the sitter, the medicine, the intention."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, policy, selectors, services
from treatment.booking_forms import PrepareForm
from treatment.models import DoseSession, SessionStatus
from treatment.policy import Policy
from treatment.rules import preparation
from treatment.selecting import booking as selecting
from treatment.views.helping import heed, help_first


def texts_of(session: DoseSession, rules: Policy) -> dict[str, tuple[str, str]]:
    """Each item with what it means for this session: numbers from the policy, hours on the patient's clock there."""
    gate, start = rules.gate, session.starts_at
    eaten = clock.hour_words(start - timedelta(hours=gate.food_hours), session.zone)
    drunk = clock.hour_words(start - timedelta(hours=gate.clear_liquid_hours), session.zone)
    hours = {"hours": gate.alcohol_cannabis_hours}
    return {
        "food": (
            _("Food"),
            _("The last meal ends by %(time)s. A light one sits better.") % {"time": eaten},
        ),
        "fluids": (
            _("Drinks"),
            _("Drink well during the day. Clear drinks until %(time)s, then nothing.") % {"time": drunk},
        ),
        "alcohol": (_("Alcohol and cannabis"), _("None for %(hours)s hours before.") % hours),
        "driving": (
            _("Driving"),
            _("Nobody needs you to drive, work or decide anything until the next day, after a night's sleep."),
        ),
        "children": (
            _("Children and pets"),
            _("Somebody else looks after them, for %(hours)s hours or so.")
            % {"hours": rules.preparation.children_hours},
        ),
        "space": (
            _("Your place"),
            _("A quiet, dim room with a place to lie down, a blanket, water, a bucket and a charged phone."),
        ),
        "music": (
            _("Music"),
            _("Calm music without words, ready to play for two hours. Or quiet, if you like that more."),
        ),
        "clothes": (_("Clothes"), _("Loose and warm. An eye mask if you have one.")),
        "cuff": (
            _("Blood pressure monitor"),
            _("It is at hand, it switches on, and the cuff fits your bare upper arm."),
        ),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def prepare(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What to get ready; it is remembered, and can be changed until the session begins."""
    row = access.session_for(request.user, pk)
    if row.status not in selecting.MOVABLE:
        return heed(request, "intention") or redirect("treatment:session", pk=row.pk)
    rules, now = policy.load(), clock.now()
    kept = selecting.preparation_of(row)
    initial = {"ticked": kept.ticked, "intention": kept.intention} if kept else {}
    form = PrepareForm(request.POST if request.method == "POST" else None, texts=texts_of(row, rules), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.prepare_session(session=row, by=request.user, now=now, **form.cleaned_data)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            there = heed(request, "intention")
        else:
            there = help_first(request, kept.intention) if kept.intention != initial.get("intention", "") else None
            if there is None:
                _say_saved(request, len(preparation.missing(kept.ticked)))
        return there or redirect("treatment:session", pk=row.pk)
    heed(request, "intention")
    supply = selectors.supply_of(row.prescription)
    context = {
        "form": form,
        "session": row,
        "zone": row.zone,
        "invitation": selectors.live_invitation(row),
        "medicine": supply.sessions_at_home >= 1,
        "units": row.units,
        "product": row.prescription.product,
        "place": row.place or row.patient.address,
    }
    return render(request, "treatment/prepare.html", context, status=422 if request.method == "POST" else 200)


def _say_saved(request: PatientRequest, left: int) -> None:
    if not left:
        messages.success(request, _("Saved. Everything on your list is ready."))
        return
    words = ngettext("Saved. %(left)s thing is still open.", "Saved. %(left)s things are still open.", left)
    messages.success(request, words % {"left": left})


@require_safe
@patient_only
def ready(request: PatientRequest) -> HttpResponse:
    """Where the reminders lead, by an address that says nothing: the list, the session of today, or home."""
    session = selectors.next_session(request.patient)
    if session is None or session.status not in selecting.MOVABLE:
        return redirect("portal:home")
    today = clock.today(session.zone, clock.now())
    if (
        session.status == SessionStatus.SCHEDULED
        and preparation.is_due(session.local_day, today)
        and today < session.local_day
    ):
        return redirect("treatment:prepare", pk=session.pk)
    return redirect("treatment:session", pk=session.pk)
