"""The roof: public pages, the patient's home, the staff site."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from harmoniously.portal import home_views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("home/", home_views.home, name="home"),
]
if find_spec("harmoniously.portal.public_urls"):
    urlpatterns.append(path("", include("harmoniously.portal.public_urls")))
