"""Which apps bring pages to the staff site. One line for each; the order is the order in which addresses are tried."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, path

from harmoniously.portal.access_reviews import views as access_reviews
from harmoniously.portal.figures import views as figures
from harmoniously.portal.practice import views as setup
from harmoniously.portal.staff_pages import (
    audit_views,
    break_glass_views,
    patient_views,
    people_views,
    recovery_views,
)
from harmoniously.portal.system import views as system

MODULES = (
    "telemedicine.work.staff_urls",
    "telemedicine.reviews.staff_urls",
    "telemedicine.refills.staff_urls",
    "telemedicine.staff_urls",
    "intake.staff_urls",
    "treatment.staff_urls",
    "harmoniously.core.alerts.staff_urls",
    "billing.staff_urls",
)

urlpatterns = [
    path("patients/", patient_views.patients, name="patients"),
    path("patients/register/", people_views.register, name="register_patient"),
    path("patients/<uuid:pk>/", patient_views.patient, name="patient"),
    path("patients/<uuid:pk>/invite/", people_views.invite, name="invite_patient"),
    path("patients/<uuid:pk>/contact/", people_views.correct_contact, name="correct_contact"),
    path("patients/<uuid:pk>/contact/email/", people_views.new_address, name="new_address"),
    path("patients/<uuid:pk>/recovery/", recovery_views.recover, name="recovery"),
    path("patients/<uuid:pk>/recovery/agree/", recovery_views.agree, name="recovery_agree"),
    path("patients/<uuid:pk>/recovery/call-off/", recovery_views.call_off, name="recovery_call_off"),
    path("break-glass/", break_glass_views.start, name="break_glass"),
    path("break-glass/<uuid:pk>/", break_glass_views.opened, name="break_glass_open"),
    path("break-glass/<uuid:pk>/end/", break_glass_views.end, name="break_glass_end"),
    path("audit/", audit_views.trail, name="audit_trail"),
    path("audit/export/", audit_views.export, name="audit_export"),
    path("audit/check/", audit_views.check, name="audit_check"),
    path("access-reviews/", access_reviews.reviews, name="access_reviews"),
    path("access-reviews/<uuid:pk>/", access_reviews.review, name="access_review"),
    path("access-reviews/<uuid:pk>/done/", access_reviews.finish, name="access_review_finish"),
    path("setup/", setup.setup, name="setup"),
    path("setup/states/", setup.states_served, name="setup_states"),
    path("setup/prices/", setup.prices, name="setup_prices"),
    path("setup/agreements/", setup.agreements, name="setup_agreements"),
    path("setup/policies/", setup.policies, name="setup_policies"),
    path("setup/messages/", setup.message_texts, name="setup_messages"),
    path("system/", system.health, name="system_health"),
    path("practice/", figures.practice, name="practice"),
    path("practice/export/", figures.export, name="practice_export"),
]


def app_patterns() -> list[URLPattern]:
    """Every staff page of every app that has some."""
    found = [*urlpatterns]
    for name in MODULES:
        if find_spec(name):
            found += import_module(name).urlpatterns
    return found
