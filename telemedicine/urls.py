"""The patient's addresses for visits and messages."""

from django.urls import path

from telemedicine.conversation import views as messages
from telemedicine.notes import views as notes
from telemedicine.referrals import views as referrals
from telemedicine.reviews import views as reviews
from telemedicine.views import answer, booking, calls, feed, guests, visits, waiting

app_name = "telemedicine"
urlpatterns = [
    # /visits/
    path("visits/", visits.visit_list, name="visits"),
    path("visits/book/", booking.choose, name="book"),
    path("visits/decision/", reviews.decision, name="decision"),
    path("visits/devices/", calls.devices, name="devices"),
    # /visits/notes/<note>/…
    path("visits/notes/<uuid:pk>/", notes.note, name="note"),
    path("visits/notes/<uuid:pk>/pdf/", notes.pdf, name="note_pdf"),
    path("visits/waiting/<slug:kind>/", waiting.wait, name="waiting"),
    # /visits/<visit>/…
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/confirm/", booking.confirm, name="confirm"),
    path("visits/<uuid:pk>/booked/", booking.booked, name="booked"),
    path("visits/<uuid:pk>/move/", booking.move, name="move"),
    path("visits/<uuid:pk>/move/confirm/", booking.confirm_move, name="confirm_move"),
    path("visits/<uuid:pk>/cancel/", booking.cancel, name="cancel"),
    path("visits/<uuid:pk>/join/", visits.join, name="join"),
    path("visits/<uuid:pk>/call/", calls.call, name="call"),
    path("visits/<uuid:pk>/call/state/", calls.call_state, name="call_state"),
    path("visits/<uuid:pk>/call/join/", calls.call_join, name="call_join"),
    path("visits/<uuid:pk>/call/send/", calls.call_send, name="call_send"),
    path("visits/<uuid:pk>/call/phone/", calls.call_phone, name="call_phone"),
    path("visits/<uuid:pk>/guest/", guests.guest, name="guest"),
    path("visits/<uuid:pk>/calendar.ics", visits.calendar, name="calendar"),
    # /v/<token>/: the private link of a reminder, without signing in
    path("v/<str:token>/", answer.answer, name="answer"),
    # /g/<token>/: the private link of the one person invited to a visit, without signing in
    path("g/<str:token>/", guests.room, name="guest_room"),
    path("g/<str:token>/state/", guests.state, name="guest_state"),
    path("g/<str:token>/join/", guests.join, name="guest_join"),
    path("g/<str:token>/send/", guests.send, name="guest_send"),
    path("g/<str:token>/leave/", guests.leave, name="guest_leave"),
    path("g/<str:token>/left/", guests.left, name="guest_left"),
    # /calendar/<token>/visits.ics: a clinician's own calendar program, without signing in
    path("calendar/<str:token>/visits.ics", feed.feed, name="feed"),
    # /referrals/
    path("referrals/", referrals.referrals, name="referrals"),
    path("referrals/<uuid:pk>/", referrals.referral, name="referral"),
    path("referrals/<uuid:pk>/take-back/", referrals.take_back, name="referral_take_back"),
    path("referrals/<uuid:pk>/letter/", referrals.letter, name="referral_letter"),
    # /messages/
    path("messages/", messages.threads, name="messages"),
    path("messages/new/", messages.new, name="message_new"),
    path("messages/sent/", messages.sent, name="messages_sent"),
    path("messages/<uuid:pk>/", messages.thread, name="message_thread"),
    path("messages/<uuid:pk>/help/", messages.help_first, name="message_help"),
    path("messages/files/<uuid:pk>/", messages.file, name="message_file"),
]
