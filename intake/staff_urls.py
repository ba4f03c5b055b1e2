"""Staff pages of the intake, in the namespace `admin`."""

from django.urls import path

from intake import agreement_staff_views
from intake.requests import staff_identity, staff_views

urlpatterns = [
    # /admin/papers/<uuid>/
    path("papers/<uuid:pk>/", staff_views.paper, name="paper"),
    path("papers/<uuid:pk>/judge/", staff_views.judge_paper, name="judge_paper"),
    path("papers/<uuid:pk>/identity/", staff_identity.identity_check, name="identity_check"),
    path("papers/<uuid:pk>/identity/photo/", staff_identity.identity_photo, name="identity_photo"),
    path("patients/<uuid:patient_id>/agreements/", agreement_staff_views.agreements, name="agreements"),
    path("signed/<uuid:pk>/", agreement_staff_views.paper, name="signed_paper"),
]
