"""Pages of the console. A call's id may hold anything, slashes included."""

from django.urls import path

from callcenter.console import recordings, views

urlpatterns = [
    path("", views.floor, name="floor"),
    path("calls/", views.history, name="history"),
    path("calls/<path:call_uuid>/recordings/<str:recording>/", recordings.recording, name="recording"),
    path("calls/<path:call_uuid>/", views.call, name="call"),
]
