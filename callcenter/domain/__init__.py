"""The pure heart: words, events, state and the reducer. No Django, no I/O, no clock."""
