"""What every template may say about the practice."""

from django.conf import settings
from django.http import HttpRequest


def practice(request: HttpRequest) -> dict[str, object]:
    """The clinic's name and phone number, and whether this is a demonstration."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "support_email": settings.SUPPORT_EMAIL,
        "is_demo": not settings.PRODUCTION,
        "theme": request.COOKIES.get("theme", "") if request.COOKIES.get("theme") in {"light", "dark"} else "",
    }
