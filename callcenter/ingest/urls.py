"""HTTP addresses of the providers' side."""

from django.urls import path

from callcenter.ingest import views

urlpatterns = [
    path("ingest/<slug:connection>/", views.frames, name="ingest"),
    path("ingest/<slug:connection>/recordings/<path:call_uuid>/", views.recording, name="ingest-recording"),
    path("ingest/<slug:connection>/history/<path:call_uuid>/", views.history, name="ingest-history"),
]
