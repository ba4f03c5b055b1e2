"""The prescriber's queue, and whose hands each thing in it is in; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from telemedicine.work import staff_views

urlpatterns = [
    path("queue/", staff_views.review_queue, name="review_queue"),
    path("queue/next/", staff_views.next_line, name="next_line"),
    path("queue/previous/", staff_views.previous_line, name="previous_line"),
    path("queue/<str:kind>/<uuid:pk>/", staff_views.work_item, name="work_item"),
    path("queue/<str:kind>/<uuid:pk>/claim/", staff_views.claim_work, name="claim_work"),
    path("queue/<str:kind>/<uuid:pk>/release/", staff_views.release_work, name="release_work"),
]
