"""Which consumer answers which socket path."""

from callcenter.ingest.routing import ingest_urlpatterns
from callcenter.live.routing import browser_urlpatterns

__all__ = ["browser_urlpatterns", "ingest_urlpatterns"]
