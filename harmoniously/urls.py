"""Every address of the product. All need a signed-in account unless the view says otherwise."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from harmoniously.portal import health, staff


def _present(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    return [path(prefix, include(module))] if find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    *_present("", "harmoniously.portal.urls"),
    *_present("intake/", "intake.urls"),
    *_present("", "treatment.urls"),  # /treatment/… and the sitters' /s/<token>/
    *_present("", "telemedicine.urls"),  # /visits/… and /messages/
    *_present("billing/", "billing.urls"),
    *_present("webhooks/twilio/", "harmoniously.core.notifications.urls"),
    *_present("texts/", "harmoniously.core.notifications.page_urls"),
    path("admin/", staff.site.urls),
    path("accounts/", include("allauth.urls")),
]
if "harmoniously.nonprod" in settings.INSTALLED_APPS:
    urlpatterns += _present("demo/", "harmoniously.nonprod.urls")
