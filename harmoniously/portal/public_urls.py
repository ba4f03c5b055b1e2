"""Addresses that need no account (included by portal.urls, in its namespace)."""

from django.urls import path

from harmoniously.portal import public_views as views

urlpatterns = [
    path("", views.welcome, name="welcome"),
    path("how-it-works/", views.how, name="how"),
    path("prices/", views.prices, name="prices"),
    path("safety/", views.safety, name="safety"),
    path("crisis/", views.crisis, name="crisis"),
    path("privacy/", views.privacy, name="privacy"),
    path("theme/", views.choose_theme, name="theme"),
    path("language/", views.choose_language, name="language"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
