"""Addresses of the WhatsApp desk."""

from django.urls import path

from callcenter.console.whatsapp import actions, views

urlpatterns = [
    path("", views.threads, name="whatsapp"),
    path("<int:thread>/", views.thread, name="whatsapp-thread"),
    path("<int:thread>/take/", actions.take, name="whatsapp-take"),
    path("<int:thread>/hand-back/", actions.back, name="whatsapp-hand-back"),
    path("<int:thread>/give/", views.giving, name="whatsapp-giving"),
    path("<int:thread>/reassign/", actions.give, name="whatsapp-reassign"),
    path("<int:thread>/undo/", actions.take_back, name="whatsapp-undo"),
    path("<int:thread>/pause/", actions.pause, name="whatsapp-pause"),
    path("<int:thread>/resume/", actions.resume, name="whatsapp-resume"),
    path("<int:thread>/send/", actions.send, name="whatsapp-send"),
    path("<int:thread>/cancel/<uuid:command>/", actions.cancel, name="whatsapp-cancel"),
    path("<int:thread>/note/", actions.note, name="whatsapp-note"),
    path("<int:thread>/draft/", actions.draft, name="whatsapp-draft"),
    path("<int:thread>/seen/", actions.seen, name="whatsapp-seen"),
    path("<int:thread>/presence/", actions.present, name="whatsapp-presence"),
]
