"""The patient's messages."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.switching import was_switched
from telemedicine import selectors
from telemedicine.forms import MessageForm
from telemedicine.services import messages as services

PAGE = 30


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: PatientRequest) -> HttpResponse:
    """The thread, newest last, and a box to write in."""
    now = clock.now()
    patient = request.patient
    form = MessageForm(request.POST or None)
    status = 200
    if request.method == "POST" and not was_switched(request, form):
        status = 422
        if form.is_valid():
            try:
                services.send(patient=patient, by=patient.user, now=now, **form.cleaned_data)
                return redirect("telemedicine:messages")
            except RuleViolation as refused:
                form.add_error("body", refused.message)
    page = Paginator(selectors.thread(patient).reverse(), PAGE).get_page(request.GET.get("page"))
    # The rows are read before they are marked, so that what is new shows as new.
    rows = list(page.object_list)[::-1]
    services.open_thread(patient=patient, by=patient.user, now=now)
    context = {"patient": patient, "form": form, "page": page, "rows": rows, "clinic_phone": settings.CLINIC_PHONE}
    context["carries"] = "message"
    return render(request, "telemedicine/messages.html", context, status=status)
