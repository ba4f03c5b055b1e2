"""Addresses of the intake. A page is named by its number, so that no address says what is asked."""

from django.urls import path

from intake import amend_views, entry_views, page_views, views

app_name = "intake"
urlpatterns = [
    # /intake/
    path("", views.overview, name="start"),
    path("begin/", views.begin, name="begin"),
    path("check/", views.check, name="check"),
    path("result/", views.outcome, name="outcome"),
    path("change/", amend_views.amend, name="amend"),
    path("help-now/", views.crisis, name="crisis"),
    path("help-now/call-me/", views.call_me, name="call_me"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    # /intake/questions/<number>/
    path("questions/<slug:slug>/", page_views.page, name="page"),
    path("questions/<slug:slug>/add/", entry_views.add, name="add"),
    path("questions/<slug:slug>/<uuid:entry>/", entry_views.change, name="entry"),
    path("questions/<slug:slug>/<uuid:entry>/remove/", entry_views.remove, name="remove"),
]
