"""The one place where DOM ids are made: pages and pushes must agree on them to the letter."""

import re
from hashlib import blake2s

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,80}")


def dom_id(kind: str, *parts: object) -> str:
    """An id such as ``row-4b8d0f1e``: safe in CSS selectors whatever the provider's own ids contain."""
    return "-".join([kind, *(_safe(str(part)) for part in parts)])


def _safe(part: str) -> str:
    if _SAFE.fullmatch(part):
        return part
    return "x" + blake2s(part.encode(), digest_size=9).hexdigest()
