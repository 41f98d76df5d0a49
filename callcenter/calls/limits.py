"""The limits of silence, from the settings."""

from django.conf import settings

from callcenter.domain.limits import Limits


def limits() -> Limits:
    """Read when asked, so that tests may change them."""
    return Limits(
        stale_s=settings.STALE_AFTER_S,
        voice_max_s=settings.VOICE_MAX_DURATION_S,
        voice_grace_s=settings.VOICE_GRACE_S,
        chat_idle_s=settings.CHAT_IDLE_LIMIT_S,
        unanswered_s=settings.UNANSWERED_AFTER_S,
    )
