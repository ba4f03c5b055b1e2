"""People on the telephone: register somebody, send the invitation anew, correct how somebody is reached."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from allauth.account.internal.flows.email_verification import consume_email_verification_rate_limit
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.accounts.selectors import closed_states, prescribers_in
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal.people import contact, invitations, registering
from harmoniously.portal.people.forms import ContactForm, RegisterForm, in_words
from intake.policy import load_policy

registering_people = staff_with(Permission.REGISTER_PATIENTS)
# Which field a refusal of the services stands at.
FIELD_OF = {"under_age": "date_of_birth", "taken": "email", "proof": "proof"}


# /admin/patients/register/


@registering_people
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: StaffRequest) -> HttpResponse:
    """Somebody new: the record, the account that waits for them, and the invitation."""
    form = RegisterForm(request.POST or None, initial={"form_token": uuid4()})
    if request.method != "POST":
        return _register_page(request, form)
    if not form.is_valid():
        return _register_page(request, form, status=422)
    now, person, token = clock.now(), form.person(), form.cleaned_data["form_token"]
    # A second click on the same form is no twin of the first one.
    if not form.cleaned_data["is_new"] and registering.made_with(token, request.user) is None:
        known = registering.perhaps_known(person)
        if known:
            keys = [str(row.pk) for row in known]
            audit.record(actor=request.user, action="patients.compared", now=now, shown=keys)
            return _register_page(request, form, known=known, status=409)
    try:
        made = registering.register(person=person, token=token, by=request.user, now=now)
    except RuleViolation as error:
        form.add_error(FIELD_OF.get(error.code), error.message)
        return _register_page(request, form, status=409 if isinstance(error, Conflict) else 422)
    words = _("%(name)s is registered. The invitation is on its way to %(email)s and is good for seven days.")
    messages.success(request, words % {"name": made.display_name, "email": made.user.email})
    if made.state in closed_states() or made.state not in load_policy().states_served:
        messages.warning(request, _("No new patients are taken in that state at present. Tell the caller."))
    elif not prescribers_in(made.state, on=clock.today(made.zone, now)):
        messages.warning(request, _("No prescriber is licensed in that state at present. Tell the caller."))
    return redirect("admin:patient", made.pk)


def _register_page(
    request: StaffRequest, form: RegisterForm, *, known: list[Patient] | None = None, status: int = 200
) -> HttpResponse:
    context = {"title": _("Register a patient"), "form": form, "known": known}
    return render(request, "staff/register.html", context, status=status)


# /admin/patients/<patient>/invite/


@registering_people
@require_POST
def invite(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Another invitation; the link before is dead from now on."""
    patient, now = patient_for(request.user, pk, clinical=False), clock.now()
    try:
        made = invitations.send(user=patient.user, by=request.user, now=now)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("admin:patient", patient.pk)
    if made.sent_at < now:
        messages.info(request, _("The invitation went out less than a minute ago. No other one was sent."))
    else:
        words = _("A new invitation is on its way to %(email)s. The link before does not work any more.")
        messages.success(request, words % {"email": patient.user.email})
    return redirect("admin:patient", patient.pk)


# /admin/patients/<patient>/contact/


