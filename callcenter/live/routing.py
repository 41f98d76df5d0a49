"""Socket addresses of the browsers' side."""

from django.urls import path

from callcenter.live.consumer import FeedConsumer

browser_urlpatterns = [path("ws/feed/", FeedConsumer.as_asgi())]
