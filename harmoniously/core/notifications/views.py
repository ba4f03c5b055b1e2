"""Webhooks of the text-message provider: signed, or nothing happens."""

from uuid import UUID
from xml.sax.saxutils import escape

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from harmoniously.core.common import clock
from harmoniously.core.notifications import reports
from harmoniously.core.notifications.twilio_gateway import signed_by_twilio


def _genuine(request: HttpRequest) -> bool:
    return signed_by_twilio(request.get_full_path(), request.POST.dict(), request.headers.get("X-Twilio-Signature", ""))


@csrf_exempt
@login_not_required
@require_POST
def status(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """A delivery report. Always 204 when genuine: a repeated or late one is no fault of the provider."""
    if not _genuine(request):
        return HttpResponseForbidden()
    reports.take_report(
        notification_id=notification_id,
        provider_sid=request.POST.get("MessageSid", "")[:64],
        status=request.POST.get("MessageStatus", "")[:16],
        error_code=request.POST.get("ErrorCode", "")[:16],
        now=clock.now(),
    )
    return HttpResponse(status=204)


@csrf_exempt
@login_not_required
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent to us; the answer, if any, goes back as TwiML."""
    if not _genuine(request):
        return HttpResponseForbidden()
    answer = reports.take_text(
        provider_sid=request.POST.get("MessageSid", "")[:64],
        sender=request.POST.get("From", "")[:32],
        body=request.POST.get("Body", "")[:1600],
        now=clock.now(),
    )
    words = f"<Message>{escape(answer.text)}</Message>" if answer.text else ""
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{words}</Response>', content_type="application/xml"
    )
