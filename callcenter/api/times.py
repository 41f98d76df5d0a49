"""How the API writes a moment: RFC 3339, UTC, milliseconds, ``Z``."""

from datetime import UTC, datetime

from callcenter.journal.times import moment


def rfc3339(at: datetime | None) -> str | None:
    """None stays None."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rfc3339_epoch(seconds: float | None) -> str | None:
    """The same from epoch seconds; None for what no calendar holds."""
    return rfc3339(moment(seconds))
