"""The roof: public pages, the patient's home, the way to the payment."""

from django.urls import include, path

from harmoniously.portal import (
    account_views,
    agreement_views,
    check_views,
    home_views,
    invitation_views,
    recovery_views,
)

app_name = "portal"
urlpatterns = [
    path("", include("harmoniously.portal.public_urls")),
    path("check/", check_views.check, name="check"),
    path("home/", home_views.home, name="home"),
    path("i/<str:token>/", invitation_views.invitation, name="invitation"),
    path("r/<str:token>/", recovery_views.recover, name="recovery"),
    path("r/<str:token>/stop/", recovery_views.stop, name="recovery_stop"),
    path("account/", account_views.account, name="account"),
    path("account/zone/", account_views.zone, name="zone"),
    path("evaluation/", home_views.evaluation, name="evaluation"),
    path("agreements/<slug:kind>/take-back/", agreement_views.take_back, name="take_back"),
]
