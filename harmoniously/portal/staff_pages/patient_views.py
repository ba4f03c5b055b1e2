"""Who the patients are and what is arranged with them: never an answer, a finding or a note."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.lookup.rules import LONGEST, Sought, read
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import door
from harmoniously.core.common import clock
from harmoniously.portal.dashboard import zone_of
from harmoniously.portal.people import invitations
from harmoniously.portal.staff_pages import patient_selectors, searches
from treatment.selecting.refill_words import staff_words
from treatment.selecting.refills import next_supply
from treatment.selectors import sessions_of

PAGE = 50


class LookupForm(forms.Form):
    """The one box. It is posted, so that what is typed stands in no address and in no log."""

    typed = forms.CharField(
        label=gettext_lazy("Find a patient"),
        help_text=gettext_lazy(
            "Name, birth date, phone, e-mail address or record number, and several of them at once: Robin 3/4/1985."
        ),
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": gettext_lazy("Type a name, a birth date, a number or an address.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        sought = read(typed, today=self.today)
        if sought.unread:
            raise forms.ValidationError(
                _("Type a whole birth date, such as 3/4/1985, or at least the last four digits of a phone number."),
                "unread",
            )
        if not sought.is_anchored:
            raise forms.ValidationError(
                _("Type at least one whole name. A single letter fits too many people."), "short"
            )
        return typed


@staff_with()
@require_http_methods(["GET", "HEAD", "POST"])
def patients(request: StaffRequest) -> HttpResponse:
    """The patients this person may know of: all for coordinators and administrators, those in care for clinicians."""
    now = clock.now()
    today = clock.today(zone_of(request.user), now)
    if request.method == "POST":
        form = LookupForm(request.POST, today=today)
        if form.is_valid():
            name = searches.keep(request.session, form.cleaned_data["typed"])
            return redirect(f"{reverse('admin:patients')}?{urlencode({'search': name})}")
        return _list(request, form, now, status=422)
    typed = searches.typed(request.session, request.GET.get("search", ""))
    form = LookupForm(initial={"typed": typed}, today=today)
    return _found(request, form, read(typed, today=today), now) if typed else _list(request, form, now)


def _list(request: StaffRequest, form: LookupForm, now: datetime, *, status: int = 200) -> HttpResponse:
    page = Paginator(patient_selectors.patients_of(request.user, now), PAGE).get_page(request.GET.get("page"))
    audit.record(actor=request.user, action="patients.listed", now=now, page=page.number)
    return _shown(request, form, {"page": page, "patients": page.object_list}, status=status)


def _found(request: StaffRequest, form: LookupForm, sought: Sought, now: datetime) -> HttpResponse:
    found = patient_selectors.found_by(request.user, sought, now)
    keys = [str(row.pk) for row in found.patients]
    # Names and birth dates of all of them were seen: which records, and by what kind of words, never which words.
    audit.record(actor=request.user, action="patients.searched", now=now, by=sought.kinds, shown=keys, more=found.more)
    context = {"searched": True, "found": found, "patients": found.patients}
    return _shown(request, form, {**context, "alike": patient_selectors.namesakes(found.patients)})


def _shown(request: StaffRequest, form: LookupForm, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    sees_all = can(request.user, Permission.VIEW_PEOPLE)
    more = {
        "title": _("Patients") if sees_all else _("My patients"),
        "form": form,
        "sees_all": sees_all,
        "registers": can(request.user, Permission.REGISTER_PATIENTS),
        "opens_case": can(request.user, Permission.REVIEW_CASES),
        "opens_in_emergency": can(request.user, Permission.VIEW_CLINICAL),
    }
    return render(request, "staff/patients.html", {**more, **context}, status=status)


@staff_with()
@require_safe
def patient(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One patient: how to reach them, their visits, what a coordinator still has to do."""
    now = clock.now()
    found = door(request.user, patient_selectors.with_way_back(now), pk, clinical=False)
    follows_up, sees_all = (
        can(request.user, permission) for permission in (Permission.WORK_FOLLOW_UPS, Permission.VIEW_PEOPLE)
    )
    # The door lets clinicians through only with their own patients, so that what is clinical may stand here.
    clinical = can(request.user, Permission.VIEW_CLINICAL)
    sessions = list(sessions_of(found).order_by("starts_at"))
    supply = next_supply(found, now, sessions=sessions, with_request=False)
    chart, due = patient_selectors.phase_of(found, supply.prescription, sessions, now) if clinical else (None, "")
    context = {
        "title": found.display_name,
        "clinical": clinical,
        "prescriptions": patient_selectors.orders_of(found) if clinical else [],
        "sessions": sessions[: -patient_selectors.SHOWN - 1 : -1] if clinical else [],
        # Only where it stands and since when: no dose, no quantity (for coordinators too).
        "refill": staff_words(supply),
        "chart": chart,
        "due": due,
        "prescribes": can(request.user, Permission.PRESCRIBE),
        "patient": found,
        "visits": patient_selectors.visits_of(found),
        "follow_ups": patient_selectors.follow_ups_of(found) if follows_up else None,
        "team": patient_selectors.team_of(found, now),
        "opens_case": can(request.user, Permission.REVIEW_CASES),
        "arranges": can(request.user, Permission.MANAGE_SCHEDULE),
        "registers": can(request.user, Permission.REGISTER_PATIENTS),
        "sees_all": sees_all,
        "invitation": invitations.waiting_for(found.user, now),
        "writes": follows_up or can(request.user, Permission.VIEW_CLINICAL),
        "now": now,
    }
    return render(request, "staff/patient.html", context)
