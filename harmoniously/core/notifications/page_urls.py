"""The patient's own page about reminders and text messages, below /texts/."""

from django.urls import path

from harmoniously.core.notifications import page_views

app_name = "texts"
urlpatterns = [
    path("", page_views.texts, name="settings"),
    path("reminders/", page_views.switch_reminders, name="reminders"),
    path("stop/", page_views.stop_texts, name="stop"),
]
