"""Outbound connections to Pinecall: ``direct`` owns agents, ``stream`` and ``observer`` only listen. No Django here."""
