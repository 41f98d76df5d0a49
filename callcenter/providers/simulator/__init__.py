"""Both providers, played: scripts, timing, wire forms, faults and the client. No database, no Django."""
