"""Addresses of a patient's money, and of the provider's deliveries."""

from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("", views.bills, name="bills"),
    path("charges/<uuid:pk>/", views.charge, name="charge"),
    path("charges/<uuid:pk>/pay/", views.pay, name="pay"),
    path("charges/<uuid:pk>/leave/", views.leave, name="leave"),
    path("charges/<uuid:pk>/returned/", views.returned, name="returned"),
    path("charges/<uuid:pk>/turned-back/", views.turned_back, name="turned_back"),
    path("webhooks/<slug:gateway_name>/", views.webhook, name="webhook"),
]
