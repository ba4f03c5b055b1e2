"""Waiting for an earlier time: the patient's page, one for each kind of visit."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.forms import CardCheckboxSelectMultiple, CardRadioSelect
from harmoniously.core.common.states import STATE_CHOICES
from telemedicine import selectors, waiting_list
from telemedicine.models import WaitingWish
from telemedicine.models.appointment import Kind
from telemedicine.rules.slots import VisitKind
from telemedicine.services import waiting
from telemedicine.services.earlier import take_offered

PARTS = {"any": (time(0), time(23, 59)), "morning": (time(0), time(12)), "afternoon": (time(12), time(23, 59))}
DAYS = [(str(number), WEEKDAYS[number]) for number in range(7)]


class WishForm(forms.Form):
    """What would suit. Nothing chosen means any day."""

    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("Days that suit you"),
        help_text=gettext_lazy("Choose none if any day is fine."),
        choices=DAYS,
        required=False,
        widget=CardCheckboxSelectMultiple(inline=True),
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Time of day, on your clock"),
        choices=[
            ("any", gettext_lazy("Any time")),
            ("morning", gettext_lazy("Before noon")),
            ("afternoon", gettext_lazy("From noon")),
        ],
        initial="any",
        widget=CardRadioSelect(inline=True),
        error_messages={"required": gettext_lazy("Choose a time of day.")},
    )
    clinician: "forms.ModelChoiceField[Clinician]" = forms.ModelChoiceField(
        label=gettext_lazy("With"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Whoever is free first"),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Where will you be during the visit?"),
        help_text=gettext_lazy("Your clinician must be licensed in that state."),
        choices=STATE_CHOICES,
        error_messages={"required": gettext_lazy("Choose the state.")},
    )

    def __init__(self, *args: Any, patient: Patient, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = selectors.clinicians_of(patient, now)
        field = self.fields["clinician"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = own

    def wanted(self) -> dict[str, Any]:
        """The wish as the service takes it."""
        starts, ends = PARTS[self.cleaned_data["part"]]
        days = [int(day) for day in self.cleaned_data["weekdays"]]
        wanted = {name: self.cleaned_data[name] for name in ("clinician", "state")}
        return {**wanted, "weekdays": days, "starts": starts, "ends": ends}


# /visits/waiting/<kind>/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: PatientRequest, kind: str) -> HttpResponse:
    """What is offered, where one stands, what was asked for; and the forms to ask, take, refuse and leave."""
    if kind not in Kind.values:
        raise Http404
    if request.method != "POST":
        return _page(request, kind)
    now, patient, act = clock.now(), request.patient, request.POST.get("do", "")
    form = None
    try:
        if act == "leave":
            waiting.leave(patient=patient, kind=kind, by=patient.user, now=now)
            messages.info(request, _("You wait no longer. Your booked visits stay as they are."))
            return redirect("telemedicine:visits")
        if act in {"take", "decline"}:
            return _answered(request, kind, act, now)
        form = WishForm(request.POST, patient=patient, now=now)
        if not form.is_valid():
            return _page(request, kind, form=form, status=422)
        waiting.ask(patient=patient, kind=kind, **form.wanted(), by=patient.user, now=now)
    except RuleViolation as refused:
        return _page(request, kind, form=form, problem=refused, status=409 if isinstance(refused, Conflict) else 422)
    messages.success(request, _("We write to you when a time comes free."))
    return redirect("telemedicine:waiting", kind)


def _answered(request: PatientRequest, kind: str, act: str, now: datetime) -> HttpResponse:
    patient = request.patient
    offer = waiting_list.offer_made(patient, kind, request.POST.get("offer", ""))
    if offer is None or (act == "decline" and offer != waiting_list.offer_to(patient, kind, now)):
        raise Conflict(_("This time is no longer kept for you."), "not_kept")
    if act == "decline":
        waiting.decline(offer=offer, by=patient.user, now=now)
        messages.info(request, _("It goes to the next person. You go on waiting."))
        return redirect("telemedicine:waiting", kind)
    visit = take_offered(offer=offer, by=patient.user, now=now)
    return redirect("telemedicine:booked", visit.pk)


def _page(
    request: PatientRequest,
    kind: str,
    *,
    form: WishForm | None = None,
    problem: RuleViolation | None = None,
    status: int = 200,
) -> HttpResponse:
    now, patient = clock.now(), request.patient
    wish = waiting_list.wish_of(patient, kind)
    if wish is None and not waiting_list.may_wait(patient, VisitKind(kind), now) and problem is None:
        return redirect("telemedicine:book")
    own_page(request, "waiting")
    offer = waiting_list.offer_to(patient, kind, now) if wish else None  # only a wish is offered a time
    have = waiting_list.booked_of(patient, kind, now)
    there = request.GET.get("state", "") or (have.state if have else "") or patient.state
    context = {
        "patient": patient,
        "kind": kind,
        "kind_words": Kind(kind).label,
        "wish": wish,
        "place": waiting_list.place_of(wish) if wish else 0,
        "offer": offer,
        "gone": waiting_list.gone_offer(wish, now) if wish and not offer else None,
        "have": have,
        "form": form or WishForm(initial=_initial(wish) if wish else {"state": there}, patient=patient, now=now),
        "problem": problem.message if problem else "",
    }
    return render(request, "telemedicine/waiting.html", context, status=status)


def _initial(wish: WaitingWish) -> dict[str, Any]:
    part = next((name for name, hours in PARTS.items() if hours == (wish.starts, wish.ends)), "any")
    days = [str(day) for day in wish.weekdays]
    return {"weekdays": days, "part": part, "clinician": wish.clinician_id, "state": wish.place}
