"""The real clients, in the real runner, against the played providers: one line for each kind of connection."""
