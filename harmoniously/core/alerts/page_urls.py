"""The patient's own safety plan, at /safety-plan/."""

from django.urls import path

from harmoniously.core.alerts import plan_views

app_name = "alerts"
urlpatterns = [path("", plan_views.own_plan, name="safety_plan")]
