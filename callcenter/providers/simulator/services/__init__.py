"""The simulator in the guise of the providers: real servers that the real clients connect to."""
