"""Every address of the product. All need a signed-in account unless the view says otherwise."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from harmoniously.portal import health, staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("", include("harmoniously.portal.urls")),
    path("intake/", include("intake.urls")),
    path("", include("treatment.urls")),  # /treatment/… and the sitters' /s/<token>/
    path("", include("telemedicine.urls")),  # /visits/… and /messages/
    path("billing/", include("billing.urls")),
    path("safety-plan/", include("harmoniously.core.alerts.page_urls")),
    path("texts/", include("harmoniously.core.notifications.page_urls")),
    path("webhooks/twilio/", include("harmoniously.core.notifications.urls")),
    path("admin/", staff.site.urls),
    path("accounts/", include("allauth.urls")),
]
if "harmoniously.nonprod" in settings.INSTALLED_APPS:
    urlpatterns.append(path("demo/", include("harmoniously.nonprod.urls")))
