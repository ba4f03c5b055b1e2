"""The patient's own page about reminders of visits, and about text messages: agree, or stop them."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import addresses, consents, opt_outs, reminders_off
from harmoniously.core.notifications.models import Channel

SOURCE = "portal"


class AgreeForm(forms.Form):
    """A box of its own that nobody has ticked beforehand."""

    agree = forms.BooleanField(
        label=gettext_lazy("Yes, send me reminders by text message"),
        error_messages={"required": gettext_lazy("Tick the box if you want texts. You can also leave this page.")},
    )


@patient_only
@require_http_methods(["GET", "POST"])
def texts(request: PatientRequest) -> HttpResponse:
    """Which reminders come, whether texts are sent, to which number, and the way to change that."""
    form = AgreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            consents.agree(patient=request.patient, source=SOURCE, by=request.user, now=clock.now())
        except RuleViolation as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("You will get reminders by text."))
        return redirect("texts:settings")
    return _page(request, form, status=422 if request.method == "POST" else 200)


def _page(request: PatientRequest, form: AgreeForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    number = addresses.e164(request.patient.phone)
    context = {
        "form": form,
        "problem": problem,
        "number": number,
        "agreed_at": request.patient.sms_consent_at,
        "stopped": bool(number) and opt_outs.is_opted_out(number),
        "reminded": reminders_off.reminded(request.patient),
        "zone": request.patient.zone,
    }
    return render(request, "notifications/texts.html", context, status=status)


@patient_only
@require_POST
def switch_reminders(request: PatientRequest) -> HttpResponse:
    """Reminders of visits on one channel, on or off."""
    channel, on = request.POST.get("channel", ""), request.POST.get("turn", "")
    if channel not in Channel.values or on not in {"on", "off"}:
        return _page(request, AgreeForm(), problem=_("Use one of the buttons."), status=422)
    now = clock.now()
    reminders_off.switch(patient=request.patient, channel=channel, on=on == "on", by=request.user, now=now)
    messages.success(request, _("Saved. It counts at once, also for visits that are booked already."))
    return redirect("texts:settings")


@patient_only
@require_POST
def stop_texts(request: PatientRequest) -> HttpResponse:
    """Stop them at once."""
    consents.withdraw(patient=request.patient, source=SOURCE, by=request.user, now=clock.now())
    messages.success(request, _("You will get no more texts. E-mails go on as before."))
    return redirect("texts:settings")
