"""The runner: keeps the connections that we open alive, relays their frames into ingest, and carries commands back."""
