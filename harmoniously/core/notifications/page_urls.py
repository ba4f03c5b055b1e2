"""The patient's own page about text messages, below /texts/."""

from django.urls import path

from harmoniously.core.notifications import page_views

app_name = "texts"
urlpatterns = [
    path("", page_views.texts, name="settings"),
    path("stop/", page_views.stop_texts, name="stop"),
]
