"""Typed, frozen events of both providers and of the console itself."""