@registering_people
@require_http_methods(["GET", "HEAD", "POST"])
def correct_contact(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How the patient is called and reached, to be corrected; below, what was corrected before."""
    patient, now = patient_for(request.user, pk, clinical=False), clock.now()
    before = contact.contact_of(patient)
    if request.method != "POST":
        initial = {**before, "seen": contact.standing(patient)}
        return _contact_page(request, patient, ContactForm(initial=initial, before=before))
    form = ContactForm(request.POST, before=before)
    if not form.is_valid():
        return _contact_page(request, patient, form, status=422)
    try:
        done = contact.correct(patient=patient, correction=form.correction(), by=request.user, now=now)
    except Conflict as error:
        return _overtaken(request, patient, form, error)
    except RuleViolation as error:
        if error.code == "same" and contact.waiting_address(patient) is not None:
            return _stands_there(request, patient)
        form.add_error(FIELD_OF.get(error.code), error.message)
        return _contact_page(request, patient, form, status=422)
    if done.told:
        messages.success(request, _("Saved. We tell the patient by e-mail that something in their account changed."))
    else:
        messages.success(request, _("Saved. The account is not open yet, so nobody is told by e-mail."))
    if done.email == "confirm":
        _ask_to_confirm(request, patient)
    elif done.email == "invited":
        messages.info(request, _("A new invitation is on its way to the new address."))
    if done.unlicensed:
        words = ngettext(
            "%(count)s visit ahead is with somebody who has no licence where they live now. Move it on the schedule.",
            "%(count)s visits ahead are with people without a licence where they live now. Move them on the schedule.",
            done.unlicensed,
        )
        messages.warning(request, words % {"count": done.unlicensed})
    return redirect("admin:patient", patient.pk)


def _overtaken(request: StaffRequest, patient: Patient, form: ContactForm, error: Conflict) -> HttpResponse:
    """Keep what was typed beside what stands there now; saving it once more is a choice. A second click has none."""
    fresh = patient_for(request.user, patient.pk, clinical=False)
    there, written, asked = contact.contact_of(fresh), form.correction().values, contact.waiting_address(fresh)
    stands = {**there, "email": asked.email} if asked is not None and asked.email == written["email"] else there
    data = {**form.data.dict(), "seen": contact.standing(fresh)} if isinstance(form.data, QueryDict) else form.data
    again = ContactForm(data, before=there)
    differs = [
        {"label": str(label), "value": in_words(name, there[name])}
        for name, label in contact.FIELDS.items()
        if name in there and stands[name] != written.get(name, "")
    ]
    if not differs:
        return _stands_there(request, patient)
    return _contact_page(request, fresh, again, conflict=error.message, differs=differs, status=409)


def _stands_there(request: StaffRequest, patient: Patient) -> HttpResponse:
    messages.info(request, _("Everything you wrote stands there already, or waits to be confirmed."))
    return redirect("admin:patient", patient.pk)


def _contact_page(
    request: StaffRequest, patient: Patient, form: ContactForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "title": _("Contact data of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "history": [_told(change) for change in contact.history_of(patient)],
        "waiting": contact.waiting_address(patient),
        "recovery_url": reverse("admin:recovery", args=[patient.pk]),
        **more,
    }
    return render(request, "staff/contact.html", context, status=status)


def _told(change: Any) -> dict[str, Any]:
    names = [name for name in contact.FIELDS if name in change.after]
    lines = [
        (contact.FIELDS[name], in_words(name, change.before[name]), in_words(name, change.after[name]))
        for name in names
    ]
    return {"change": change, "lines": lines}


# /admin/patients/<patient>/contact/email/


@registering_people
@require_POST
def new_address(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The new e-mail address that waits: ask it again, or take it back."""
    patient = patient_for(request.user, pk, clinical=False)
    if "take_back" in request.POST:
        contact.take_back_address(patient=patient, by=request.user, now=clock.now())
        messages.success(request, _("Taken back. The address before stays, and the link is dead."))
    elif contact.waiting_address(patient) is None:
        messages.info(request, _("No address waits to be confirmed any more."))
    else:
        _ask_to_confirm(request, patient)
    return redirect("admin:correct_contact", patient.pk)


def _ask_to_confirm(request: StaffRequest, patient: Patient) -> None:
    """Written after the change is saved, in the patient's own language."""
    address = contact.waiting_address(patient)
    if address is None:
        return
    if not consume_email_verification_rate_limit(request, address.email):
        messages.info(request, _("We asked that address a few minutes ago. Give them time to answer, then ask again."))
        return
    with translation.override(languages.of_reader(patient.user)):
        address.send_confirmation(request)
    words = _("We asked %(email)s to confirm. Until then we write to %(before)s.")
    messages.info(request, words % {"email": address.email, "before": patient.user.email})
