"""Epoch seconds in the domain, aware datetimes in the database, without losing a microsecond between them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_000.0
CLOCKS_S = 5.0  # how far the provider's clock and ours may be apart


def epoch(moment: datetime) -> float:
    """Seconds since 1970 as float."""
    return (moment - _EPOCH).total_seconds()


def moment(seconds: float | None) -> datetime | None:
    """The datetime in UTC, to the microsecond; None stays None, and what no calendar holds becomes None."""
    if seconds is None or not 0 <= seconds < _LAST:
        return None
    return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
