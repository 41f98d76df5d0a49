"""The Pinecall service for tests: the one behind ``manage.py simulate``, on a free port of the loopback."""

from callcenter.providers.simulator.services.pinecall import PinecallService, serve_pinecall
from callcenter.providers.simulator.services.pinecall_conduct import Conduct

__all__ = ["Conduct", "PinecallService", "serve_pinecall"]
