"""Staff addresses of alerts, safety holds and follow-ups; the staff site includes them in its namespace `admin`."""

from django.urls import path

from harmoniously.core.alerts import duty_views, follow_up_views, hold_views, plan_views, staff_views, work_views

urlpatterns = [
    path("alerts/", staff_views.alerts, name="alerts"),
    path("alerts/<uuid:pk>/", staff_views.alert_detail, name="alert_detail"),
    path("alerts/<uuid:pk>/acknowledge/", staff_views.acknowledge_alert, name="acknowledge_alert"),
    path("alerts/<uuid:pk>/resolve/", staff_views.resolve_alert, name="resolve_alert"),
    path("alerts/<uuid:pk>/contact/", staff_views.record_contact, name="alert_contact"),
    path("alerts/<uuid:pk>/take-over/", staff_views.take_over_alert, name="take_over_alert"),
    path("on-call/", duty_views.on_call, name="on_call"),
    path("on-call/accept/", duty_views.accept, name="accept_duty"),
    path("on-call/week/", duty_views.enter_week, name="enter_duty_week"),
    path("on-call/exception/", duty_views.enter_exception, name="enter_duty_exception"),
    path("on-call/<uuid:entry>/remove/", duty_views.remove, name="remove_duty"),
    path("on-call/times/", duty_views.alert_times, name="alert_times"),
    path("holds/<uuid:pk>/", hold_views.safety_hold, name="safety_hold"),
    path("patients/<uuid:patient_id>/safety-plan/", plan_views.staff_plan, name="safety_plan"),
    path("worklist/", work_views.worklist, name="worklist"),
    path("worklist/together/", work_views.do_together, name="worklist_together"),
    path("worklist/undo/", work_views.undo, name="worklist_undo"),
    path("worklist/<uuid:pk>/claim/", follow_up_views.follow_up_claim, name="follow_up_claim"),
    path("worklist/<uuid:pk>/close/", follow_up_views.follow_up_close, name="follow_up_close"),
    path("worklist/<uuid:pk>/assign/", follow_up_views.follow_up_assign, name="follow_up_assign"),
    path("worklist/<uuid:pk>/put-off/", follow_up_views.follow_up_snooze, name="follow_up_snooze"),
    path("worklist/<uuid:pk>/bring-back/", follow_up_views.follow_up_wake, name="follow_up_wake"),
    path("worklist/<uuid:pk>/contact/", follow_up_views.follow_up_contact, name="follow_up_contact"),
    path("worklist/<uuid:pk>/remind/", follow_up_views.follow_up_remind, name="follow_up_remind"),
]
