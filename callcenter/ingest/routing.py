"""Socket addresses of the providers' side."""

from django.urls import path

from callcenter.ingest.consumer import IngestConsumer

ingest_urlpatterns = [path("ws/ingest/<slug:connection>/", IngestConsumer.as_asgi())]
