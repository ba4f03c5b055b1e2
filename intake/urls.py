"""Addresses of the intake. A page is named by its number, so that no address says what is asked."""

from django.urls import path

from intake import agreement_views, amend_views, entry_views, page_views, referral_views, views
from intake.requests import paper_views, request_views

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
    path("other-care/", referral_views.other_care, name="other_care"),
    # /intake/papers/, /intake/asked/
    path("papers/", paper_views.index, name="papers"),
    path("papers/add/<slug:slug>/", paper_views.add, name="paper_add"),
    path("papers/<uuid:pk>/", paper_views.download, name="paper"),
    path("papers/<uuid:pk>/replace/", paper_views.replace, name="paper_replace"),
    path("papers/<uuid:pk>/remove/", paper_views.remove, name="paper_remove"),
    path("asked/", request_views.index, name="asked"),
    path("asked/<uuid:pk>/", request_views.one, name="asked_one"),
    # /intake/agreements/…
    path("agreements/", agreement_views.agreements, name="agreements"),
    path("agreements/questions/<int:number>/", agreement_views.question, name="agreement_question"),
    path("agreements/sign/", agreement_views.sign, name="agreement_sign"),
    path("agreements/<slug:kind>/", agreement_views.agreement, name="agreement"),
    # /intake/questions/<number>/
    path("questions/<slug:slug>/", page_views.page, name="page"),
    path("questions/<slug:slug>/add/", entry_views.add, name="add"),
    path("questions/<slug:slug>/<uuid:entry>/", entry_views.change, name="entry"),
    path("questions/<slug:slug>/<uuid:entry>/remove/", entry_views.remove, name="remove"),
]
