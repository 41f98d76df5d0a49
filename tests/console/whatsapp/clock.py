"""The moment in which these stories are told: one for all, however long the tests before them took."""

from datetime import UTC, datetime

NOW = datetime.now(UTC)
