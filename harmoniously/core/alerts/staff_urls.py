"""Staff addresses of alerts, safety holds and follow-ups; the staff site includes them in its namespace `admin`."""

from django.urls import path

from harmoniously.core.alerts import plan_views, staff_views

urlpatterns = [
    path("alerts/", staff_views.alerts, name="alerts"),
    path("alerts/<uuid:pk>/", staff_views.alert_detail, name="alert_detail"),
    path("alerts/<uuid:pk>/acknowledge/", staff_views.acknowledge_alert, name="acknowledge_alert"),
    path("alerts/<uuid:pk>/resolve/", staff_views.resolve_alert, name="resolve_alert"),
    path("alerts/<uuid:pk>/contact/", staff_views.record_contact, name="alert_contact"),
    path("alerts/<uuid:pk>/take-over/", staff_views.take_over_alert, name="take_over_alert"),
    path("holds/<uuid:pk>/", staff_views.safety_hold, name="safety_hold"),
    path("patients/<uuid:patient_id>/safety-plan/", plan_views.staff_plan, name="safety_plan"),
    path("worklist/", staff_views.worklist, name="worklist"),
    path("worklist/<uuid:pk>/claim/", staff_views.follow_up_claim, name="follow_up_claim"),
    path("worklist/<uuid:pk>/close/", staff_views.follow_up_close, name="follow_up_close"),
]
